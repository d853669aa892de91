/**
 * Fires what is due. Timers remember nothing: a due deadline in a subscription's own state is the only condition, and the
 * read side merely says where to look, so that two sweepers, a late one and a restarted one all write the same events
 * (architecture.md, Deciding).
 *
 * @module
 */
import type { Broker } from '@perennial/broker';
import { subscriptionStream, type Instant } from '@perennial/domain';
import type { EventStore } from '@perennial/event-store';
import type { Clock } from '../clock/clock.ts';
import type { CommandService, TickResult } from '../command-handling/command-service.ts';
import { paymentsSettled } from '../intake/payments-settled.ts';
import { createLanes } from '../lanes/lanes.ts';
import { ParkedLanes } from '../parked/parked-lanes.ts';
import { unlessAborted } from '../retry/unless-aborted.ts';
import { createWakeUp } from '../retry/wake-up.ts';
import { classifyFailure, failureCode, failureMessage } from '../retry/classify-failure.ts';
import { silentLogger, type Logger } from '../role/logger.ts';
import { noMetrics, type Metrics } from '../role/metrics.ts';
import type { Role } from '../role/role.ts';
import { startRole, type RoleLifecycle } from '../role/start-role.ts';
import type { DueDeadline, DueDeadlines, ReadModelProgress } from './due-deadlines.ts';

/** Options of {@link startTimers}. */
export type TimersOptions = {
  readonly due: DueDeadlines;
  readonly commands: Pick<CommandService, 'tick'>;
  readonly store: EventStore;
  readonly broker: Broker;
  readonly clock: Clock;
  /** Lets a sweep wait until the read side has seen what the sweep before it wrote. */
  readonly progress?: ReadModelProgress;
  readonly log?: Logger;
  readonly metrics?: Metrics;
  /** Deadlines asked for at a time; default 500. */
  readonly batchCountMax?: number;
  /** Subscriptions ticked side by side; default 32, well below what intake may use: payments go before timers. */
  readonly inFlightCountMax?: number;
  /** Longest wait between two looks; default 1 s. */
  readonly pollIntervalMs?: number;
  /** How long a sweep waits for payments and for the read side; default 30 s. */
  readonly barrierTimeoutMs?: number;
};

/** The timers, with their barrier. */
export type Timers = Role & {
  /**
   * Ticks until nothing that is due at `now` can be done any more, also what those ticks made due. Answers how many
   * deadlines have to wait for payments.
   */
  runUntilNoneDue(now: Instant): Promise<{ readonly ticked: number; readonly waiting: number }>;
};

/** Starts the timers. They may run twice: the second tick finds nothing due. */
export function startTimers(options: TimersOptions): Timers {
  const run = new TimersRun(options);
  return {
    ...startRole('timers', (lifecycle) => run.run(lifecycle)),
    runUntilNoneDue: (now) => run.runUntilNoneDue(now),
  };
}

type Sweep = { readonly ticked: number; readonly waiting: number };

class TimersRun {
  readonly #options: TimersOptions;
  readonly #log: Logger;
  readonly #metrics: Metrics;
  readonly #parked: ParkedLanes;
  readonly #sweeps = createLanes({ inFlightCountMax: 1, waitingCountMax: 64 });

  constructor(options: TimersOptions) {
    this.#options = options;
    this.#log = options.log ?? silentLogger;
    this.#metrics = options.metrics ?? noMetrics;
    this.#parked = new ParkedLanes(options.broker);
  }

  async run({ signal, running, failing }: RoleLifecycle): Promise<void> {
    const { clock, progress } = this.#options;
    const wakeUp = createWakeUp(signal);
    const stopListening = [clock.onAdvance(wakeUp.wake), progress?.onProgress?.(wakeUp.wake)];
    running();
    while (!signal.aborted) {
      try {
        const { ticked, waiting } = await this.#sweep(clock.now(), signal);
        running(waiting === 0 ? undefined : `${waiting} deadlines wait for payments`);
        if (ticked > 0) continue;
      } catch (error) {
        if (classifyFailure(error) === 'fatal') throw error;
        if (signal.aborted) break;
        failing(failureMessage(error));
        this.#log.warn({ code: failureCode(error) }, `timers: ${failureMessage(error)}`);
      }
      await wakeUp.wait(await this.#waitMs());
    }
    for (const stop of stopListening) stop?.();
    await this.#sweeps.idle();
  }

  async runUntilNoneDue(now: Instant): Promise<Sweep> {
    for (let total = 0; ;) {
      const { ticked, waiting } = await this.#sweep(now);
      total += ticked;
      if (ticked === 0) return { ticked: total, waiting };
    }
  }

  /** Until the next deadline where the read side knows it, never longer than the poll interval. */
  async #waitMs(): Promise<number> {
    const { due, clock, pollIntervalMs = 1_000 } = this.#options;
    try {
      const next = clock.virtual ? undefined : await due.nextDue?.();
      return next === undefined ? pollIntervalMs : clampMs(Date.parse(next) - Date.parse(clock.now()), pollIntervalMs);
    } catch (error) {
      this.#log.debug({ code: failureCode(error) }, 'timers: the next deadline is unknown');
      return pollIntervalMs;
    }
  }

