/**
 * Intake: every message of `PAYMENTS` is applied or parked, each subscription's in their order, many side by side, and
 * acknowledged only afterwards (architecture.md, Write path 1).
 *
 * @module
 */
import { purgeAcked, type Broker } from '@perennial/broker';
import type { EventStore } from '@perennial/event-store';
import type { ConsumerMessages } from 'nats';
import type { Clock } from '../clock/clock.ts';
import type { CommandService } from '../command-handling/command-service.ts';
import { PaymentDesk, type ReferenceLookup } from '../payments/payment-desk.ts';
import { createPaymentStreams } from '../payments/payment-streams.ts';
import { backoffMs, pause, transientBackoff } from '../retry/backoff.ts';
import { classifyFailure, failureCode, failureMessage } from '../retry/classify-failure.ts';
import { silentLogger, type Logger } from '../role/logger.ts';
import { noMetrics, type Metrics } from '../role/metrics.ts';
import type { Role } from '../role/role.ts';
import { startRole, type RoleLifecycle } from '../role/start-role.ts';
import { intakeConsumer, intakeInfo, isSuperseded, takeOver, type OwnedConsumer } from './intake-consumer.ts';
import { PaymentLanes } from './payment-lanes.ts';
import { paymentsSettled, type PaymentsSettledOptions } from './payments-settled.ts';

/** Options of {@link startIntake}. */
export type IntakeOptions = {
  readonly broker: Broker;
  readonly store: EventStore;
  readonly commands: Pick<CommandService, 'applyFact' | 'execute' | 'load'>;
  readonly clock: Clock;
  /** Finds subscriptions by a provider's reference, so that their payments need no matching. */
  readonly lookup?: ReferenceLookup;
  readonly log?: Logger;
  readonly metrics?: Metrics;
  /** Payments handled side by side, each of another lane; default 128. */
  readonly inFlightCountMax?: number;
  /** Payments taken from the broker and not yet acknowledged; default 256. */
  readonly unackedCountMax?: number;
  /** How long the broker waits for a sign of life of a payment; default 30 s. */
  readonly ackWaitMs?: number;
  /** How long nobody may ask for payments before an intake that was superseded takes over; default 10 s. */
  readonly takeOverAfterMs?: number;
  /** How often it is checked that no other process has taken over; default 1 s. */
  readonly ownershipCheckMs?: number;
  /** How long stopping waits for payments in flight; default 20 s. */
  readonly drainMs?: number;
  /** How often handled payments older than 30 days are purged; default 1 h. */
  readonly purgeIntervalMs?: number;
};

/** Intake, with its barrier. */
export type Intake = Role & {
  /** Resolves when every payment stored at the time of the call has been applied or parked. */
  settled(options?: PaymentsSettledOptions): Promise<void>;
};

/** Starts intake. The newest one that starts takes over; the others stand by until it is gone. */
export function startIntake(options: IntakeOptions): Intake {
  const role = startRole('intake', (lifecycle) => new IntakeRun(options, lifecycle).run());
  return { ...role, settled: (settle) => paymentsSettled(options.broker, settle) };
}

class IntakeRun {
  readonly #options: IntakeOptions;
  readonly #lifecycle: RoleLifecycle;
  readonly #log: Logger;
  readonly #lanes: PaymentLanes;
  #fatal: Error | undefined;
  #messages: ConsumerMessages | undefined;

