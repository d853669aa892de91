import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Pool } from 'pg';
import type { Announcement, SystemUnderLoad } from '../end-to-end/system.ts';
import type { Closers } from '../engines/closers.ts';
import type { Database } from '../engines/start-database.ts';
import { startNats } from '../engines/start-nats.ts';
import { committedSubject, type Committed, type FromEmmett, type ToEmmett } from './messages.ts';

const entry = fileURLToPath(new URL('./main.js', import.meta.url));

/** Starts Emmett in a process of its own, on a nats-server and a database that it shares with nobody. */
export async function startEmmett(
  closers: Closers,
  options: { readonly directory: string; readonly database: Database; readonly inFlightCountMax: number },
): Promise<SystemUnderLoad> {
  const { directory, database, inFlightCountMax } = options;
  const databaseUrl = database.url;
  const { server, broker } = closers.add(await startNats(join(directory, 'nats')), (nats) => nats.stop());
  const reader = closers.add(new Pool({ connectionString: databaseUrl, max: 4 }), (pool) => pool.end());
  // As Perennial starts the process that makes its read models.
  const child = closers.add(fork(entry, { execArgv: ['--max-semi-space-size=64'] }), stopChild);
  const ask = conversation(child);
  await ask({ kind: 'start', natsUrl: server.url, databaseUrl, inFlightCountMax });

  const versionOf = async ({ tenant, subscriptionId }: Announcement): Promise<number> => {
    const { rows } = await reader.query<{ revision: string; body: unknown }>(
      'select revision, body from bench_subscriptions where tenant = $1 and subscription_id = $2',
      [tenant, subscriptionId],
    );
    return Number(rows[0]?.revision ?? -1);
  };
  return {
    name: 'emmett-postgres',
    broker,
    open: (subscriptions) => ask({ kind: 'open', subscriptions }),
    versionsOf: async (tenant) => {
      const { rows } = await reader.query<{ id: string; revision: string }>(
        'select subscription_id as id, revision, body from bench_subscriptions where tenant = $1',
        [tenant],
      );
      return new Map(rows.map(({ id, revision }) => [id, Number(revision)]));
    },
    readAnnounced: versionOf,
    onAnnounced: (listener) => {
      const subscription = broker.connection.subscribe(committedSubject, {
        callback: (_error, message) => listener(message.json<Committed>()),
      });
      return () => subscription.unsubscribe();
    },
    processes: () => ({ emmett: child.pid ?? 0, 'nats-server': server.pid, postgres: database.pid }),
  };
}

/** Asks the child one thing at a time; a failure that it reports ends the waiting. */
function conversation(child: ChildProcess): (message: ToEmmett) => Promise<void> {
  return (message) =>
    new Promise((resolve, reject) => {
      const settle = (answer: FromEmmett): void => {
        child.off('exit', ended);
        if (answer.kind === 'failed') reject(new Error(`Emmett's process failed: ${answer.message}`));
        else resolve();
      };
      const ended = (code: number | null): void => {
        child.off('message', settle);
        reject(new Error(`Emmett's process ended with ${code}`));
      };
      child.once('message', settle);
      child.once('exit', ended);
      child.send(message, (error) => (error ? reject(error) : undefined));
    });
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise((resolve) => child.once('exit', resolve));
  child.send({ kind: 'stop' } satisfies ToEmmett);
  const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await exited;
  clearTimeout(timer);
}
