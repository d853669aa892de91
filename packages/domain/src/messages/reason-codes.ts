import { keyMessages } from './keys.ts';
import { licenseMessages } from './licenses.ts';
import { lifecycleMessages } from './lifecycle.ts';
import type { Message } from './message.ts';
import { paymentMessages } from './payment.ts';
import { requestMessages } from './requests.ts';

const table = { ...lifecycleMessages, ...paymentMessages, ...licenseMessages, ...keyMessages, ...requestMessages };

/** Why a command is refused (`domain.md 6.4` and `domain.md 2.2`). Stable: callers and texts depend on them. */
export type ReasonCode = keyof typeof table;

/** What every code means and the ways out of it. */
export const reasonMessages: Readonly<Record<ReasonCode, Message>> = table;

/** Every code. */
// Object.keys forgets the keys' type; the table is a literal, so they are exactly these.
export const reasonCodes: readonly ReasonCode[] = Object.keys(table) as ReasonCode[];

/** Whether the text is a reason code of ours. */
export function isReasonCode(text: string): text is ReasonCode {
  return Object.hasOwn(table, text);
}

/** How a payment fact was received (`domain.md 6.4`): for the inbox and metrics, never a refusal. */
export const intakeOutcomes = [
  'DUPLICATE_TRANSPORT',
  'DUPLICATE_EFFECT',
  'PARKED_UNMATCHED',
  'QUARANTINED_CONTRADICTION',
  'STALE_FACT',
  'UNKNOWN_TYPE_STORED',
] as const;

/** See {@link intakeOutcomes}. */
export type IntakeOutcome = (typeof intakeOutcomes)[number];
