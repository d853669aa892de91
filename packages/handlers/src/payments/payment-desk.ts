/**
 * Where every payment is taken: straight to the subscription that it names, or into the stream of its own until it is
 * matched (architecture.md, Write path 2). Every step may be repeated: a repeat appends nothing.
 *
 * @module
 */
import {
  endingAsFact,
  itemsToApply,
  paymentStream,
  type PaymentDecision,
  type PaymentFact,
  type PaymentInput,
  type PaymentReading,
  type PaymentState,
  type SubscriptionIdentity,
  type WaitingItem,
} from '@perennial/domain';
import type { Clock } from '../clock/clock.ts';
import type { Cause, CommandService, FactResult } from '../command-handling/command-service.ts';
import { noMetrics, type Metrics } from '../role/metrics.ts';
import type { Delivery } from './delivery.ts';
import { namedSubscription } from './named-subscription.ts';
import type { PaymentStreams } from './payment-streams.ts';

/** Finds the subscription behind a provider's own reference; may know nothing: a wrong "unknown" merely parks. */
export type ReferenceLookup = (
  provider: string,
  reference: string,
) => Promise<SubscriptionIdentity | undefined> | SubscriptionIdentity | undefined;

/** Options of {@link PaymentDesk}. */
export type PaymentDeskOptions = {
  readonly streams: PaymentStreams;
  readonly commands: Pick<CommandService, 'applyFact'>;
  readonly clock: Clock;
  readonly lookup?: ReferenceLookup;
  readonly metrics?: Metrics;
};

/** What a provider's event turned out to say; unreadable ones never come here. */
export type ReadablePayment = Exclude<PaymentReading, { readonly kind: 'unreadable' }>;

type Ending = Extract<PaymentReading, { kind: 'ending' }>['ending'];

/** A fact further ahead of the clock than this is quarantined (domain.md 6.10 rule 12). */
const clockSkewMaxMs = 5 * 60_000;

/** See the module's description. */
export class PaymentDesk {
  readonly #options: PaymentDeskOptions;
  readonly #metrics: Metrics;

  constructor(options: PaymentDeskOptions) {
    this.#options = options;
    this.#metrics = options.metrics ?? noMetrics;
  }

  /** Takes one payment to where it belongs; answers how it ended, for metrics and logs. */
  receive(reading: ReadablePayment, delivery: Delivery): Promise<string> {
    switch (reading.kind) {
      case 'fact':
        return this.#receiveFact(reading.fact, delivery);
      case 'ending':
        return this.#receiveEnding(reading.ending, delivery);
      case 'quarantine': {
        const { fact, reason, detail } = reading;
        return this.#keep(fact, { kind: 'quarantine', fact, reason, detail: detail.slice(0, 1000) }, delivery);
      }
      case 'stored':
        return this.#keep(reading.event, { kind: 'store', ...reading.event }, delivery);
      default:
        return reading satisfies never;
    }
  }

