import { setTimeout as delay } from 'node:timers/promises';
import type { Progress } from './progress.ts';
import { RestartBudget } from './restarts.ts';

/** An embedded engine as its launcher answers it. */
export type RunningEngine = {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  readonly exited: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  stop(): Promise<void>;
};

/** How to keep an engine running. */
export type KeptEngineOptions<E extends RunningEngine> = {
  readonly name: string;
  /** Starts it; `port` is the former one after a restart, so that clients find it again. */
  readonly start: (port: number | undefined) => Promise<E>;
  readonly progress: Progress;
  readonly onSpawn: (pid: number) => void;
  readonly onFatal: (error: Error) => void;
};

/** An embedded engine that is started again, on its former port, whenever it dies. */
export class KeptEngine<E extends RunningEngine> {
  readonly #options: KeptEngineOptions<E>;
  readonly #budget = new RestartBudget();
  #engine: E | undefined;
  #stopping = false;
  #restarting: Promise<void> = Promise.resolve();

  constructor(options: KeptEngineOptions<E>) {
    this.#options = options;
  }

  /** Starts the engine for the first time; a fault here is the caller's. */
  async start(): Promise<E> {
    const engine = await this.#options.start(undefined);
    this.#watch(engine);
    return engine;
  }

  /** Stops it in order. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#restarting;
    await this.#engine?.stop();
  }

  #watch(engine: E): void {
    this.#engine = engine;
    this.#options.onSpawn(engine.pid);
    void this.#restartAfter(engine);
  }

  async #restartAfter({ exited, port }: E): Promise<void> {
    const { code, signal } = await exited;
    if (!this.#stopping) this.#restarting = this.#restart(signal ?? `code ${code}`, port);
  }

  async #restart(how: string, port: number): Promise<void> {
    for (let reason = how; !this.#stopping;) {
      const delayMs = this.#budget.spend(performance.now());
      if (delayMs === undefined) {
        this.#options.onFatal(new Error(`the ${this.#options.name} keeps ending (${reason})`));
        return;
      }
      this.#options.progress.warn(`the ${this.#options.name} ended with ${reason}; restarting it`);
      await delay(delayMs);
      try {
        this.#watch(await this.#options.start(port));
        return;
      } catch (error) {
        reason = error instanceof Error ? error.message : String(error);
      }
    }
  }
}
