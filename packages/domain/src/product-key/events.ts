/**
 * The events of a product key's stream. THEY ARE THE STORAGE FORMAT: a change to a schema needs a new version, an upcaster
 * and a corpus entry. The key itself is in none of them: `keyId` is its hash with a secret of the installation.
 *
 * @module
 */
import { z } from 'zod';
import { instantSchema } from '../instant.ts';

/** What a key can be redeemed for (`domain.md 2.1`). */
export const redeemModes = ['new', 'extend', 'add-seats'] as const;

/** See {@link redeemModes}. */
export type RedeemMode = (typeof redeemModes)[number];

const keyId = z.string().regex(/^[0-9a-f]{64}$/);
const last5 = z.string().length(5);

/** What a key is worth: printed on the card, as it were. */
export const keyOfferSchema = z.object({
  planId: z.string().min(1).max(128),
  /** Product family of the plan when the key was issued (`domain.md 2.2` row 1). */
  family: z.string().max(128).optional(),
  seats: z.int().positive().max(1_000_000),
  term: z.enum(['P1M', 'P1Y', 'P3Y']),
});

/** See {@link keyOfferSchema}. */
export type KeyOffer = z.infer<typeof keyOfferSchema>;

/** The order behind a reservation, with all that is needed to finish it without whoever gave it. */
export const keyOrderSchema = z.object({
  tenant: z.string().min(1),
  /** The subscription to be made, extended or enlarged. */
  subscriptionId: z.string().min(1),
  mode: z.enum(redeemModes),
  /** With `extend`: go on with the seats of the key, where those are fewer. */
  fewerSeats: z.boolean().optional(),
  /** For a subscription that the order makes; absent: the one that exists is activated with the key. */
  create: z.object({ zone: z.string().max(64), profile: z.string().max(128) }).optional(),
  commandId: z.string(),
  /** Fingerprint of the order: the same command id with another order is `COMMAND_ID_REUSED`. */
  commandHash: z.string(),
  /** A person id, never a name. */
  actor: z.object({
    type: z.enum(['user', 'partner', 'support', 'provider', 'system', 'anonymous']),
    id: z.string(),
  }),
  roles: z.array(z.string()),
  correlationId: z.string(),
});

/** See {@link keyOrderSchema}. */
export type KeyOrder = z.infer<typeof keyOrderSchema>;

/** Data of every event by type (`domain.md 6.5`, Keys). */
export const productKeyEventSchemas = {
  KeyIssued: z.object({
    keyId,
    last5,
    ...keyOfferSchema.shape,
    /** No longer redeemable from then on. */
    expiresAt: instantSchema.optional(),
    /** Where it may be redeemed; absent: everywhere. */
    countries: z.array(z.string().regex(/^[A-Z]{2}$/)).optional(),
    /** Names the lot it belongs to. */
    batch: z.string().max(128).optional(),
    commandHash: z.string(),
  }),
  /** Activated at the till: before that it opens nothing. */
  KeySold: z.object({ seller: z.string().max(128).optional() }),
  /** The claim: whoever appends it first is the only one who may redeem the key. */
  KeyReserved: z.object({ reservationId: z.uuid(), order: keyOrderSchema }),
  /** The subscription has what the key was worth: final. */
  KeyRedeemed: z.object({
    reservationId: z.uuid(),
    tenant: z.string(),
    subscriptionId: z.string(),
    mode: z.enum(redeemModes),
  }),
  /** The subscription refused: the key is as good as before. */
  KeyReleased: z.object({ reservationId: z.uuid(), reasonCodes: z.array(z.string()).min(1) }),
  /** Revoked by its issuer; why is in the envelope's `reason`, encrypted. */
  KeyBlocked: z.object({}),
  KeyExpired: z.object({}),
} as const;

/** The type names. */
export type ProductKeyEventType = keyof typeof productKeyEventSchemas;

/** Data of an event type. */
export type ProductKeyEventData<T extends ProductKeyEventType> = z.infer<(typeof productKeyEventSchemas)[T]>;

/** An event as decided and as folded. */
export type ProductKeyEvent = {
  [T in ProductKeyEventType]: {
    readonly type: T;
    readonly data: ProductKeyEventData<T>;
    readonly effectiveAt: string;
    readonly reason?: string;
  };
}[ProductKeyEventType];