  /** One pass over everything that is due, page by page. */
  #sweep(now: Instant, signal?: AbortSignal): Promise<Sweep> {
    const { due, batchCountMax = 500 } = this.#options;
    return this.#sweeps.run('sweep', async () => {
      await this.#readSideCaughtUp(signal);
      let [ticked, waiting] = [0, 0];
      let [after, before]: (DueDeadline | undefined)[] = [];
      for (;;) {
        const page = await due.dueBefore(now, batchCountMax, after);
        const first = page[0];
        // A read side without paging answers the same page again: what it holds was just ticked.
        if (!first || signal?.aborted === true || (before && isSame(first, before))) break;
        before = first;
        const results = await this.#tickAll(page, signal);
        ticked += results.filter((result) => result === 'ticked').length;
        waiting += results.filter((result) => result === 'waiting').length;
        after = page.at(-1);
        if (page.length < batchCountMax) break;
      }
      this.#metrics.gauge('timers_due', waiting);
      return { ticked, waiting };
    });
  }

  async #tickAll(page: readonly DueDeadline[], signal?: AbortSignal): Promise<readonly string[]> {
    const { broker, inFlightCountMax = 32, barrierTimeoutMs = 30_000 } = this.#options;
    // Payments first: what was stored before this tick is handled before it.
    await paymentsSettled(broker, { timeoutMs: barrierTimeoutMs, ...(signal ? { signal } : {}) });
    const lanes = createLanes({ inFlightCountMax, waitingCountMax: Infinity });
    return Promise.all(page.map((deadline) => lanes.run(keyOf(deadline), () => this.#tick(deadline, signal))));
  }

  async #tick(deadline: DueDeadline, signal?: AbortSignal): Promise<'ticked' | 'nothing' | 'waiting'> {
    if (signal?.aborted === true) return 'nothing';
    const { tenant, subscriptionId } = deadline;
    const { commands } = this.#options;
    let result: TickResult = await commands.tick({ tenant, subscriptionId, deletion: 'ask' });
    let waits = false;
    if (result.kind === 'deletion-due') {
      waits = await this.#paymentsPending(tenant, subscriptionId);
      result = await commands.tick({ tenant, subscriptionId, deletion: waits ? 'withheld' : 'cleared' });
    }
    this.#metrics.count('timer_ticks_total', { result: result.kind, kind: deadline.kind });
    if (result.kind === 'ticked') return 'ticked';
    return waits ? 'waiting' : 'nothing';
  }

  /** Whether a payment may still come up that names the subscription: its deletion waits (architecture.md, Deciding). */
  async #paymentsPending(tenant: string, subscriptionId: string): Promise<boolean> {
    await this.#parked.refresh();
    if (await this.#parked.holds(subscriptionStream(tenant, subscriptionId), Infinity)) return true;
    await this.#readSideCaughtUp();
    return this.#options.due.paymentsPending(tenant, subscriptionId);
  }

  async #readSideCaughtUp(signal?: AbortSignal): Promise<void> {
    const { store, progress, barrierTimeoutMs = 30_000 } = this.#options;
    if (!progress) return;
    const position = await store.lastPosition();
    if (position !== undefined) await unlessAborted(progress.waitFor(position, barrierTimeoutMs), signal);
  }
}

function keyOf({ tenant, subscriptionId }: DueDeadline): string {
  return `${tenant}/${subscriptionId}`;
}

function isSame(one: DueDeadline, other: DueDeadline): boolean {
  return one.at === other.at && keyOf(one) === keyOf(other);
}

function clampMs(ms: number, maxMs: number): number {
  return Math.min(maxMs, Math.max(5, ms));
}
