import type { ReasonCode } from '../messages/index.ts';
import { hasSeats, notHeld, role, type GuardsOf } from './guard.ts';
import { pagedGet } from './paged-map.ts';
import { serviceConflict } from './service-conflict.ts';
import type { Situation } from './situation.ts';

/**
 * Guards of who holds a seat (`domain.md 1.8`, `domain.md 6.2`). Under a hold a licence can only be taken away
 * (`domain.md 6.9`): also by a move, whose other half is an assignment elsewhere, with that subscription's guards.
 */
export const licenseGuards: GuardsOf<'assign-license' | 'unassign-license' | 'move-license'> = {
  'assign-license': [
    { codes: role('assign-license') },
    notHeld,
    {
      codes: ({ header, policy }) => [
        header.status === 'expired' && !policy.assignWhileExpired && 'LICENSE_ASSIGNMENT_FROZEN',
      ],
    },
    {
      input: 'movedFrom',
      // What has ended is moved out of, never into (`domain.md 6.2`, MoveLicense).
      codes: ({ header }, { movedFrom }) => [
        movedFrom !== undefined && header.status === 'expired' && 'LICENSE_ASSIGNMENT_FROZEN',
      ],
    },
    {
      input: 'userId',
      codes: ({ header, seats }, { personId }) => [
        hasSeats(header) && pagedGet(seats, personId) !== undefined && 'ALREADY_ASSIGNED',
      ],
    },
    { codes: ({ header }) => [hasSeats(header) && header.seatsAssigned >= header.seatsPurchased && 'NO_FREE_SEAT'] },
    { input: 'userId', codes: (situation, body) => personRefusals(situation, body) },
  ],
  'unassign-license': [
    { codes: role('unassign-license') },
    { codes: (situation) => [nobodyHolds(situation)] },
    {
      input: 'userId',
      codes: (situation, { personId, heldSince }) => [holdsNone(situation, personId, heldSince)],
    },
  ],
  'move-license': [
    { codes: role('move-license') },
    { codes: (situation) => [nobodyHolds(situation)] },
    {
      input: 'userId',
      codes: (situation, { personId, heldSince }) => [holdsNone(situation, personId, heldSince)],
    },
  ],
};

/** A state that freezes licences answers by itself. */
function nobodyHolds({ header }: Situation): ReasonCode | false {
  return hasSeats(header) && header.status !== 'pending' && header.seatsAssigned === 0 && 'NOT_ASSIGNED';
}

/** `heldSince`: only this holding counts, not the seat that was given again since. */
function holdsNone({ header, seats }: Situation, personId: string, heldSince: number | undefined): ReasonCode | false {
  if (!hasSeats(header) || header.status === 'pending') return false;
  const seat = pagedGet(seats, personId);
  const isHeld = seat !== undefined && (heldSince === undefined || seat.heldSince === heldSince);
  return !isHeld && 'NOT_ASSIGNED';
}

/** What speaks against this person having the plan; where nothing is known of them, nothing does. */
function personRefusals(
  { caller, header }: Situation,
  { personId, appsOff }: { readonly personId: string; readonly appsOff: readonly string[] },
): readonly (ReasonCode | false)[] {
  const { person, plan } = caller ?? {};
  if (plan === undefined || person?.personId !== personId || !hasSeats(header)) return [];
  const { usageLocation, services = [] } = person;
  const isProhibited = usageLocation !== undefined && plan.prohibitedIn?.includes(usageLocation) === true;
  const given = (plan.services ?? []).filter(({ appId }) => !appsOff.includes(appId));
  return [serviceConflict(given, services) !== null && 'SERVICE_CONFLICT', isProhibited && 'USAGE_LOCATION_PROHIBITED'];
}
