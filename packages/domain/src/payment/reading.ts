/**
 * What an adapter makes of a provider's event. A reading is a value: nothing that a provider sends is an error of ours.
 *
 * @module
 */
import type { z } from 'zod';
import type { Instant } from '../instant.ts';
import { isMasked } from './card-number.ts';
import type { PaymentEventData, PaymentLink, ProviderEnding, QuarantineReason } from './events.ts';
import { paymentFactSchema, type PaymentFact } from './fact.ts';

/** What the intake knows of the message itself. */
export type Received = {
  readonly receivedAt: Instant;
  /** SHA-256 of the raw message, hex. */
  readonly rawRef?: string;
};

/** The identity of a CloudEvent: `source` and `id` together are the duplicate rule (`domain.md 5.4`). */
export type Delivery = { readonly source: string; readonly id: string };

/** Why a message cannot be read; it is parked with its raw bytes. */
export type UnreadableCode =
  | 'NOT_UTF8'
  | 'NOT_JSON'
  | 'ILL_FORMED_TEXT'
  | 'NOT_A_CLOUDEVENT'
  | 'NOT_A_STRIPE_EVENT'
  | 'INVALID_FACT';

/** A field and what is wrong with it. */
export type ReadingIssue = { readonly path: string; readonly message: string };

/** See the module's description. */
export type PaymentReading =
  | { readonly kind: 'fact'; readonly fact: PaymentFact; readonly delivery?: Delivery }
  /** It says two things that exclude each other, or identifies itself by a card number (`domain.md 6.10` rule 6). */
  | {
      readonly kind: 'quarantine';
      readonly fact: PaymentFact;
      readonly reason: QuarantineReason;
      readonly detail: string;
      readonly delivery?: Delivery;
    }
  | { readonly kind: 'ending'; readonly ending: ProviderEnding; readonly links: readonly PaymentLink[] }
  /** A type that is not interpreted: to be stored (`domain.md 6.10` rule 4). */
  | { readonly kind: 'stored'; readonly event: PaymentEventData<'ProviderEventStored'>; readonly delivery?: Delivery }
  | {
      readonly kind: 'unreadable';
      readonly code: UnreadableCode;
      readonly message: string;
      readonly issues: readonly ReadingIssue[];
    };

/** A message that cannot be read. */
export type Unreadable = Extract<PaymentReading, { readonly kind: 'unreadable' }>;

/** A reading for a message that must be parked. */
export function unreadable(code: UnreadableCode, message: string, error?: z.ZodError): Unreadable {
  const issues = (error?.issues ?? []).map((issue) => ({ path: issue.path.join('.'), message: issue.message }));
  return { kind: 'unreadable', code, message, issues };
}

/** Checks a fact that an adapter put together. */
export function readingOf(candidate: unknown, contradiction?: string, delivery?: Delivery): PaymentReading {
  const parsed = paymentFactSchema.safeParse(candidate);
  if (!parsed.success) {
    return unreadable(
      'INVALID_FACT',
      'the payment fact is incomplete or malformed; see docs/payments.md',
      parsed.error,
    );
  }
  const fact = parsed.data;
  const from = delivery ? { delivery } : {};
  if (contradiction !== undefined) {
    return { kind: 'quarantine', fact, reason: 'CONTRADICTION', detail: contradiction, ...from };
  }
  if (isMasked(fact.providerEventId) || isMasked(fact.providerObjectId)) {
    const detail = 'its identifiers hold a card number; two payments could no longer be told apart';
    return { kind: 'quarantine', fact, reason: 'CARD_NUMBER_IN_IDENTIFIER', detail, ...from };
  }
  return { kind: 'fact', fact, ...from };
}
