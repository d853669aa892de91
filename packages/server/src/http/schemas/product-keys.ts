/**
 * Product keys over HTTP (`contract.md`, product-keys).
 *
 * @module
 */
import { z } from '@hono/zod-openapi';
import { isZone, productKeyStatuses, readLast5, redeemModes } from '@perennial/domain';
import {
  instantInputSchema,
  instantOutputSchema,
  positionSchema,
  subscriptionIdSchema,
  tenantSchema,
} from './identifiers.ts';
import { commandAnswerSchema } from './commands.ts';
import { keyOutcomeSchema } from './problem.ts';

/** Most keys issued at once. */
const lotCountMax = 1_000;
/** Most keys redeemed in one order. */
const orderCountMax = 20;

const country = z.string().regex(/^[A-Z]{2}$/, 'an ISO 3166 code in capitals, for instance NL');
const term = z.enum(['P1M', 'P1Y', 'P3Y']);
const planId = z.string().min(1).max(128);
const keyId = z.string().regex(/^[0-9a-f]{64}$/, 'the id of a key as answered: 64 hexadecimal digits');
const last5 = z.string().openapi({ example: 'K7VHX', description: 'The last five characters of the key' });

/** A key as typed. Whether it is one is for the rules to say, with reason codes. */
export const typedKeySchema = z.string().min(1).max(256).openapi({
  example: 'VH7K9-M3XCP-TTR4W-7YJDG-K7VHX',
  description: 'As typed: case, spaces and dashes make no difference',
});

/** The five characters that people name a key by. */
export const last5Schema = z
  .string()
  .max(64)
  .transform((typed, context) => {
    const read = readLast5(typed);
    if (read !== undefined) return read;
    context.addIssue({
      code: 'custom',
      message: 'five characters of a key: 3 4 6 7 9 and the letters A C to H J K M N P R T V to Y',
    });
    return z.NEVER;
  })
  .openapi({ type: 'string', example: 'K7VHX' });

/** An order of keys. */
export const issueBodySchema = z
  .object({
    planId,
    seats: z.int().positive().max(1_000_000),
    term,
    count: z.int().positive().max(lotCountMax).default(1),
    expiresAt: instantInputSchema.optional(),
    countries: z.array(country).min(1).max(250).optional(),
    batch: z.string().min(1).max(128).optional(),
    family: z
      .string()
      .min(1)
      .max(128)
      .optional()
      .openapi({ description: 'Default: that of the plan in the catalogue' }),
    sold: z.boolean().default(true).openapi({ description: 'false: worth nothing until sold at the till' }),
  })
  .openapi('IssueProductKeys');

/** The only answer that holds keys. */
export const issueAnswerSchema = z
  .object({
    keys: z.array(z.object({ key: typedKeySchema, keyId, last5 })),
    planId,
    seats: z.int(),
    term,
    expiresAt: instantOutputSchema.nullable(),
    position: positionSchema,
  })
  .openapi('IssuedProductKeys', {
    example: {
      keys: [{ key: 'VH7K9-M3XCP-TTR4W-7YJDG-K7VHX', keyId: 'ab'.repeat(32), last5: 'K7VHX' }],
      planId: 'SPE_E3',
      seats: 25,
      term: 'P1Y',
      expiresAt: null,
      position: '48123',
    },
  });

const instantOrNull = instantOutputSchema.nullable();

/** A key as its issuer sees it. */
export const productKeySchema = z
  .object({
    keyId,
    last5,
    status: z.enum(productKeyStatuses),
    valid: z.boolean().openapi({ description: 'Whether it could be redeemed now, by somebody' }),
    reasonCodes: z.array(z.string()).openapi({ description: 'What speaks against that' }),
    planId,
    seats: z.int(),
    term,
    issuedAt: instantOutputSchema,
    soldAt: instantOrNull,
    expiresAt: instantOrNull,
    blockedAt: instantOrNull,
    redeemedAt: instantOrNull,
    countries: z.array(country).nullable(),
    batch: z.string().nullable(),
    order: z
      .object({
        tenant: tenantSchema,
        subscriptionId: subscriptionIdSchema,
        mode: z.enum(redeemModes),
        reservedAt: instantOutputSchema,
      })
      .nullable(),
  })
  .openapi('ProductKey');

