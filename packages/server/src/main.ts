/**
 * What `npm start` runs once the workspace is installed and built.
 *
 * @module
 */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ConfigurationError, readConfiguration } from './configuration/configuration.ts';
import { printProgress } from './supervisor/progress.ts';
import { supervise, type Running } from './supervisor/supervise.ts';

const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
const drainWaitMs = 20_000;
const stopWaitMs = 30_000;

await main();

async function main(): Promise<void> {
  const progress = printProgress(performance.now(), (line) => console.log(line));
  let running: Promise<Running> | undefined;
  const stopping = new AbortController();
  const end = once(async (exitCode: number) => {
    // Whatever happens while stopping, the process does not stay.
    setTimeout(() => process.exit(1), stopWaitMs).unref();
    stopping.abort();
    await running?.then(
      (started) => started.stop(),
      () => undefined,
    );
    process.exit(exitCode);
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    // A second signal changes nothing: draining is already under way and bounded.
    process.on(signal, () => {
      progress.step('stopping: draining roles and engines');
      void end(0);
    });
  }
  let failed = false;
  const fail = (error: unknown): void => {
    // The same fault arrives from the part that has it and from the start that waits for the part.
    if (!failed) console.error(`perennial: ${describe(error)}`);
    failed = true;
    void end(1);
  };
  try {
    const configuration = readConfiguration(process.env, process.cwd());
    running = supervise({
      configuration,
      env: process.env,
      cacheDirectory: join(root, '.cache'),
      progress,
      onFatal: fail,
      drainWaitMs,
      signal: stopping.signal,
    });
    announce(await running);
  } catch (error) {
    // A start that was told to stop did as it was told.
    if (!stopping.signal.aborted) fail(error);
  }
}

function announce({ url, kinds }: Running): void {
  const engines = `event store: ${kinds.eventStore}, nats: ${kinds.nats}, database: ${kinds.database}`;
  console.log(`perennial ready ${url ?? '(no api role)'} (${engines}) pid=${process.pid}`);
}

/** Code and sentence for what an operator can act on; anything else is a defect and shows where it came from. */
function describe(error: unknown): string {
  if (error instanceof ConfigurationError) return error.message;
  if (error instanceof Error && 'code' in error) return `${String(error.code)}: ${error.message}`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function once(action: (exitCode: number) => Promise<void>): (exitCode: number) => Promise<void> {
  let done: Promise<void> | undefined;
  return (exitCode) => (done ??= action(exitCode));
}
