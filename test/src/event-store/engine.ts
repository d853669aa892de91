import { startEventStore, type RunningEventStore } from '@perennial/embedded';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** An engine that can be killed and started again on the same data and port. */
export type Engine = {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** SIGKILL, as a crash; resolves when the process is gone. */
  crash(): Promise<void>;
  /** A proper stop: open calls end as cancelled. */
  stop(): Promise<void>;
  /** Starts again after `crash` or `stop`, at the same port. */
  restart(): Promise<void>;
  /** Stops for good and removes the data. */
  remove(): Promise<void>;
};

/** Starts an engine on fresh data. */
export async function startEngine(): Promise<Engine> {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'perennial-store-'));
  let running: RunningEventStore = await startEventStore({ dataDirectory });
  const { url, port } = running;
  return {
    url,
    port,
    get pid() {
      return running.pid;
    },
    async crash() {
      running.kill();
      await running.exited;
    },
    stop: () => running.stop(),
    async restart() {
      running = await startEventStore({ dataDirectory, port });
    },
    async remove() {
      await running.stop();
      rmSync(dataDirectory, { recursive: true, force: true });
    },
  };
}