/** Names one key. */
const named = { key: typedKeySchema.optional(), keyId: keyId.optional() };
const oneName = ({ key, keyId: id }: { key?: string | undefined; keyId?: string | undefined }): boolean =>
  (key === undefined) !== (id === undefined);
const oneNameHint = 'either key or keyId';

/** Activates a key at the till. */
export const sellBodySchema = z
  .object({ ...named, seller: z.string().min(1).max(128).optional() })
  .refine(oneName, oneNameHint)
  .openapi('SellProductKey');

/** Revokes a key. */
export const blockBodySchema = z
  .object({ ...named, reason: z.string().min(1).max(2_000).optional() })
  .refine(oneName, oneNameHint)
  .openapi('BlockProductKey');

/** What became of a key. */
export const keyChangeSchema = z
  .object({ keyId, last5, changed: z.boolean(), position: positionSchema })
  .openapi('ProductKeyChange', {
    example: { keyId: 'ab'.repeat(32), last5: 'K7VHX', changed: true, position: '48123' },
  });

/** One key, or several in one order. */
const toRedeem = {
  key: typedKeySchema.optional(),
  keys: z
    .array(typedKeySchema)
    .min(1)
    .max(orderCountMax)
    .optional()
    .openapi({ description: 'Several keys in one order, instead of key: all are asked before the first is redeemed' }),
  fewerSeats: z.boolean().optional().openapi({
    description: 'With mode extend and one key: go on with the seats of the key, where it has fewer',
  }),
};
type ToRedeem = {
  readonly key?: string | undefined;
  readonly keys?: readonly string[] | undefined;
  readonly fewerSeats?: boolean | undefined;
  readonly mode: (typeof redeemModes)[number];
};
const oneOrder = ({ key, keys }: ToRedeem): boolean => (key === undefined) !== (keys === undefined);
const oneOrderHint = { path: ['key'], message: 'either key or keys' };
const fewerWithOne = ({ fewerSeats, mode, keys }: ToRedeem): boolean =>
  fewerSeats !== true || (mode === 'extend' && keys === undefined);
const fewerHint = { path: ['fewerSeats'], message: 'only with mode extend and one key' };

/** Body of the redemption in a tenant. */
export const redeemBodySchema = z
  .object({
    ...toRedeem,
    mode: z.enum(redeemModes).openapi({ description: 'new: a new subscription; else the one in subscriptionId' }),
    subscriptionId: subscriptionIdSchema.optional(),
    zone: z.string().max(64).refine(isZone, 'an IANA time zone, such as Europe/Amsterdam').optional(),
    profile: z.string().min(1).max(128).optional(),
  })
  .refine(({ mode, subscriptionId }) => mode === 'new' || subscriptionId !== undefined, {
    path: ['subscriptionId'],
    message: 'names the subscription to be extended or enlarged',
  })
  .refine(oneOrder, oneOrderHint)
  .refine(fewerWithOne, fewerHint)
  .openapi('RedeemProductKey');

/** Body of the command `redeem-key` on a subscription. */
export const redeemKeyBodySchema = z
  .object({ ...toRedeem, mode: z.enum(redeemModes) })
  .refine(oneOrder, oneOrderHint)
  .refine(fewerWithOne, fewerHint)
  .openapi('RedeemKey');

/** Answer of a redemption: the command's, and with several keys what became of each. */
export const redeemAnswerSchema = commandAnswerSchema
  .extend({ keys: z.array(keyOutcomeSchema).optional() })
  .openapi('RedeemAnswer');
