/**
 * Decisions on one key. Its stream is the consistency boundary: redeemed once means that the reservation is appended at
 * the exact revision that it was decided on (`domain.md 2.1`).
 *
 * @module
 */
import type { Instant } from '../instant.ts';
import type { ReasonCode } from '../messages/index.ts';
import type { KeyOrder, ProductKeyEvent, ProductKeyEventData } from './events.ts';
import { claimOf, isExpired, type IssuedKey, type KeyReservation, type ProductKeyState } from './state.ts';

/** What can be asked of a key. Every one may be repeated: a repeat appends nothing. */
export type ProductKeyInput =
  | { readonly kind: 'issue'; readonly issue: ProductKeyEventData<'KeyIssued'>; readonly sold: boolean }
  | { readonly kind: 'sell'; readonly seller?: string | undefined }
  | { readonly kind: 'block'; readonly reason?: string | undefined }
  | { readonly kind: 'reserve'; readonly reservationId: string; readonly order: KeyOrder }
  | { readonly kind: 'redeem'; readonly reservationId: string }
  | { readonly kind: 'release'; readonly reservationId: string; readonly reasonCodes: readonly string[] }
  /** The passing of time. */
  | { readonly kind: 'tick' };

/** Facts from outside the stream; what is unknown passes (`domain.md 6.4`). */
export type ProductKeyContext = {
  readonly now: Instant;
  /** Of the tenant that redeems. */
  readonly country?: string | undefined;
  /** What the catalogue in force says of the key's plan. */
  readonly plan?: { readonly maxSeats?: number | undefined; readonly endOfSale?: Instant | undefined } | undefined;
};

/** Whose redemption stands in the way, without saying whose (`domain.md 2.2` row 5). */
export type RedeemedBy = 'you' | 'your_organisation' | 'another';

/** The answer. Refusals are values; one may come with the event that says why, such as `KeyExpired`. */
export type ProductKeyDecision =
  | { readonly kind: 'accepted'; readonly events: readonly ProductKeyEvent[] }
  | { readonly kind: 'nothing' }
  /** This very order has the key, or has had it: finish it, then answer with its result. */
  | { readonly kind: 'repeated'; readonly reservation: KeyReservation }
  /** Somebody else's order is under way: finish it, then ask again. */
  | { readonly kind: 'reserved'; readonly reservation: KeyReservation }
  | {
      readonly kind: 'refused';
      readonly reasonCodes: readonly ReasonCode[];
      readonly redeemedBy?: RedeemedBy;
      /** Most seats that the offer allows, for `KEY_SEATS_EXCEED_OFFER_MAX`. */
      readonly maxSeats?: number;
      readonly events: readonly ProductKeyEvent[];
    };

/** The product family whose keys are for a person at home, never for an organisation (`domain.md 2.2` row 1). */
export const consumerFamily = 'consumer';

/** Decides. Pure; one append per decision. */
export function decideProductKey(
  state: ProductKeyState,
  input: ProductKeyInput,
  context: ProductKeyContext,
): ProductKeyDecision {
  if (input.kind === 'issue') return issue(state, input, context.now);
  if (state === null) return refused(['KEY_NOT_FOUND']);
  switch (input.kind) {
    case 'sell':
      return sell(state, input.seller, context.now);
    case 'block':
      return block(state, input.reason, context.now);
    case 'reserve':
      return reserve(state, input, context);
    case 'redeem':
      return redeem(state, input.reservationId, context.now);
    case 'release':
      return release(state, input, context.now);
    case 'tick': {
      const events = expiry(state, context.now);
      return events.length === 0 ? nothing : { kind: 'accepted', events };
    }
    default:
      return input satisfies never;
  }
}

const nothing: ProductKeyDecision = { kind: 'nothing' };

function issue(
  state: ProductKeyState,
  input: Extract<ProductKeyInput, { kind: 'issue' }>,
  now: Instant,
): ProductKeyDecision {
  if (state !== null) {
    return state.commandHash === input.issue.commandHash ? nothing : refused(['COMMAND_ID_REUSED']);
  }
  const events: ProductKeyEvent[] = [{ type: 'KeyIssued', data: input.issue, effectiveAt: now }];
  if (input.sold) events.push({ type: 'KeySold', data: {}, effectiveAt: now });
  return { kind: 'accepted', events };
}

/** Sold is sold: a second time at the till changes nothing. */
function sell(key: IssuedKey, seller: string | undefined, now: Instant): ProductKeyDecision {
  if (key.soldAt !== null) return nothing;
  const codes = [key.blockedAt !== null && 'KEY_BLOCKED', isExpired(key, now) && 'KEY_EXPIRED'] as const;
  if (codes.some(Boolean)) return refused(present(codes), expiry(key, now));
  const data = seller === undefined ? {} : { seller };
  return { kind: 'accepted', events: [{ type: 'KeySold', data, effectiveAt: now }] };
}

/** What was redeemed stays with the subscription: to take it back is the subscription's matter. */
function block(key: IssuedKey, reason: string | undefined, now: Instant): ProductKeyDecision {
  if (key.redemption !== null) return refused(['KEY_ALREADY_REDEEMED']);
  if (key.reservation !== null) return { kind: 'reserved', reservation: key.reservation };
  if (key.blockedAt !== null) return nothing;
  const blocked: ProductKeyEvent = { type: 'KeyBlocked', data: {}, effectiveAt: now };
  return { kind: 'accepted', events: [reason === undefined ? blocked : { ...blocked, reason }] };
}

