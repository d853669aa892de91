import { defineProjection } from '../projection/projection.ts';
import { dataOf, subscriptionPrefix } from './subscription-event.ts';

/** One person's seat in a subscription; `heldSince` is the revision of the event that gave it. */
export type Seat = { readonly appsOff: readonly string[]; readonly assignedAt: string; readonly heldSince: number };

/** Who holds a seat: one row per person, so that an assignment among 50 000 writes one row. */
export const userLicenses = defineProjection<Seat>({
  name: 'user-licenses',
  version: 2,
  table: {
    name: 'seats',
    columns: [],
    // The key of a seat's row is the person id.
    indexes: ['(key)'],
  },
  handles: { streamPrefix: subscriptionPrefix, types: new Set(['LicenseAssigned', 'LicenseUnassigned']) },
  root: false,
  keys: (event) => {
    const data = dataOf(event, 'LicenseAssigned') ?? dataOf(event, 'LicenseUnassigned');
    return data ? [data.personId] : [];
  },
  apply: (event) => {
    const assigned = dataOf(event, 'LicenseAssigned');
    if (!assigned) return null;
    return { appsOff: assigned.appsOff, assignedAt: event.metadata.effectiveAt, heldSince: event.revision };
  },
  columns: () => ({}),
});
