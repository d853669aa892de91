import type { Instant } from '../instant.ts';
import type { IntakeOutcome, ReasonCode } from '../messages/index.ts';
import type {
  ParkReason,
  PaymentEvent,
  PaymentEventData,
  ProviderEnding,
  QuarantineReason,
  SubscriptionIdentity,
} from './events.ts';
import type { PaymentFact } from './fact.ts';
import { isSameEffect, isSameFact } from './fact-identity.ts';
import type { PaymentState } from './state.ts';

/** What can be asked of a payment stream. Every one may be repeated: a repeat appends nothing. */
export type PaymentInput =
  | { readonly kind: 'receive'; readonly fact: PaymentFact; readonly reason: ParkReason }
  | { readonly kind: 'receive-ending'; readonly ending: ProviderEnding; readonly reason: ParkReason }
  | {
      readonly kind: 'quarantine';
      readonly fact: PaymentFact;
      readonly reason: QuarantineReason;
      readonly detail?: string;
    }
  /** Claims the parked items; an operator may name quarantined ones too. */
  | {
      readonly kind: 'match';
      readonly subscription: SubscriptionIdentity;
      readonly by: 'link' | 'operator';
      readonly quarantined?: readonly string[];
    }
  | { readonly kind: 'applied'; readonly providerEventIds: readonly string[]; readonly outcome: string }
  | ({ readonly kind: 'observe-duplicate' } & Omit<PaymentEventData<'DuplicateObserved'>, 'receivedAt'>)
  | { readonly kind: 'raise-refund-due'; readonly fact: PaymentFact; readonly subscription: SubscriptionIdentity }
  | ({ readonly kind: 'store' } & Omit<PaymentEventData<'ProviderEventStored'>, 'receivedAt'> & {
        readonly receivedAt?: Instant;
      });

/** The answer. Refusals are values. */
export type PaymentDecision =
  | { readonly kind: 'accepted'; readonly events: readonly PaymentEvent[]; readonly outcome?: IntakeOutcome }
  | { readonly kind: 'nothing'; readonly outcome?: IntakeOutcome }
  | { readonly kind: 'refused'; readonly reasonCodes: readonly ReasonCode[] };

/** How far a provider's clock may be ahead of ours (`domain.md 6.10` rule 12). */
const clockSkewMaxMs = 5 * 60_000;

/** Decides what becomes of a fact that named no subscription we know. Pure. */
export function decidePayment(state: PaymentState, input: PaymentInput, now: Instant): PaymentDecision {
  switch (input.kind) {
    case 'receive':
      return receive(state, input.fact, input.reason, now);
    case 'receive-ending':
      return receiveEnding(state, input.ending, input.reason, now);
    case 'quarantine':
      return quarantine(state, input.fact, input.reason, now, input.detail);
    case 'match':
      return match(state, input, now);
    case 'applied':
      return applied(state, input.providerEventIds, input.outcome, now);
    case 'observe-duplicate':
      return observeDuplicate(state, input, now);
    case 'raise-refund-due':
      return raiseRefundDue(state, input.fact, input.subscription, now);
    case 'store':
      return store(state, input, now);
    default:
      return input satisfies never;
  }
}

function receive(state: PaymentState, fact: PaymentFact, reason: ParkReason, now: Instant): PaymentDecision {
  const known = state.items.get(fact.providerEventId);
  if (known) {
    const same = known.item.kind === 'fact' && isSameFact(known.item.fact, fact);
    return same ? transportDuplicate : quarantine(state, fact, 'EVENT_ID_REUSED', now);
  }
  if (Date.parse(fact.occurredAt) > Date.parse(now) + clockSkewMaxMs) {
    return quarantine(state, fact, 'OCCURS_IN_THE_FUTURE', now);
  }
  const twin = effectTwin(state, fact);
  if (twin !== undefined) {
    return observeDuplicate(state, { providerEventId: fact.providerEventId, level: 'effect', of: twin }, now);
  }
  const parked: PaymentEvent = {
    type: 'PaymentFactParked',
    data: { fact, reason, receivedAt: fact.receivedAt ?? now },
    effectiveAt: now,
  };
  return parkOrFollow(state, parked, fact.providerEventId, now);
}

function receiveEnding(state: PaymentState, ending: ProviderEnding, reason: ParkReason, now: Instant): PaymentDecision {
  if (state.items.has(ending.providerEventId)) return transportDuplicate;
  const parked: PaymentEvent = {
    type: 'ProviderEndingParked',
    data: { ending, reason, receivedAt: ending.receivedAt ?? now },
    effectiveAt: now,
  };
  return parkOrFollow(state, parked, ending.providerEventId, now);
}

/** What comes for an object that was matched goes the same way at once. */
function parkOrFollow(state: PaymentState, parked: PaymentEvent, id: string, now: Instant): PaymentDecision {
  if (!state.matchedTo) return { kind: 'accepted', events: [parked], outcome: 'PARKED_UNMATCHED' };
  return { kind: 'accepted', events: [parked, matched([id], state.matchedTo, 'object', now)] };
}

