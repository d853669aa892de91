/**
 * What a product key does to a subscription (`domain.md 2.1`, `domain.md 6.2`). Asked only by the process that has the key
 * reserved: whoever could ask it otherwise would need no key.
 *
 * @module
 */
import { z } from 'zod';
import { instantSchema } from '../instant.ts';
import { keyOfferSchema, redeemModes } from '../product-key/events.ts';

const key = { keyId: z.string().regex(/^[0-9a-f]{64}$/), last5: z.string().length(5) };

/** Body of `redeem-key` inside the engine: the key's id and what it is worth, never the key. */
export const redeemKeyBodySchema = z.object({
  mode: z.enum(redeemModes),
  /** With `extend`: go on with the seats of the key, where it has fewer, instead of spreading its time over all. */
  fewerSeats: z.boolean().optional(),
  ...key,
  ...keyOfferSchema.shape,
});

/** Data of `ProductKeyApplied` but for the command behind it. */
export const productKeyAppliedShape = {
  mode: z.enum(redeemModes),
  ...key,
  seats: z.int().positive(),
  term: keyOfferSchema.shape.term,
  /** By how many the seats become fewer, at once: it was renewed with a smaller key. */
  removedSeats: z.int().positive().optional(),
  /** The term that the key pays; absent where it adds seats. */
  termStart: instantSchema.optional(),
  termEnd: instantSchema.optional(),
  /** The end is not one that was counted from the anchor: later terms are counted from here. */
  newAnchor: instantSchema.optional(),
} as const;
