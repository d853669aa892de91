/**
 * A Perennial of the demo's own: a temporary data directory, free ports, a virtual clock.
 *
 * @module
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { CliError } from '../cli-error.ts';

/** How the server is started. */
export type OwnServerOptions = {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Told of every line that the start prints. */
  readonly onLine: (line: string) => void;
  /** Ends the waiting. */
  readonly signal: AbortSignal;
};

/** A server of the demo's own. */
export type OwnServer = {
  readonly url: string;
  readonly pid: number;
  /** Holds its data and its log. */
  readonly directory: string;
  readonly dataDirectory: string;
  readonly stripeSecret: string;
  /** Lets it run on when the demo ends. */
  keep(): void;
  /** Stops it and removes the directory. */
  stop(): Promise<void>;
};

/** The first value of the demo's clock. */
export const ownClockStart = '2027-01-01T00:00:00.000Z';

const entry = fileURLToPath(new URL('../../main.js', import.meta.url));
// A first start may have to fetch a broker.
const readyWaitMs = 300_000;
const pollMs = 100;

// What would lead it to engines, data or settings of somebody else.
const foreign =
  /^(PERENNIAL_.*|HOST|PORT|EVENTSTORE_URL|NATS_URL|NATS_CREDS|NATS_TLS_CA|DATABASE_URL|STRIPE_WEBHOOK_SECRET|LOG_LEVEL)$/;

/** Starts it and answers when it is ready. @throws CliError DEMO_START_FAILED with what it printed */
export async function startOwnServer(options: OwnServerOptions): Promise<OwnServer> {
  const directory = mkdtempSync(join(tmpdir(), 'perennial-demo-'));
  const dataDirectory = join(directory, 'data');
  const log = join(directory, 'perennial.log');
  const stripeSecret = `whsec_${randomBytes(24).toString('base64url')}`;
  let child: ChildProcess | undefined;
  const stop = async (): Promise<void> => {
    if (child !== undefined) await end(child);
    letGo();
    rmSync(directory, { recursive: true, force: true });
  };
  // Before there is a process, so that no signal can come between.
  const letGo = stopWithUs(stop);
  child = spawnServer(log, {
    ...withoutForeign(options.env),
    PORT: '0',
    PERENNIAL_DATA: dataDirectory,
    PERENNIAL_CLOCK: ownClockStart,
    STRIPE_WEBHOOK_SECRET: stripeSecret,
    LOG_LEVEL: 'warn',
  });
  const { pid = 0 } = child;
  try {
    const url = await ready(child, log, options);
    const keep = (): void => {
      letGo();
      child?.unref();
    };
    return { url, pid, directory, dataDirectory, stripeSecret, keep, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A signal that ends the demo must not leave its server behind; answers how to undo this. */
function stopWithUs(stop: () => Promise<void>): () => void {
  const onTerminate = (): void => void stop().finally(() => process.exit(143));
  // The first one ends the run in order, which stops the server; more of them change nothing.
  const onInterrupt = (): void => undefined;
  process.on('SIGTERM', onTerminate).on('SIGHUP', onTerminate).on('SIGINT', onInterrupt);
  return () => void process.off('SIGTERM', onTerminate).off('SIGHUP', onTerminate).off('SIGINT', onInterrupt);
}

/** It writes to a file, not to us, so that it can outlive the demo. */
function spawnServer(log: string, env: NodeJS.ProcessEnv): ChildProcess {
  const output = openSync(log, 'a');
  // A process group of its own: Ctrl-C reaches the demo alone, which then stops the server in order.
  const child = spawn(process.execPath, ['--enable-source-maps', entry], {
    detached: true,
    stdio: ['ignore', output, output],
    env,
  });
  closeSync(output);
  return child;
}

async function ready(child: ChildProcess, log: string, { onLine, signal }: OwnServerOptions): Promise<string> {
  const deadline = performance.now() + readyWaitMs;
  let shownCount = 0;
  for (;;) {
    const text = readFileSync(log, 'utf8');
    // Only whole lines.
    const lines = text.split('\n').slice(0, -1);
    for (const line of lines.slice(shownCount)) onLine(line);
    shownCount = lines.length;
    const url = /^perennial ready (\S+)/m.exec(text)?.[1];
    if (url !== undefined) return url;
    if (hasEnded(child)) throw startFailed(`ended with ${child.signalCode ?? child.exitCode}`, text);
    if (performance.now() > deadline) throw startFailed(`was not ready after ${readyWaitMs} ms`, text);
    if (signal.aborted) throw startFailed('was interrupted', text);
    await delay(pollMs);
  }
}

function startFailed(what: string, text: string): CliError {
  const last = text.trimEnd().split('\n').slice(-5);
  return new CliError('DEMO_START_FAILED', `The demo's own server ${what}.`, [...last, 'Run "perennial doctor".']);
}

async function end(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return;
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  await exited;
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

function withoutForeign(env: OwnServerOptions['env']): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !foreign.test(name)));
}
