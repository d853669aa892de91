import { remediesFor, type ReasonCode } from '../messages/index.ts';
import type { SubscriptionDecision } from './decision.ts';
import type { SubscriptionHeader } from './header.ts';
import type { PolicyProfile } from '../policy/index.ts';

/** The answer that refuses, with the ways out. `firstEventId` names the event that had done it already. */
export function refused(
  reasonCodes: readonly ReasonCode[],
  about?: { readonly header: SubscriptionHeader; readonly policy: PolicyProfile },
): SubscriptionDecision {
  const isRepeatedCancel = about?.header.status === 'cancelled' && reasonCodes.includes('ALREADY_CANCELLED');
  return {
    kind: 'refused',
    reasonCodes,
    remedies: remediesFor(reasonCodes, about ? remedyDetails(reasonCodes, about) : {}),
    ...(isRepeatedCancel && about.header.statusEventId !== '' ? { firstEventId: about.header.statusEventId } : {}),
  };
}

/** What fills the texts: until when a way out is open, and how many. */
export function remedyDetails(
  reasonCodes: readonly ReasonCode[],
  { header, policy }: { readonly header: SubscriptionHeader; readonly policy: PolicyProfile },
): Parameters<typeof remediesFor>[1] {
  const until = header.stateEndsAt ?? header.reactivation?.confirmBy;
  const limit = reasonCodes.includes('CANCEL_SEAT_LIMIT') ? policy.cancelSeatLimit : null;
  return {
    zone: header.zone,
    ...(until === undefined ? {} : { until }),
    ...(limit === null ? {} : { n: limit }),
    ...(header.termEnd === null ? {} : { date: header.termEnd }),
  };
}
