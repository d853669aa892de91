import { streams, type Broker } from '@perennial/broker';
import type { PaymentReading } from '@perennial/domain';
import type { JsMsg } from 'nats';
import type { Clock } from '../clock/clock.ts';
import { createLanes, type Lanes } from '../lanes/lanes.ts';
import { deleteParked } from '../parked/read-parked.ts';
import { parkMessage } from '../parked/park-message.ts';
import { ParkedLanes } from '../parked/parked-lanes.ts';
import { retryHeaders } from '../parked/retry-headers.ts';
import type { Delivery } from '../payments/delivery.ts';
import type { PaymentDesk } from '../payments/payment-desk.ts';
import { backoffMs, pause, transientBackoff } from '../retry/backoff.ts';
import { classifyFailure, failureCode, failureMessage } from '../retry/classify-failure.ts';
import type { Logger } from '../role/logger.ts';
import type { Metrics } from '../role/metrics.ts';
import type { RoleLifecycle } from '../role/start-role.ts';
import { laneOf, readPayments, UnreadablePaymentError } from './translate.ts';

/** Something before it in its lane is parked. */
export class BehindParkedError extends Error {
  override readonly name = 'BehindParkedError';
  readonly code = 'BEHIND_PARKED';
  constructor(lane: string) {
    super(`An earlier payment of ${lane} is parked; retry or discard that one first.`);
  }
}

/** What {@link PaymentLanes} is given. */
export type PaymentLanesOptions = {
  readonly broker: Broker;
  readonly clock: Clock;
  readonly desk: PaymentDesk;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly inFlightCountMax: number;
  readonly ackWaitMs: number;
  readonly lifecycle: RoleLifecycle;
  readonly onFatal: (error: unknown) => void;
};

/** A message on its way. */
type Payment = {
  readonly message: JsMsg;
  readonly headers: Readonly<Record<string, string>>;
  /** Its place among the payments of its lane: a retried one keeps the place it had. */
  readonly order: number;
  /** What it was parked as, when an operator sends it again. */
  readonly retryOf: number | undefined;
};

/** How often the same fault of ours is tried before the payment is parked. */
const poisonAttemptCountMax = 3;

/** Handles payments: one at a time per lane, in order, until each is applied or parked. */
export class PaymentLanes {
  readonly #options: PaymentLanesOptions;
  readonly #lanes: Lanes;
  readonly #parked: ParkedLanes;
  /** Taken and not yet acknowledged: the broker gets a sign of life of each. */
  readonly #unacked = new Set<JsMsg>();
  readonly #heartbeat: NodeJS.Timeout;
  /** Handled, and about to be acknowledged. */
  #done: JsMsg[] = [];
  #failing = 0;

  constructor(options: PaymentLanesOptions) {
    this.#options = options;
    // The broker hands out no more than the consumer's `max_ack_pending`: that is the bound of what waits here.
    this.#lanes = createLanes({ inFlightCountMax: options.inFlightCountMax, waitingCountMax: Infinity });
    this.#parked = new ParkedLanes(options.broker);
    this.#heartbeat = setInterval(() => this.#showLife(), options.ackWaitMs / 3);
    this.#heartbeat.unref();
  }

  refreshParked(): Promise<void> {
    return this.#parked.refresh();
  }

