import type { Instant } from '../instant.ts';
import type { KeyOffer, KeyOrder, ProductKeyEvent, ProductKeyEventData } from './events.ts';

/** A claim on the key that is neither redeemed nor released: the whole state of the process between key and subscription. */
export type KeyReservation = { readonly reservationId: string; readonly order: KeyOrder; readonly reservedAt: Instant };

/** What an issued key is. */
export type IssuedKey = {
  readonly keyId: string;
  readonly last5: string;
  readonly offer: KeyOffer;
  readonly issuedAt: Instant;
  readonly expiresAt: Instant | null;
  /** `null`: everywhere. */
  readonly countries: readonly string[] | null;
  readonly batch: string | null;
  readonly commandHash: string;
  readonly soldAt: Instant | null;
  readonly blockedAt: Instant | null;
  readonly expiredAt: Instant | null;
  /** Open. */
  readonly reservation: KeyReservation | null;
  /** The last one that was released: an order found by two processes at once may be refused to one and taken by the other. */
  readonly released: KeyReservation | null;
  /** The reservation that won, and when. */
  readonly redemption: (KeyReservation & { readonly redeemedAt: Instant }) | null;
};

/** What the events of a key's stream add up to; `null`: never issued. */
export type ProductKeyState = IssuedKey | null;

/** Before the first event. */
export const initialProductKey: ProductKeyState = null;

/** Folds an event. Pure: the state given is not changed. */
export function evolveProductKey(
  state: ProductKeyState,
  event: Pick<ProductKeyEvent, 'type' | 'data' | 'effectiveAt'>,
): ProductKeyState {
  // The type names the schema that the event's data was validated with.
  const { type, data, effectiveAt } = event as ProductKeyEvent;
  if (type === 'KeyIssued') return issued(data, effectiveAt);
  if (state === null) throw new RangeError(`a product key begins with KeyIssued, not with ${type}`);
  switch (type) {
    case 'KeySold':
      return { ...state, soldAt: effectiveAt };
    case 'KeyReserved':
      return { ...state, reservation: { ...data, reservedAt: effectiveAt } };
    case 'KeyReleased':
      return { ...state, reservation: null, released: state.reservation };
    case 'KeyRedeemed': {
      const claim = claimOf(state, data.reservationId);
      return { ...state, reservation: null, redemption: claim && { ...claim, redeemedAt: effectiveAt } };
    }
    case 'KeyBlocked':
      return { ...state, blockedAt: effectiveAt };
    case 'KeyExpired':
      return { ...state, expiredAt: effectiveAt };
    default:
      return type satisfies never;
  }
}

function issued(data: ProductKeyEventData<'KeyIssued'>, effectiveAt: Instant): IssuedKey {
  const { planId, family, seats, term } = data;
  return {
    keyId: data.keyId,
    last5: data.last5,
    offer: { planId, seats, term, ...(family === undefined ? {} : { family }) },
    issuedAt: effectiveAt,
    expiresAt: data.expiresAt ?? null,
    countries: data.countries ?? null,
    batch: data.batch ?? null,
    commandHash: data.commandHash,
    soldAt: null,
    blockedAt: null,
    expiredAt: null,
    reservation: null,
    released: null,
    redemption: null,
  };
}

/** The claim with this id: the open one, or the last one that was released while nobody has claimed the key since. */
export function claimOf(key: IssuedKey, reservationId: string): KeyReservation | null {
  const claim = key.reservation ?? key.released;
  return claim?.reservationId === reservationId ? claim : null;
}

/** Where a key stands, for people: the first of these that holds. */
export const productKeyStatuses = ['redeemed', 'reserved', 'blocked', 'expired', 'sold', 'issued'] as const;

/** See {@link productKeyStatuses}. */
export type ProductKeyStatus = (typeof productKeyStatuses)[number];

/** Where a key stands at an instant. */
export function productKeyStatus(key: IssuedKey, now: Instant): ProductKeyStatus {
  if (key.redemption !== null) return 'redeemed';
  if (key.reservation !== null) return 'reserved';
  if (key.blockedAt !== null) return 'blocked';
  if (isExpired(key, now)) return 'expired';
  return key.soldAt === null ? 'issued' : 'sold';
}

/** Whether the key's own time is over: `[issued, expiresAt)`, as all terms are. */
export function isExpired({ expiredAt, expiresAt }: Pick<IssuedKey, 'expiredAt' | 'expiresAt'>, now: Instant): boolean {
  return expiredAt !== null || (expiresAt !== null && expiresAt <= now);
}