/** The claim: one per key, at an exact revision. */
function reserve(
  key: IssuedKey,
  { order, reservationId }: Extract<ProductKeyInput, { kind: 'reserve' }>,
  context: ProductKeyContext,
): ProductKeyDecision {
  const claim = key.redemption ?? key.reservation;
  if (claim !== null && isSameCommand(claim.order, order)) {
    const isSame = claim.order.commandHash === order.commandHash;
    return isSame ? { kind: 'repeated', reservation: claim } : refused(['COMMAND_ID_REUSED']);
  }
  if (key.redemption !== null) {
    // Nothing else is said of a key that is another's.
    return { ...refused(['KEY_ALREADY_REDEEMED']), redeemedBy: redeemedBy(key.redemption.order, order) };
  }
  if (key.reservation !== null) return { kind: 'reserved', reservation: key.reservation };
  const codes = redemptionRefusals(key, order, context);
  if (codes.length > 0) {
    const maxSeats = context.plan?.maxSeats;
    return { ...refused(codes, expiry(key, context.now)), ...(maxSeats === undefined ? {} : { maxSeats }) };
  }
  const data = { reservationId, order };
  return { kind: 'accepted', events: [{ type: 'KeyReserved', data, effectiveAt: context.now }] };
}

/** All that speaks against redeeming a key that is nobody's yet, in the order of `domain.md 2.2`. */
function redemptionRefusals(
  key: IssuedKey,
  { mode }: Pick<KeyOrder, 'mode'>,
  { now, country, plan }: ProductKeyContext,
): readonly ReasonCode[] {
  const { offer, countries } = key;
  const isTooLarge = mode === 'new' && plan?.maxSeats !== undefined && offer.seats > plan.maxSeats;
  const isWithdrawn = mode === 'new' && plan?.endOfSale !== undefined && plan.endOfSale <= now;
  return present([
    offer.family === consumerFamily && 'KEY_WRONG_PRODUCT_FAMILY',
    isExpired(key, now) && 'KEY_EXPIRED',
    countries !== null && country !== undefined && !countries.includes(country) && 'REGION_NOT_ALLOWED',
    isWithdrawn && 'OFFER_UNAVAILABLE',
    isTooLarge && 'KEY_SEATS_EXCEED_OFFER_MAX',
    key.blockedAt !== null && 'KEY_BLOCKED',
    key.soldAt === null && 'KEY_NOT_ACTIVATED_BY_SELLER',
  ]);
}

/** What speaks against redeeming a key, whoever asks: nothing = it is valid (`domain.md 2.2`, the note at its end). */
export function productKeyRefusals(key: IssuedKey, now: Instant): readonly ReasonCode[] {
  if (key.redemption !== null || key.reservation !== null) return ['KEY_ALREADY_REDEEMED'];
  return redemptionRefusals(key, { mode: 'extend' }, { now });
}

function redeem(key: IssuedKey, reservationId: string, now: Instant): ProductKeyDecision {
  const claim = key.redemption === null ? claimOf(key, reservationId) : null;
  // Two drove the same reservation on, and the other was faster.
  if (claim === null) return nothing;
  const { tenant, subscriptionId, mode } = claim.order;
  const data = { reservationId, tenant, subscriptionId, mode };
  return { kind: 'accepted', events: [{ type: 'KeyRedeemed', data, effectiveAt: now }] };
}

function release(
  key: IssuedKey,
  { reservationId, reasonCodes }: Extract<ProductKeyInput, { kind: 'release' }>,
  now: Instant,
): ProductKeyDecision {
  if (key.reservation?.reservationId !== reservationId) return nothing;
  const data = { reservationId, reasonCodes: [...reasonCodes] };
  return { kind: 'accepted', events: [{ type: 'KeyReleased', data, effectiveAt: now }] };
}

/** A timer that comes late writes the same event: it takes effect when the key's time was over. */
function expiry(key: IssuedKey, now: Instant): readonly ProductKeyEvent[] {
  const isOpen = key.redemption === null && key.reservation === null && key.expiredAt === null;
  if (!isOpen || key.expiresAt === null || key.expiresAt > now) return [];
  return [{ type: 'KeyExpired', data: {}, effectiveAt: key.expiresAt }];
}

/** Command ids are scoped to the tenant (`contract.md`, HTTP). */
function isSameCommand(a: KeyOrder, b: KeyOrder): boolean {
  return a.tenant === b.tenant && a.commandId === b.commandId;
}

/** Whose redemption it was, as far as the later order may know. */
export function redeemedBy(first: KeyOrder, later: KeyOrder): RedeemedBy {
  if (first.tenant !== later.tenant) return 'another';
  return first.actor.id === later.actor.id && first.actor.type === later.actor.type ? 'you' : 'your_organisation';
}

function refused(
  reasonCodes: readonly ReasonCode[],
  events: readonly ProductKeyEvent[] = [],
): Extract<ProductKeyDecision, { kind: 'refused' }> {
  return { kind: 'refused', reasonCodes, events };
}

function present(codes: readonly (ReasonCode | false)[]): readonly ReasonCode[] {
  return codes.filter((code) => code !== false);
}
