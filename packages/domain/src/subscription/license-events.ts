/**
 * Events of who holds a seat. THEY ARE THE STORAGE FORMAT, see events.ts.
 *
 * @module
 */
import { z } from 'zod';

/**
 * Where a moved licence came from: the holding that ends when `LicenseMoved` is appended there. Until then the move is open,
 * and these four fields are all that it takes to finish it.
 */
export const movedFromSchema = z.object({
  subscriptionId: z.string(),
  /** Revision, there, of the event that gave the seat. */
  heldSince: z.int().nonnegative(),
  /** The command that asked for the move, and the fingerprint of its content. */
  commandId: z.string(),
  commandHash: z.string(),
});

/** How a person comes to a licence. */
export const licenseSources = ['direct', 'group'] as const;

/** See {@link licenseSources}. */
export type LicenseSource = (typeof licenseSources)[number];

/** Why a licence was taken away, where nobody asked for it. */
export const unassignCauses = ['conflict_lapsed', 'move_undone'] as const;

/** Data of these events by type. */
export const licenseEventSchemas = {
  /** A person holds a seat from now on; `movedFrom` is the first half of a move. */
  LicenseAssigned: z.object({
    personId: z.string(),
    appsOff: z.array(z.string()),
    /** Version 2: given to the person, or to a group that the person is in (`domain.md 6.7`, 2). */
    source: z.enum(licenseSources),
    movedFrom: movedFromSchema.optional(),
  }),
  /** `move_undone`: the seat that was to be given up for this one was gone before the move was complete. */
  LicenseUnassigned: z.object({ personId: z.string(), cause: z.enum(unassignCauses).optional() }),
  /** The second half of a move: the seat is free here, because the person holds one of `to`, given by its `revision`. */
  LicenseMoved: z.object({
    personId: z.string(),
    heldSince: z.int().nonnegative(),
    to: z.object({ subscriptionId: z.string(), revision: z.int().nonnegative() }),
  }),
} as const;
