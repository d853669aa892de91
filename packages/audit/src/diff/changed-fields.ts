import { evolveHeader, type SubscriptionHeader, type SubscriptionView, asSubscriptionEvent } from '@perennial/domain';
import type { RecordedEvent } from '@perennial/event-store';

type ViewField = keyof SubscriptionView;
type HeaderField = keyof SubscriptionHeader;

const term: readonly HeaderField[] = ['termStart', 'termEnd', 'termIndex', 'reactivation', 'status'];

/** Which parts of the folded state a field of the view is computed from; `version` only counts events. */
const sources: { readonly [F in Exclude<ViewField, 'version'>]: readonly HeaderField[] } = {
  tenant: [],
  subscriptionId: [],
  createdAt: [],
  term: ['term'],
  zone: ['zone'],
  channel: ['channel'],
  planId: ['planId'],
  status: ['status'],
  displayStatus: ['status'],
  statusSince: ['statusSince'],
  seats: ['seatsPurchased', 'seatsAssigned'],
  termStart: term,
  termEnd: term,
  nextBilling: term,
  deadline: [
    ...term,
    'startsAt',
    'firstPaymentBy',
    'cancelAt',
    'stateEndsAt',
    'pastDue',
    'chargebackAt',
    'holds',
    'seatConflict',
    'scheduledSeats',
    'scheduledPlan',
  ],
  recurringBilling: ['recurringBilling'],
  disabledReasons: ['disabledReasons', 'status'],
  holds: ['holds'],
  pastDue: ['pastDue'],
  seatConflict: ['seatConflict', 'seatsPurchased', 'seatsAssigned'],
  scheduledSeats: ['scheduledSeats'],
  scheduledPlan: ['scheduledPlan'],
  droppedChanges: ['droppedChanges'],
  trial: ['trial'],
  prepaidUntil: ['prepaidUntil', 'termEnd', 'keyTermEnd', 'status'],
  startsAt: ['startsAt'],
  cancelAt: ['cancelAt'],
  profile: ['policy'],
  price: ['price'],
  balance: ['balance'],
  credit: ['credit'],
  reactivation: ['reactivation'],
  reactivatedFrom: [],
  reactivatedAs: ['successor'],
};

/** What two views differ in, in the order of the view. */
export function differences(
  before: SubscriptionView | null,
  after: SubscriptionView | null,
): readonly { readonly field: ViewField; readonly before: unknown; readonly after: unknown }[] {
  // The table has exactly the fields as its keys.
  return (Object.keys(sources) as (keyof typeof sources)[]).flatMap((field) => {
    const [from, to] = [before?.[field] ?? null, after?.[field] ?? null];
    return isSame(from, to) ? [] : [{ field, before: from, after: to }];
  });
}

/** The fields of the view that each event had a part in, found by folding. @param events of one stream, from its beginning */
export function fieldsByEvent(events: readonly RecordedEvent[]): ReadonlyMap<string, ReadonlySet<ViewField>> {
  const touched = new Map<string, ReadonlySet<ViewField>>();
  let header: SubscriptionHeader | null = null;
  for (const event of events) {
    const before: SubscriptionHeader | null = header;
    const after: SubscriptionHeader = evolveHeader(before, asSubscriptionEvent(event));
    header = after;
    const fields = Object.entries(sources).filter(
      ([, from]) => before === null || from.some((name) => !isSame(before[name], after[name])),
    );
    // As above: keys of the table.
    touched.set(event.id, new Set(fields.map(([field]) => field as ViewField)));
  }
  return touched;
}

function isSame(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}