function quarantine(
  state: PaymentState,
  fact: PaymentFact,
  reason: QuarantineReason,
  now: Instant,
  detail?: string,
): PaymentDecision {
  const id = fact.providerEventId;
  const first = state.items.get(id)?.item;
  const seen = [...(first?.kind === 'fact' ? [first.fact] : []), ...(state.conflicting.get(id) ?? [])];
  if (seen.some((other) => isSameFact(other, fact))) return transportDuplicate;
  const data = { fact, reason, receivedAt: fact.receivedAt ?? now, ...(detail === undefined ? {} : { detail }) };
  return {
    kind: 'accepted',
    events: [{ type: 'PaymentFactQuarantined', data, effectiveAt: now }],
    outcome: 'QUARANTINED_CONTRADICTION',
  };
}

function match(state: PaymentState, input: Extract<PaymentInput, { kind: 'match' }>, now: Instant): PaymentDecision {
  if (state.items.size === 0) return { kind: 'refused', reasonCodes: ['NOT_FOUND'] };
  if (state.matchedTo && !isSameSubscription(state.matchedTo, input.subscription)) {
    return { kind: 'refused', reasonCodes: ['PAYMENT_ALREADY_MATCHED'] };
  }
  const named = new Set(input.quarantined ?? []);
  const open = [...state.items].filter(
    ([id, { status }]) => status === 'parked' || (status === 'quarantined' && named.has(id)),
  );
  const ids = open.map(([id]) => id);
  if (ids.length === 0) return { kind: 'nothing' };
  return { kind: 'accepted', events: [matched(ids, input.subscription, input.by, now)] };
}

function applied(state: PaymentState, ids: readonly string[], outcome: string, now: Instant): PaymentDecision {
  const fresh = ids.filter((id) => state.items.get(id)?.status === 'matched');
  if (fresh.length === 0 || !state.matchedTo) return { kind: 'nothing' };
  const data = { providerEventIds: fresh, subscription: state.matchedTo, outcome };
  return { kind: 'accepted', events: [{ type: 'PaymentFactApplied', data, effectiveAt: now }] };
}

function observeDuplicate(
  state: PaymentState,
  observed: Omit<PaymentEventData<'DuplicateObserved'>, 'receivedAt'>,
  now: Instant,
): PaymentDecision {
  const { providerEventId, level, of, subscription } = observed;
  const outcome = level === 'transport' ? 'DUPLICATE_TRANSPORT' : 'DUPLICATE_EFFECT';
  if (state.duplicates.has(`${level} ${providerEventId}`)) return { kind: 'nothing', outcome };
  const data = {
    providerEventId,
    level,
    receivedAt: now,
    ...(of === undefined ? {} : { of }),
    ...(subscription === undefined ? {} : { subscription }),
  };
  return { kind: 'accepted', events: [{ type: 'DuplicateObserved', data, effectiveAt: now }], outcome };
}

function raiseRefundDue(
  state: PaymentState,
  fact: PaymentFact,
  subscription: SubscriptionIdentity,
  now: Instant,
): PaymentDecision {
  const { providerEventId } = fact;
  if (state.refundsDue.has(providerEventId)) return { kind: 'nothing' };
  const data = { providerEventId, fact, subscription, receivedAt: fact.receivedAt ?? now };
  return { kind: 'accepted', events: [{ type: 'RefundDueRaised', data, effectiveAt: now }] };
}

function store(state: PaymentState, input: Extract<PaymentInput, { kind: 'store' }>, now: Instant): PaymentDecision {
  const outcome = 'UNKNOWN_TYPE_STORED';
  const { kind: _, ...event } = input;
  if (state.stored.has(event.providerEventId)) return { kind: 'nothing', outcome };
  const data = { ...event, receivedAt: event.receivedAt ?? now };
  return { kind: 'accepted', events: [{ type: 'ProviderEventStored', data, effectiveAt: now }], outcome };
}

const transportDuplicate: PaymentDecision = { kind: 'nothing', outcome: 'DUPLICATE_TRANSPORT' };

function matched(
  providerEventIds: string[],
  subscription: SubscriptionIdentity,
  by: 'link' | 'operator' | 'object',
  now: Instant,
): PaymentEvent {
  return { type: 'PaymentFactMatched', data: { providerEventIds, subscription, by }, effectiveAt: now };
}

/** The event id of a fact that says exactly the same; anything that differs is kept, the subscription's ledger merges it. */
function effectTwin(state: PaymentState, fact: PaymentFact): string | undefined {
  for (const [id, { item, status }] of state.items) {
    if (status !== 'quarantined' && item.kind === 'fact' && isSameEffect(item.fact, fact)) return id;
  }
  return undefined;
}

function isSameSubscription(a: SubscriptionIdentity, b: SubscriptionIdentity): boolean {
  return a.tenant === b.tenant && a.subscriptionId === b.subscriptionId;
}
