import type { Instant } from '../instant.ts';
import type { ParkReason, PaymentEvent, ProviderEnding, QuarantineReason, SubscriptionIdentity } from './events.ts';
import type { PaymentFact } from './fact.ts';

/** A fact or an ending that waits in a payment stream. */
export type WaitingItem =
  | { readonly kind: 'fact'; readonly fact: PaymentFact }
  | { readonly kind: 'ending'; readonly ending: ProviderEnding };

/** Where an item stands; each step follows the one before. */
export type ItemStatus = 'parked' | 'quarantined' | 'matched' | 'applied';

/** An item with its standing. */
export type PaymentItem = {
  readonly item: WaitingItem;
  readonly status: ItemStatus;
  readonly reason: ParkReason | QuarantineReason;
  readonly receivedAt: Instant;
};

/** What the events of one payment stream add up to. */
export type PaymentState = {
  /** By provider event id. */
  readonly items: ReadonlyMap<string, PaymentItem>;
  /** Facts that came under an event id that had other content, by that id. */
  readonly conflicting: ReadonlyMap<string, readonly PaymentFact[]>;
  /** Every item of the object goes there, also those that come later. */
  readonly matchedTo: SubscriptionIdentity | null;
  /** `<level> <event id>` of duplicates noted. */
  readonly duplicates: ReadonlySet<string>;
  readonly refundsDue: ReadonlySet<string>;
  /** Event ids of types that are not interpreted. */
  readonly stored: ReadonlySet<string>;
};

/** Nothing received yet. */
export const initialPayment: PaymentState = {
  items: new Map(),
  conflicting: new Map(),
  matchedTo: null,
  duplicates: new Set(),
  refundsDue: new Set(),
  stored: new Set(),
};

/** Folds an event. Pure: the state given is not changed. */
export function evolvePayment(state: PaymentState, event: Pick<PaymentEvent, 'type' | 'data'>): PaymentState {
  // The type names the schema that the event's data was validated with.
  const { type, data } = event as PaymentEvent;
  switch (type) {
    case 'PaymentFactParked':
      return withItem(state, data.fact.providerEventId, {
        item: { kind: 'fact', fact: data.fact },
        status: 'parked',
        reason: data.reason,
        receivedAt: data.receivedAt,
      });
    case 'ProviderEndingParked':
      return withItem(state, data.ending.providerEventId, {
        item: { kind: 'ending', ending: data.ending },
        status: 'parked',
        reason: data.reason,
        receivedAt: data.receivedAt,
      });
    case 'PaymentFactQuarantined':
      return quarantined(state, data);
    case 'PaymentFactMatched':
      return { ...withStatus(state, data.providerEventIds, 'matched'), matchedTo: data.subscription };
    case 'PaymentFactApplied':
      return withStatus(state, data.providerEventIds, 'applied');
    case 'DuplicateObserved':
      return { ...state, duplicates: new Set([...state.duplicates, `${data.level} ${data.providerEventId}`]) };
    case 'RefundDueRaised':
      return { ...state, refundsDue: new Set([...state.refundsDue, data.providerEventId]) };
    case 'ProviderEventStored':
      return { ...state, stored: new Set([...state.stored, data.providerEventId]) };
    default:
      return type satisfies never;
  }
}

function withItem(state: PaymentState, providerEventId: string, item: PaymentItem): PaymentState {
  return { ...state, items: new Map(state.items).set(providerEventId, item) };
}

/** A second content under one event id never replaces the first. */
function quarantined(
  state: PaymentState,
  data: Extract<PaymentEvent, { type: 'PaymentFactQuarantined' }>['data'],
): PaymentState {
  const id = data.fact.providerEventId;
  if (state.items.has(id)) {
    const facts = [...(state.conflicting.get(id) ?? []), data.fact];
    return { ...state, conflicting: new Map(state.conflicting).set(id, facts) };
  }
  const item: WaitingItem = { kind: 'fact', fact: data.fact };
  return withItem(state, id, { item, status: 'quarantined', reason: data.reason, receivedAt: data.receivedAt });
}

function withStatus(state: PaymentState, ids: readonly string[], status: ItemStatus): PaymentState {
  const items = new Map(state.items);
  for (const id of ids) {
    const item = items.get(id);
    if (item) items.set(id, { ...item, status });
  }
  return { ...state, items };
}

/** Items matched and not yet applied, in the order in which they happened (`domain.md 6.10` rule 11). */
export function itemsToApply(state: PaymentState): readonly WaitingItem[] {
  return [...state.items.values()]
    .filter(({ status }) => status === 'matched')
    .map(({ item }) => item)
    .sort((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1));
}

function placeOf(item: WaitingItem): string {
  return item.kind === 'fact'
    ? `${item.fact.occurredAt} ${item.fact.providerEventId}`
    : `${item.ending.endedAt} ${item.ending.providerEventId}`;
}
