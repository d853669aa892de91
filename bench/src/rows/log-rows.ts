import { join } from 'node:path';
import { verifyLog } from '@perennial/audit';
import { ensureTopology, lastMessage, streams, type Broker } from '@perennial/broker';
import { findPostgres, openPglite, startTemporaryPostgres } from '@perennial/embedded';
import { startRelay } from '@perennial/handlers';
import { openSql, startProjections, type Sql } from '@perennial/projections';
import { setTimeout as delay } from 'node:timers/promises';
import { closingAll, type Closers } from '../engines/closers.ts';
import { startNats } from '../engines/start-nats.ts';
import { caches, inTemporaryDirectory } from '../engines/workspace.ts';
import type { Row } from '../report/report.ts';
import { fillLog, type FilledLog } from './log.ts';
import { rowFrom } from './measured.ts';
import type { Scale } from './scale.ts';

const waitMs = 300_000;
const pollMs = 5;

/** What reads the log: reading alone, the relay into `EVENTS`, and rebuilding the read models into each database. */
export function logRows(scale: Scale): Promise<Row[]> {
  return inTemporaryDirectory('log', (directory) =>
    closingAll(async (closers) => {
      const log = await fillLog(closers, directory, scale.logEventCount);
      const { broker } = closers.add(await startNats(join(directory, 'nats')), (nats) => nats.stop());
      const read = row('log.read', await rate(log, () => readWholeLog(log)), undefined);
      return [
        read,
        row('audit.verify', await rate(log, () => verifyWholeLog(log)), read),
        row('relay', await rate(log, () => relayAll(log, broker)), read),
        ...(await rebuildRows(directory, { log, broker, read })),
      ];
    }),
  );
}

function row(id: string, perSecond: number, limit: Row | undefined, durable = false): Row {
  return rowFrom({ id, system: 'perennial', durable, limit }, { perSecond, latenciesMs: [] });
}

async function rate({ eventCount }: FilledLog, work: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await work();
  return (eventCount * 1_000) / (performance.now() - began);
}

async function readWholeLog({ store, eventCount }: FilledLog): Promise<void> {
  let count = 0;
  for await (const item of store.readAll()) if (item.kind === 'event') count += 1;
  // One more: the log's own first event.
  if (count !== eventCount + 1) throw new Error(`${count} events were read, ${eventCount + 1} are in the log`);
}

/** Every chain recomputed from the stored bytes, and the root over them. */
async function verifyWholeLog({ store, logId, eventCount }: FilledLog): Promise<void> {
  const verdict = await verifyLog(store.readAllRaw(), { logId });
  if (!verdict.ok || verdict.events !== eventCount + 1) throw new Error('the log does not verify');
}

async function relayAll({ store, logId, lastPosition }: FilledLog, broker: Broker): Promise<void> {
  const relay = startRelay({ broker, store, logId, ensureStreams: () => ensureTopology(broker) });
  try {
    await until('the relay to reach the end of the log', async () => {
      const { message } = await lastMessage(broker, streams.events);
      const position = message?.headers?.get('Esdb-Position') ?? '';
      return position !== '' && BigInt(position) >= lastPosition;
    });
  } finally {
    await relay.stop();
  }
}

type Rebuild = { readonly log: FilledLog; readonly broker: Broker; readonly read: Row };

async function rebuildRows(directory: string, rebuild: Rebuild): Promise<Row[]> {
  const { log, read } = rebuild;
  const measure = async (id: string, durable: boolean, open: (closers: Closers) => Promise<Sql>): Promise<Row> =>
    closingAll(async (closers) => {
      const sql = closers.add(await open(closers), (it) => it.close());
      return row(id, await rate(log, () => project(sql, rebuild)), read, durable);
    });
  const rows = [
    await measure('rebuild.pglite', false, async (closers) => {
      const dataDirectory = join(directory, 'pglite');
      const opened = await openPglite({ dataDirectory, seedDirectory: caches.pgliteSeed });
      return openSql({ pglite: closers.add(opened, (it) => it.close()).database });
    }),
  ];
  const installation = await findPostgres();
  if (installation === undefined) return rows;
  const postgres = await measure('rebuild', true, async (closers) => {
    const started = await startTemporaryPostgres({ directory: join(directory, 'postgres'), installation });
    return openSql({ databaseUrl: closers.add(started, (it) => it.stop()).url });
  });
  return [postgres, ...rows];
}

/** An empty database is filled from the log, which is what a rebuild does. */
async function project(sql: Sql, { log, broker }: Rebuild): Promise<void> {
  const projections = startProjections({ sql, broker, store: log.store });
  try {
    await projections.waitFor(log.lastPosition, waitMs);
  } finally {
    await projections.stop();
  }
}

async function until(what: string, check: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + waitMs;
  while (!(await check())) {
    if (performance.now() > deadline) throw new Error(`waited in vain for ${what}`);
    await delay(pollMs);
  }
}
