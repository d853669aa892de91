/**
 * Holds (`domain.md 6.1`, flags; `domain.md 6.3`, money and terms): a pause by the customer, a suspension by the partner or
 * by Support. Access returns only when all are gone, and each is released by the side that placed it.
 *
 * @module
 */
import type { Instant } from '../../instant.ts';
import type { DecidedEvent, SubscriptionEventData } from '../events.ts';
import type { SubscriptionHeader } from '../header.ts';
import type { MachineEventOf, Situation } from '../situation.ts';

type Hold = SubscriptionHeader['holds'][number];
type Ending = SubscriptionEventData<'HoldReleased'>['by'];

/** A hold from now on. Placing it again changes only its end; one that would be over already changes nothing. */
export function placeHold(
  { header, at, policy }: Situation,
  { type: kind, body }: MachineEventOf<'pause' | 'suspend'>,
): DecidedEvent[] {
  const known = header.holds.find((hold) => hold.kind === kind);
  const until = body.until ?? null;
  if ((until !== null && until <= at) || (known !== undefined && known.until === until)) return [];
  const movesTermEnd = policy.holds[kind].movesTermEnd;
  return [
    {
      type: 'HoldPlaced',
      data: { kind, movesTermEnd, ...(until === null ? {} : { until }) },
      effectiveAt: at,
    },
  ];
}

/** The hold is over because somebody said so. */
export function releaseHold({ header, at }: Situation, { body }: MachineEventOf<'resume'>): DecidedEvent[] {
  return header.holds.filter(({ kind }) => kind === body.hold).map((hold) => released(hold, at, 'request'));
}

/** The hold was placed until now. */
export function releaseDueHolds({ header, at }: Situation): DecidedEvent[] {
  return header.holds
    .filter(({ until }) => until !== null && until <= at)
    .map((hold) => released(hold, at, 'schedule'));
}

/** What ends has no holds: they do not come back with a reactivation. */
export function releaseAllHolds({ header, at }: Pick<Situation, 'header' | 'at'>): DecidedEvent[] {
  return header.holds.length === 0 ? [] : header.holds.map((hold) => released(hold, at, 'ending'));
}

function released({ kind }: Hold, at: Instant, by: Ending): DecidedEvent {
  return { type: 'HoldReleased', data: { kind, by }, effectiveAt: at };
}

/** Whether a hold keeps anything from being charged: what fails meanwhile is nobody's arrears (`domain.md 6.3`). */
export function isBillingBlocked({ header, policy }: Pick<Situation, 'header' | 'policy'>): boolean {
  return header.holds.length > 0 && header.holds.some(({ kind }) => policy.holds[kind].blocksBilling);
}

/** Whether a hold forbids changes. */
export function isChangeBlocked({ header, policy }: Situation): boolean {
  return header.holds.some(({ kind }) => policy.holds[kind].blocksChanges);
}