  /** Claims what waits in a payment stream for a subscription; a repeat, or a claim that came second, changes nothing. */
  async match(
    stream: string,
    match: Omit<Extract<PaymentInput, { kind: 'match' }>, 'kind'>,
    by: Delivery & { readonly actor: Cause['actor'] },
  ): Promise<PaymentDecision> {
    const { tenant, subscriptionId } = match.subscription;
    const { decision } = await this.#options.streams.handle(
      stream,
      { kind: 'match', ...match },
      { ...by, roles: [], commandId: `match:${tenant}/${subscriptionId}` },
    );
    return decision;
  }

  /** Applies what a payment stream holds matched and not yet applied; answers how many items. */
  async applyMatched(stream: string, correlationId: string): Promise<number> {
    const { matchedTo, ...state }: PaymentState = await this.#options.streams.read(stream);
    if (!matchedTo) return 0;
    // The cause is the claim, whoever drives it on: a repetition after a crash is then no duplicate.
    const delivery: Delivery = { correlationId, causationId: `matched:${stream}` };
    let count = 0;
    for (const item of itemsToApply({ matchedTo, ...state })) {
      const outcome = await this.#applyItem(item, matchedTo, delivery);
      if (outcome === undefined) continue;
      const about = item.kind === 'fact' ? item.fact : item.ending;
      await this.#handle(about, { kind: 'applied', providerEventIds: [about.providerEventId], outcome }, delivery);
      count += 1;
    }
    this.#metrics.count('payments_matched_total', {}, count);
    return count;
  }

  async #receiveFact(fact: PaymentFact, delivery: Delivery): Promise<string> {
    if (Date.parse(fact.occurredAt) > Date.parse(this.#options.clock.now()) + clockSkewMaxMs) {
      return this.#keep(fact, { kind: 'quarantine', fact, reason: 'OCCURS_IN_THE_FUTURE' }, delivery);
    }
    const subscription = await this.#subscriptionOf(fact.provider, fact.subscriptionRef);
    const applied = subscription && (await this.#applyFact(fact, subscription, delivery));
    if (applied !== undefined) return applied;
    const reason = fact.subscriptionRef === undefined ? 'NO_REFERENCE' : 'UNKNOWN_SUBSCRIPTION';
    return this.#keep(fact, { kind: 'receive', fact, reason }, delivery);
  }

  async #receiveEnding(ending: Ending, delivery: Delivery): Promise<string> {
    const subscription = await this.#subscriptionOf(ending.provider, ending.subscriptionRef);
    const ended = subscription && (await this.#applyFact(endingAsFact(ending), subscription, delivery));
    if (ended !== undefined) return ended;
    return this.#keep(ending, { kind: 'receive-ending', ending, reason: 'UNKNOWN_SUBSCRIPTION' }, delivery);
  }

  async #subscriptionOf(provider: string, reference: string | undefined) {
    if (reference === undefined) return undefined;
    return namedSubscription(reference) ?? (await this.#options.lookup?.(provider, reference));
  }

  /** Keeps an item in the stream of its object; what the object was matched to before, it follows at once. */
  async #keep(about: PaymentObject, input: PaymentInput, delivery: Delivery): Promise<string> {
    const { decision, state } = await this.#handle(about, input, delivery);
    if (itemsToApply(state).length > 0) await this.applyMatched(streamOf(about), delivery.correlationId);
    if (decision.kind === 'refused') return decision.reasonCodes.join(' ');
    if (decision.outcome?.startsWith('DUPLICATE_') === true) {
      this.#metrics.count('payments_duplicate_total', { level: decision.outcome });
    }
    return decision.outcome ?? 'MATCHED';
  }

  #handle(about: PaymentObject, input: PaymentInput, delivery: Delivery) {
    return this.#options.streams.handle(streamOf(about), input, {
      ...delivery,
      actor: { type: 'provider', id: about.provider },
      roles: [],
      commandId: `${input.kind}:${about.provider}:${about.providerEventId}`,
    });
  }

  #applyItem(item: WaitingItem, subscription: SubscriptionIdentity, delivery: Delivery) {
    const fact = item.kind === 'fact' ? item.fact : endingAsFact(item.ending);
    return this.#applyFact(fact, subscription, delivery);
  }

  /** Undefined when there is no such subscription. */
  async #applyFact(fact: PaymentFact, subscription: SubscriptionIdentity, delivery: Delivery) {
    const result = await this.#options.commands.applyFact({ ...subscription, fact, ...delivery });
    if (result.kind === 'not-found') return undefined;
    const input = consequenceOf(fact, result, subscription);
    if (result.outcome.startsWith('DUPLICATE_')) {
      this.#metrics.count('payments_duplicate_total', { level: result.outcome });
    }
    if (input) await this.#handle(fact, input, delivery);
    return result.outcome;
  }
}

/** What an item says of the object that it is about. */
type PaymentObject = {
  readonly provider: string;
  readonly providerObjectId: string;
  readonly providerEventId: string;
};

/** The stream of the provider's object that an item is about. */
export function streamOf(about: { readonly provider: string; readonly providerObjectId: string }): string {
  return paymentStream(about.provider, about.providerObjectId);
}

/** What a fact that went to a subscription leaves in the stream of its object as well, for the payment inbox. */
function consequenceOf(
  fact: PaymentFact,
  result: Exclude<FactResult, { kind: 'not-found' }>,
  subscription: SubscriptionIdentity,
): PaymentInput | undefined {
  const { providerEventId } = fact;
  if (result.idReused) return { kind: 'quarantine', fact, reason: 'EVENT_ID_REUSED' };
  switch (result.outcome) {
    case 'REFUND_DUE':
      return { kind: 'raise-refund-due', fact, subscription };
    case 'QUARANTINED_CONTRADICTION':
      return { kind: 'quarantine', fact, reason: 'CONTRADICTION' };
    case 'DUPLICATE_EFFECT':
      return { kind: 'observe-duplicate', providerEventId, level: 'effect', subscription };
    case 'DUPLICATE_TRANSPORT':
      // A message that came again because its acknowledgement was lost is no duplicate of the provider's.
      if (result.redelivered) return undefined;
      return { kind: 'observe-duplicate', providerEventId, level: 'transport', subscription };
    case 'APPLIED':
    case 'NOTED':
    case 'STALE_FACT':
      return undefined;
    default:
      return result.outcome satisfies never;
  }
}
