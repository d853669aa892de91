/**
 * Changes that wait for the renewal (`domain.md 1.7`, `domain.md 1.3`): one of the seats and one of the plan at most. They take
 * effect at the instant at which the next term begins, also where its payment comes late; without a renewal to come they are
 * dropped, and an event says so.
 *
 * @module
 */
import type { PlanUnit } from '../../catalogue/catalogue.ts';
import type { DecidedEvent, SubscriptionEventData } from '../events.ts';
import type { SubscriptionHeader } from '../header.ts';
import type { MachineEventOf, Situation } from '../situation.ts';

/** Why a scheduled change never takes effect, where no later one took its place. */
type DropCause = SubscriptionEventData<'ScheduledChangeDropped'>['cause'];

/** Fewer seats from the next term on. */
export function scheduleRemoval({ header, at }: Situation, count: number): DecidedEvent[] {
  const { scheduledSeats: before, termEnd } = header;
  if (termEnd === null || (before !== null && before.remove === count && before.at === termEnd)) return [];
  return [
    {
      type: 'SeatChangeScheduled',
      data: { remove: count, at: termEnd, ...(before === null ? {} : { supersedes: before }) },
      effectiveAt: at,
    },
  ];
}

/** Another plan from the next term on. Asking for the plan there is takes nothing back: that is a change too. */
export function schedulePlan(situation: Situation, event: MachineEventOf<'change-plan'>): DecidedEvent[] {
  const { header, at } = situation;
  const { body } = event;
  const unit = planUnit(situation, event);
  const { scheduledPlan: before, termEnd } = header;
  const isKnown = before?.to === body.planId && before.at === termEnd;
  const isSamePrice = before?.price?.minor === body.price?.minor && before?.price?.currency === body.price?.currency;
  if (termEnd === null || (isKnown && isSamePrice)) return [];
  return [
    {
      type: 'PlanChangeScheduled',
      data: {
        to: body.planId,
        ...(body.price === undefined ? {} : { price: body.price }),
        ...(unit === 'user' ? {} : { unit }),
        at: termEnd,
        ...(before === null ? {} : { supersedes: before }),
      },
      effectiveAt: at,
    },
  ];
}

/** What the wanted plan is bought in: as the catalogue said when it was asked for. */
export function planUnit({ caller }: Situation, { body, memory }: MachineEventOf<'change-plan'>): PlanUnit {
  const known = caller?.plan?.planId === body.planId ? caller.plan.unit : undefined;
  return memory?.planUnit ?? known ?? 'user';
}

/** The term for which fewer seats were ordered begins. One seat is left at least. */
export function applySeatChange({ header, at }: Situation): DecidedEvent[] {
  const count = Math.min(header.scheduledSeats?.remove ?? 0, header.seatsPurchased - 1);
  return count < 1
    ? dropScheduled({ header: { ...header, scheduledPlan: null }, at }, 'obsolete')
    : [{ type: 'SeatsRemoved', data: { count, by: 'schedule' }, effectiveAt: at }];
}

/** The term for which another plan was ordered begins: its price is what the new term costs, nothing is charged beside. */
export function applyPlanChange({ header, at }: Situation): DecidedEvent[] {
  const { scheduledPlan, planId, price: before } = header;
  if (scheduledPlan === null) return [];
  const { to, price, unit = 'user' } = scheduledPlan;
  const isAsBefore =
    to === planId && (price === undefined || (price.minor === before?.minor && price.currency === before.currency));
  if (isAsBefore) return dropScheduled({ header: { ...header, scheduledSeats: null }, at }, 'obsolete');
  return [
    {
      type: 'PlanChanged',
      data: {
        from: planId,
        to,
        ...(price === undefined ? {} : { price }),
        ...(unit === header.unit ? {} : { unit }),
        by: 'schedule',
      },
      effectiveAt: at,
    },
  ];
}

/** What waited for the renewal will not happen. */
export function dropScheduled(
  {
    header,
    at,
  }: { readonly header: Pick<SubscriptionHeader, 'scheduledSeats' | 'scheduledPlan'>; readonly at: string },
  cause: DropCause,
): DecidedEvent[] {
  const { scheduledSeats, scheduledPlan } = header;
  return [
    ...(scheduledSeats === null ? [] : [{ kind: 'seats' as const, ...scheduledSeats }]),
    ...(scheduledPlan === null ? [] : [{ kind: 'plan' as const, ...scheduledPlan }]),
  ].map((change) => ({ type: 'ScheduledChangeDropped', data: { change, cause }, effectiveAt: at }));
}