  constructor(options: IntakeOptions, lifecycle: RoleLifecycle) {
    const { clock, metrics = noMetrics, commands, broker, lookup } = options;
    const streams = createPaymentStreams({ store: options.store, clock, metrics });
    this.#options = options;
    this.#lifecycle = lifecycle;
    this.#log = options.log ?? silentLogger;
    this.#lanes = new PaymentLanes({
      broker,
      clock,
      desk: new PaymentDesk({ streams, commands, clock, metrics, ...(lookup === undefined ? {} : { lookup }) }),
      log: this.#log,
      metrics,
      inFlightCountMax: options.inFlightCountMax ?? 128,
      ackWaitMs: options.ackWaitMs ?? 30_000,
      lifecycle,
      onFatal: (error) => this.#stopFor(error),
    });
  }

  async run(): Promise<void> {
    const { signal } = this.#lifecycle;
    const purging = this.#purgeRegularly();
    signal.addEventListener('abort', () => this.#messages?.stop());
    let failureCount = 0;
    while (!signal.aborted && !this.#fatal) {
      try {
        await this.#lanes.refreshParked();
        const { unackedCountMax = 256, ackWaitMs = 30_000 } = this.#options;
        const owned = await takeOver(this.#options.broker, { unackedCountMax, ackWaitMs });
        this.#lifecycle.running();
        failureCount = 0;
        if (!(await this.#consume(owned))) await this.#standBy();
      } catch (error) {
        if (classifyFailure(error) === 'fatal') this.#stopFor(error);
        failureCount += 1;
        this.#log.warn({ code: failureCode(error) }, `intake: ${failureMessage(error)}`);
        this.#lifecycle.failing(failureMessage(error));
        await pause(backoffMs(failureCount, transientBackoff), signal);
      }
    }
    await this.#lanes.drained(this.#options.drainMs ?? 20_000);
    await purging;
    if (this.#fatal) throw this.#fatal;
  }

  /**
   * Takes messages until it is told to stop, or the consumer is gone. Answers whether to take over again at once: a broker
   * that was away may have lost acknowledgements, and would wait for them before it delivers those payments again.
   */
  async #consume(owned: OwnedConsumer): Promise<boolean> {
    const { signal } = this.#lifecycle;
    if (signal.aborted) return false;
    let reconnected = false;
    const messages = await owned.consumer.consume({
      max_messages: this.#options.unackedCountMax ?? 256,
      expires: 5_000,
      idle_heartbeat: 1_000,
      abort_on_missing_resource: true,
    });
    this.#messages = messages;
    const stopListening = this.#options.broker.onStatus(({ type }) => {
      if (type !== 'reconnected') return;
      reconnected = true;
      messages.stop();
    });
    const ended = new AbortController();
    const watching = this.#watch(owned, messages, ended.signal);
    try {
      for await (const message of messages) {
        // What comes after the stop stays unacknowledged: the next owner gets it.
        if (!signal.aborted && !this.#fatal) this.#lanes.accept(message);
      }
    } catch (error) {
      this.#log.info({ code: failureCode(error) }, `intake: the consumer ended: ${failureMessage(error)}`);
    } finally {
      stopListening();
      messages.stop();
      ended.abort();
    }
    await watching;
    return reconnected;
  }

  /**
   * Stops taking messages once another process has made the consumer anew. The broker says so only to requests that are
   * open at that moment; a later one would quietly share the consumer, and with it the order.
   */
  async #watch(owned: OwnedConsumer, messages: ConsumerMessages, signal: AbortSignal): Promise<void> {
    const { broker, ownershipCheckMs = 1_000 } = this.#options;
    while (!signal.aborted) {
      try {
        if (await isSuperseded(broker, owned)) messages.stop();
      } catch (error) {
        this.#log.debug({ code: failureCode(error) }, `intake: the consumer was not seen: ${failureMessage(error)}`);
      }
      await pause(ownershipCheckMs, signal);
    }
  }

  /** Another intake has taken over: waits until nobody asks for payments any more. */
  async #standBy(): Promise<void> {
    const { signal } = this.#lifecycle;
    const takeOverAfterMs = this.#options.takeOverAfterMs ?? 10_000;
    const pollMs = Math.max(50, takeOverAfterMs / 10);
    let [idleMs, missingCount] = [0, 0];
    while (!signal.aborted && !this.#fatal && idleMs < takeOverAfterMs) {
      const info = await intakeInfo(this.#options.broker);
      // Missing once, it is just being made anew; missing again, it was deleted, or the stream was.
      missingCount = info ? 0 : missingCount + 1;
      if (missingCount > 1) return;
      idleMs = info?.num_waiting === 0 ? idleMs + pollMs : 0;
      this.#lifecycle.running('standby: another process runs intake');
      await pause(pollMs, signal);
    }
  }

  async #purgeRegularly(): Promise<void> {
    const { signal } = this.#lifecycle;
    const { broker, purgeIntervalMs = 3_600_000 } = this.#options;
    for (;;) {
      await pause(purgeIntervalMs, signal);
      if (signal.aborted) return;
      try {
        // The broker's messages carry real time, whatever clock the decisions look at.
        const { purged } = await purgeAcked(broker, { consumer: intakeConsumer, now: new Date() });
        if (purged > 0) this.#log.info({ purged }, 'intake: purged handled payments older than 30 days');
      } catch (error) {
        this.#log.warn(
          { code: failureCode(error) },
          `intake: handled payments were not purged: ${failureMessage(error)}`,
        );
      }
    }
  }

  #stopFor(error: unknown): void {
    this.#fatal ??= error instanceof Error ? error : new Error(failureMessage(error));
    this.#messages?.stop();
  }
}
