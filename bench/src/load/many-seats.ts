import { evolve, type SubscriptionCommand, type SubscriptionEvent, type SubscriptionState } from '@perennial/domain';
import type { Subscription } from './payments.ts';
import { asRecorded, historyOf } from './history.ts';

/** The larger of what one tenant has in one subscription. */
export const manySeatCount = 50_000;

/** The history of a subscription whose seats were bought, then assigned one by one, each by a command of its own. */
export function manySeatsHistory(
  subscription: Subscription,
  beganAt: Date,
): { readonly events: readonly SubscriptionEvent[]; readonly state: SubscriptionState; readonly now: string } {
  const { events: opening, state: opened, now } = historyOf(subscription, 3, beganAt);
  const bought = asRecorded([{ type: 'SeatsAdded', data: { count: manySeatCount + 10 }, effectiveAt: now }], {
    commandId: 'seats',
    now,
    revision: opening.length - 1,
  });
  const events = [...opening, ...bought];
  for (let index = 0; index < manySeatCount; index += 1) {
    events.push(...assigned(personAt(index), { commandId: `seat-${index}`, now, revision: events.length - 1 }));
  }
  return { events, state: events.slice(opening.length).reduce(evolve, opened), now };
}

/** The command that assigns one seat more. */
export const assignOneMore: SubscriptionCommand = {
  name: 'assign-license',
  body: { personId: personAt(manySeatCount), appsOff: [] },
};

/** The event of one seat more, for so many people: where in a large map a key falls is luck, and should not be measured. */
export function oneSeatMore(state: SubscriptionState, now: string, personCount: number): SubscriptionEvent[] {
  const revision = state.header?.revision ?? 0;
  return Array.from({ length: personCount }, (_, index) =>
    assigned(personAt(manySeatCount + index), { commandId: `seat-more-${index}`, now, revision }),
  ).flat();
}

function assigned(personId: string, about: Parameters<typeof asRecorded>[1]): SubscriptionEvent[] {
  return asRecorded(
    [{ type: 'LicenseAssigned', data: { personId, appsOff: [], source: 'direct' }, effectiveAt: about.now }],
    about,
  );
}

/** As long as the ids of the vault. */
function personAt(index: number): string {
  return `${(index * 2_654_435_761).toString(16).padStart(12, '0').slice(-12)}-0000-4000-8000-${String(index).padStart(12, '0')}`;
}
