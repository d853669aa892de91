import { subscriptionStream, dataOf } from '@perennial/domain';
import { defineProjection } from '../projection/projection.ts';
import { subscriptionPrefix, tenantOf } from './subscription-event.ts';

/** A holding that ended by a move, and the seat that its person has instead. */
export type LicenseMove = {
  readonly personId: string;
  readonly to: { readonly stream: string; readonly revision: number };
};

/**
 * Moves that are complete, one row per holding that ended so: a seat with `movedFrom` that is not named by a row here
 * belongs to a move that is still open.
 */
export const licenseMoves = defineProjection<LicenseMove>({
  name: 'license-moves',
  version: 1,
  // The key is the revision of the event that gave the holding.
  table: { name: 'license_moves', columns: [], indexes: [] },
  handles: { streamPrefix: subscriptionPrefix, types: new Set(['LicenseMoved']) },
  root: false,
  keys: (event) => {
    const moved = dataOf(event, 'LicenseMoved');
    return moved ? [String(moved.heldSince)] : [];
  },
  apply: (event, row) => {
    const moved = dataOf(event, 'LicenseMoved');
    if (!moved) return row;
    const stream = subscriptionStream(tenantOf(event), moved.to.subscriptionId);
    return { personId: moved.personId, to: { stream, revision: moved.to.revision } };
  },
  columns: () => ({}),
});
