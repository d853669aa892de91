/**
 * The process manager between payments and subscriptions: claims a waiting payment for its subscription at an exact
 * revision of the payment's stream, gives it to the subscription, and notes that it was applied. The claim is the whole
 * state: what is claimed and not yet applied is driven on at the next start (architecture.md, Write path 2).
 *
 * @module
 */
import type { EventStore } from '@perennial/event-store';
import type { Clock } from '../clock/clock.ts';
import type { CommandService } from '../command-handling/command-service.ts';
import { createLanes } from '../lanes/lanes.ts';
import { PaymentDesk } from '../payments/payment-desk.ts';
import { createPaymentStreams } from '../payments/payment-streams.ts';
import { createWakeUp } from '../retry/wake-up.ts';
import { classifyFailure, failureCode, failureMessage } from '../retry/classify-failure.ts';
import { silentLogger, type Logger } from '../role/logger.ts';
import { noMetrics, type Metrics } from '../role/metrics.ts';
import type { Role } from '../role/role.ts';
import { startRole, type RoleLifecycle } from '../role/start-role.ts';
import type { ReadModelProgress } from '../timers/due-deadlines.ts';
import type { MatchablePayment, MatchablePayments } from './matchable-payments.ts';

/** Options of {@link startMatcher}. */
export type MatcherOptions = {
  readonly pairs: MatchablePayments;
  readonly store: EventStore;
  readonly commands: Pick<CommandService, 'applyFact' | 'execute' | 'load'>;
  readonly clock: Clock;
  /** Wakes the matcher, and lets `settle` wait until the read side has seen everything. */
  readonly progress?: ReadModelProgress;
  readonly log?: Logger;
  readonly metrics?: Metrics;
  /** Pairs asked for at a time; default 200. */
  readonly batchCountMax?: number;
  /** How often it looks when nothing wakes it; default 5 s. */
  readonly pollIntervalMs?: number;
  /** How long `settle` waits for the read side; default 30 s. */
  readonly progressTimeoutMs?: number;
};

/** The matcher, with its barrier. */
export type Matcher = Role & {
  /** Resolves when nothing that can be matched is left; answers how many payments that took. */
  settle(): Promise<number>;
};

/** Starts the matcher. It may run twice: the second claim changes nothing. */
export function startMatcher(options: MatcherOptions): Matcher {
  const run = new MatcherRun(options);
  return { ...startRole('matcher', (lifecycle) => run.run(lifecycle)), settle: () => run.settle() };
}

class MatcherRun {
  readonly #options: MatcherOptions;
  readonly #desk: PaymentDesk;
  readonly #log: Logger;
  /** One round at a time; inside it pairs of different payments side by side. */
  readonly #rounds = createLanes({ inFlightCountMax: 1, waitingCountMax: 64 });

  constructor(options: MatcherOptions) {
    const { store, clock, commands, metrics = noMetrics } = options;
    this.#options = options;
    this.#log = options.log ?? silentLogger;
    this.#desk = new PaymentDesk({
      streams: createPaymentStreams({ store, clock, metrics }),
      commands,
      clock,
      metrics,
    });
  }

  async run({ signal, running, failing }: RoleLifecycle): Promise<void> {
    const { progress, pollIntervalMs = 5_000 } = this.#options;
    const wakeUp = createWakeUp(signal);
    const stopListening = progress?.onProgress?.(wakeUp.wake);
    running();
    while (!signal.aborted) {
      let matched = 0;
      try {
        matched = await this.#round();
        running();
      } catch (error) {
        if (classifyFailure(error) === 'fatal') throw error;
        failing(failureMessage(error));
        this.#log.warn({ code: failureCode(error) }, `matcher: ${failureMessage(error)}`);
      }
      if (matched === 0) await wakeUp.wait(pollIntervalMs);
    }
    stopListening?.();
    await this.#rounds.idle();
  }

  async settle(): Promise<number> {
    const { store, progress, progressTimeoutMs = 30_000 } = this.#options;
    for (let total = 0; ;) {
      const position = await store.lastPosition();
      if (position !== undefined) await progress?.waitFor(position, progressTimeoutMs);
      const matched = await this.#round();
      if (matched === 0) return total;
      total += matched;
    }
  }

  /** Answers how many payments went on by a step. */
  #round(): Promise<number> {
    const { pairs, batchCountMax = 200 } = this.#options;
    return this.#rounds.run('round', async () => {
      const open = await pairs.openMatches(batchCountMax);
      const driven = await this.#each(open, (pair) => this.#desk.applyMatched(pair.paymentStream, correlationOf(pair)));
      const waiting = await pairs.next(batchCountMax);
      return driven + (await this.#each(waiting, (pair) => this.#match(pair)));
    });
  }

  async #match(pair: MatchablePayment): Promise<number> {
    const { tenant, subscriptionId, paymentStream } = pair;
    const correlationId = correlationOf(pair);
    const decision = await this.#desk.match(
      paymentStream,
      { subscription: { tenant, subscriptionId }, by: 'link' },
      { actor: { type: 'system', id: 'matcher' }, correlationId, causationId: correlationId },
    );
    const applied = await this.#desk.applyMatched(paymentStream, correlationId);
    return decision.kind === 'accepted' ? Math.max(1, applied) : applied;
  }

  async #each(pairs: readonly MatchablePayment[], step: (pair: MatchablePayment) => Promise<number>): Promise<number> {
    const lanes = createLanes({ inFlightCountMax: 16, waitingCountMax: Infinity });
    const counts = await Promise.all(
      pairs.map((pair) => lanes.run(pair.paymentStream, () => this.#tolerating(pair, step))),
    );
    return counts.reduce((sum, count) => sum + count, 0);
  }

  /** One payment that cannot be matched must not keep the others waiting; it is tried again in the next round. */
  async #tolerating(pair: MatchablePayment, step: (pair: MatchablePayment) => Promise<number>): Promise<number> {
    try {
      return await step(pair);
    } catch (error) {
      if (classifyFailure(error) !== 'poison') throw error;
      this.#log.error({ code: failureCode(error), stream: pair.paymentStream }, `matcher: ${failureMessage(error)}`);
      return 0;
    }
  }
}

function correlationOf({ provider, object }: MatchablePayment): string {
  return `${provider}:${object}`;
}
