import { remediesFor, type ReasonCode, type Text } from '../messages/index.ts';
import type { SubscriptionDecision } from './decision.ts';
import type { SubscriptionHeader } from './header.ts';
import { extensionOpensAt } from './transitions/trials.ts';
import type { MachineCommand } from './situation.ts';
import type { PolicyProfile } from '../policy/index.ts';

/** The answer that refuses, with the ways out. `firstEventId` names the event that had done it already. */
export function refused(reasonCodes: readonly ReasonCode[], about?: About): SubscriptionDecision {
  const isRepeatedCancel = about?.header.status === 'cancelled' && reasonCodes.includes('ALREADY_CANCELLED');
  return {
    kind: 'refused',
    reasonCodes,
    remedies: remediesFor(reasonCodes, about ? remedyDetails(reasonCodes, about) : {}),
    ...(isRepeatedCancel && about.header.statusEventId !== '' ? { firstEventId: about.header.statusEventId } : {}),
  };
}

/** What a refusal is about. */
type About = {
  readonly header: SubscriptionHeader;
  readonly policy: PolicyProfile;
  /** Absent in a list of actions: its input is not known there. */
  readonly command?: MachineCommand;
};

/** What fills the texts: until when a way out is open, and how many. */
export function remedyDetails(
  reasonCodes: readonly ReasonCode[],
  { header, policy, command }: About,
): Parameters<typeof remediesFor>[1] {
  const until = header.stateEndsAt ?? header.reactivation?.confirmBy;
  const count = countFor(reasonCodes, { header, policy, ...(command === undefined ? {} : { command }) });
  const date = dateFor(reasonCodes, header, policy);
  const period = reasonCodes.includes('CREDIT_CHECK_PENDING') ? daysText(policy.creditCheck) : undefined;
  return {
    zone: header.zone,
    ...(period === undefined ? {} : { period }),
    ...(until === undefined ? {} : { until }),
    ...(count === null ? {} : { n: count }),
    ...(date === null ? {} : { date }),
  };
}

/** How long something usually takes, for people; `undefined` where it is not counted in days. */
function daysText({ duration, workingDays }: PolicyProfile['creditCheck']): Text | undefined {
  const days = /^P(\d+)D$/.exec(duration)?.[1];
  if (days === undefined) return undefined;
  const [day, dag] = workingDays ? ['working day', 'werkdag'] : ['day', 'dag'];
  return days === '1' ? { en: `1 ${day}`, nl: `1 ${dag}` } : { en: `${days} ${day}s`, nl: `${days} ${dag}en` };
}

/** When it will be possible. */
function dateFor(
  codes: readonly ReasonCode[],
  header: SubscriptionHeader,
  policy: PolicyProfile,
): SubscriptionHeader['termEnd'] {
  if (codes.includes('TRIAL_EXTENSION_TOO_EARLY')) return extensionOpensAt(header, policy);
  // Not at the end of the term, but as soon as the key's time fits in.
  return codes.includes('EXTENSION_CAP_REACHED') ? null : header.termEnd;
}

/** The limit that was met, or by how many seats it is missed. */
function countFor(codes: readonly ReasonCode[], { header, policy, command }: About): number | null {
  if (codes.includes('CANCEL_SEAT_LIMIT')) return policy.cancelSeatLimit;
  if (codes.includes('SEATS_BELOW_ASSIGNED') && command?.name === 'remove-seats') {
    return header.seatsAssigned - (header.seatsPurchased - command.body.count);
  }
  if (codes.includes('SEATS_BELOW_ASSIGNED') && command?.name === 'redeem-key') {
    return header.seatsAssigned - command.body.seats;
  }
  return null;
}