  /** Resolves when nothing is in flight any more, at the latest after `timeoutMs`. */
  async drained(timeoutMs: number): Promise<void> {
    const waited = new AbortController();
    await Promise.race([this.#lanes.idle(), pause(timeoutMs, waited.signal)]);
    waited.abort();
    clearInterval(this.#heartbeat);
    this.#acknowledgeAll();
    this.#unacked.clear();
  }

  /** Puts a message into its lane; a batch into the lane of each of its payments. Never throws. */
  accept(message: JsMsg): void {
    this.#unacked.add(message);
    this.#options.metrics.gauge('intake_in_flight', this.#unacked.size);
    const headers = Object.fromEntries([...(message.headers ?? [])].map(([name, values]) => [name, values[0] ?? '']));
    const retryOf = wholeNumber(headers[retryHeaders.id]);
    const payment = { message, headers, retryOf, order: wholeNumber(headers[retryHeaders.order]) ?? message.seq };
    const readings = readPayments({ headers, data: message.data }, this.#options.clock.now());
    void this.#handleAll(payment, readings);
  }

  async #handleAll(payment: Payment, readings: readonly PaymentReading[]): Promise<void> {
    const began = performance.now();
    const done = await Promise.all(readings.map((reading, index) => this.#enqueue(payment, reading, index)));
    this.#unacked.delete(payment.message);
    // Whatever was left undone because of a stop is delivered again to the next owner.
    if (!done.every(Boolean)) return;
    this.#acknowledge(payment.message);
    this.#options.metrics.observe('payment_seconds', (performance.now() - began) / 1000);
  }

  /** Together at the end of this turn of the event loop: the client would write to its socket for each. */
  #acknowledge(message: JsMsg): void {
    if (this.#done.push(message) === 1) setImmediate(() => this.#acknowledgeAll());
  }

  #acknowledgeAll(): void {
    for (const message of this.#done) message.ack();
    this.#done = [];
  }

  /** Answers whether the payment was applied or parked. */
  #enqueue(payment: Payment, reading: PaymentReading, index: number): Promise<boolean> {
    if (reading.kind === 'unreadable') {
      const error = new UnreadablePaymentError(reading);
      return this.#lanes.run(`unreadable ${payment.message.seq} ${index}`, () =>
        this.#untilDone(payment, undefined, async () =>
          this.#park(payment, index, { lane: undefined, error, attempts: 1 }),
        ),
      );
    }
    const lane = laneOf(reading);
    let [attempts, lastCode] = [0, ''];
    let poison: unknown;
    const handle = async () => {
      if (poison !== undefined) return this.#park(payment, index, { lane, error: poison, attempts });
      if (await this.#parked.holds(lane, payment.order)) {
        return this.#park(payment, index, { lane, error: new BehindParkedError(lane), attempts: 0 });
      }
      try {
        const outcome = await this.#options.desk.receive(reading, deliveryOf(payment));
        this.#options.metrics.count('payments_handled_total', { outcome });
      } catch (error) {
        if (classifyFailure(error) !== 'poison') throw error;
        attempts = failureCode(error) === lastCode ? attempts + 1 : 1;
        lastCode = failureCode(error);
        if (attempts >= poisonAttemptCountMax) poison = error;
        throw error;
      }
      if (payment.retryOf !== undefined) await deleteParked(this.#options.broker, payment.retryOf);
    };
    return this.#lanes.run(lane, () => this.#untilDone(payment, lane, handle));
  }

  /** Repeats in place, so that the lane waits and others flow. Answers false when it was stopped before. */
  async #untilDone(payment: Payment, lane: string | undefined, handle: () => Promise<void>): Promise<boolean> {
    const { lifecycle, metrics, log, onFatal } = this.#options;
    let failed = false;
    try {
      for (let attempt = 1; !lifecycle.signal.aborted; attempt += 1) {
        try {
          await handle();
          return true;
        } catch (error) {
          if (classifyFailure(error) === 'fatal') {
            onFatal(error);
            return false;
          }
          if (!failed) this.#failing += 1;
          failed = true;
          const context = { code: failureCode(error), sequence: payment.message.seq, lane, attempt };
          log.warn(context, `intake: a payment is tried again: ${failureMessage(error)}`);
          metrics.count('payments_retried_total', { code: context.code });
          lifecycle.failing(`${this.#failing} payments are being tried again: ${failureMessage(error)}`);
          await pause(backoffMs(attempt, transientBackoff), lifecycle.signal);
        }
      }
      return false;
    } finally {
      if (failed) this.#failing -= 1;
      if (failed && this.#failing === 0) lifecycle.running();
    }
  }

  async #park(
    payment: Payment,
    index: number,
    why: { readonly lane: string | undefined; readonly error: unknown; readonly attempts: number },
  ): Promise<void> {
    const { broker, metrics, log } = this.#options;
    const { message, order, retryOf } = payment;
    const id = await parkMessage(broker, {
      parkedAt: this.#options.clock.now(),
      component: 'intake',
      key: `${streams.payments}:${message.seq}:${index}`,
      subject: message.subject,
      sequence: order,
      headers: Object.fromEntries(message.headers ?? []),
      data: message.data,
      ...why,
    });
    if (why.lane !== undefined) this.#parked.add(why.lane, id, order);
    if (retryOf !== undefined) await deleteParked(broker, retryOf);
    metrics.count('payments_parked_total', { code: failureCode(why.error) });
    log.warn({ code: failureCode(why.error), sequence: message.seq, parked: id }, 'intake: a payment was parked');
  }

  #showLife(): void {
    for (const message of this.#unacked) message.working();
  }
}

function deliveryOf({ message, headers }: Payment): Delivery {
  const header = (name: string) => Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1];
  const traceparent = header('traceparent') ?? header('ce-traceparent');
  const causationId = `${streams.payments}:${message.seq}`;
  return {
    causationId,
    correlationId: header('nats-msg-id') || causationId,
    ...(traceparent === undefined ? {} : { traceparent }),
  };
}

function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
