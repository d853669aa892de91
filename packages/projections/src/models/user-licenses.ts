import { subscriptionStream, type LicenseSource, dataOf } from '@perennial/domain';
import { defineProjection } from '../projection/projection.ts';
import { subscriptionPrefix, tenantOf } from './subscription-event.ts';

/** One person's seat in a subscription. */
export type Seat = {
  readonly appsOff: readonly string[];
  readonly source: LicenseSource;
  readonly assignedAt: string;
  /** Revision of the event that gave it. */
  readonly heldSince: number;
  /** The holding, in another stream, that the person gave up for it; the move is open until that stream says so. */
  readonly movedFrom?: { readonly stream: string; readonly heldSince: number };
};

/** Who holds a seat: one row per person, so that an assignment among 50 000 writes one row. */
export const userLicenses = defineProjection<Seat>({
  name: 'user-licenses',
  version: 4,
  // Without `heldSince` nothing that was done with a seat can be placed.
  rowsReadableSince: 2,
  table: {
    name: 'seats',
    columns: [{ name: 'moved_from', type: 'text' }],
    // The key of a seat's row is the person id.
    indexes: ['(key)', '(stream, key) where moved_from is not null'],
  },
  handles: {
    streamPrefix: subscriptionPrefix,
    types: new Set(['LicenseAssigned', 'LicenseUnassigned', 'LicenseMoved']),
  },
  root: false,
  keys: (event) => {
    const data =
      dataOf(event, 'LicenseAssigned') ?? dataOf(event, 'LicenseUnassigned') ?? dataOf(event, 'LicenseMoved');
    return data ? [data.personId] : [];
  },
  apply: (event) => {
    const assigned = dataOf(event, 'LicenseAssigned');
    if (!assigned) return null;
    const { appsOff, source, movedFrom } = assigned;
    const seat: Seat = { appsOff, source, assignedAt: event.metadata.effectiveAt, heldSince: event.revision };
    if (movedFrom === undefined) return seat;
    const stream = subscriptionStream(tenantOf(event), movedFrom.subscriptionId);
    return { ...seat, movedFrom: { stream, heldSince: movedFrom.heldSince } };
  },
  columns: ({ movedFrom }) => ({ moved_from: movedFrom?.stream ?? null }),
});
