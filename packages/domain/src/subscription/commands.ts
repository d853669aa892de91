/**
 * What can be asked of a subscription. Bodies follow `contract.md` (Command bodies); users are already person ids here.
 *
 * @module
 */
import { z } from 'zod';
import { anyInstantSchema } from '../instant.ts';
import { moneySchema } from '../money.ts';
import { furtherCommandSchemas } from './command-bodies.ts';
import { licenseCommandSchemas } from './license-commands.ts';
import { redeemKeyBodySchema } from './product-key-command.ts';
import { channels, disableReasons, paymentMethodSchema } from './events.ts';

const text = z.string().max(2000);

/** Bodies of the subscription's commands by their name in URLs. */
export const subscriptionCommandSchemas = {
  create: z.object({
    planId: z.string().min(1).max(128),
    seats: z.int().positive().max(1_000_000),
    term: z.enum(['P1M', 'P1Y', 'P3Y']),
    zone: z.string().default('UTC'),
    profile: z.string().default('direct-mosa-2020'),
    channel: z.enum(channels).default('direct'),
    recurringBilling: z.boolean().default(true),
    trial: z.boolean().default(false),
    startsAt: anyInstantSchema.optional(),
    price: moneySchema.optional(),
    /** The subscription that is reactivated as this one; written inside the engine only. */
    reactivatedFrom: z.string().optional(),
    providerRefs: z
      .record(
        z.string(),
        z.object({ subscription: z.string().max(256).optional(), customer: z.string().max(256).optional() }),
      )
      .default({}),
  }),
  activate: z.object({}),
  'redeem-key': redeemKeyBodySchema,
  reactivate: z.object({ paymentMethod: paymentMethodSchema.optional(), requireInTerm: z.boolean().optional() }),
  'cancel-now': z.object({ reason: text.optional() }),
  'cancel-at-term-end': z.object({ reason: text.optional() }),
  'undo-scheduled-cancel': z.object({}),
  'set-recurring-billing': z.object({ on: z.boolean() }),
  disable: z.object({ reason: z.enum(disableReasons) }),
  'add-payment-method': z.object({ paymentMethod: paymentMethodSchema }),
  'replace-payment-method': z.object({ paymentMethod: paymentMethodSchema }),
  ...licenseCommandSchemas,
  ...furtherCommandSchemas,
} as const;

/** Names of the commands, kebab-case as in URLs. */
export type SubscriptionCommandName = keyof typeof subscriptionCommandSchemas;

/** A command with its validated body. */
export type SubscriptionCommand = {
  [N in SubscriptionCommandName]: { readonly name: N; readonly body: z.infer<(typeof subscriptionCommandSchemas)[N]> };
}[SubscriptionCommandName];
