/**
 * Bodies of the commands on who holds a seat (`contract.md`, Command bodies); users are person ids here. Fields that begin a
 * move, or undo one, are written inside the engine only.
 *
 * @module
 */
import { z } from 'zod';
import { instantSchema } from '../instant.ts';
import { movedFromSchema, unassignCauses } from './license-events.ts';

const revision = z.int().nonnegative();

/** See the module's description. */
export const licenseCommandSchemas = {
  'assign-license': z.object({
    personId: z.string(),
    appsOff: z.array(z.string().max(128)).max(200).default([]),
    /** The first half of a move: the licence that the person gives up for this one. */
    movedFrom: movedFromSchema.optional(),
  }),
  'unassign-license': z.object({
    personId: z.string(),
    /** Only this holding, not one that the person got since. */
    heldSince: revision.optional(),
    cause: z.enum(unassignCauses).optional(),
  }),
  /** The second half of a move: the person holds a seat of the other subscription already. */
  'move-license': z.object({
    personId: z.string(),
    heldSince: revision,
    to: z.object({ subscriptionId: z.string(), revision, assignedAt: instantSchema }),
  }),
} as const;
