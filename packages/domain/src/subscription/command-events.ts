/**
 * Events that commands on seats, holds and trials, and those of support and operators cause. THEY ARE THE STORAGE FORMAT,
 * see events.ts.
 *
 * @module
 */
import { z } from 'zod';
import { planUnits } from '../catalogue/catalogue.ts';
import { instantSchema } from '../instant.ts';
import { moneySchema } from '../money.ts';
import { tracedCommand } from './command-trace.ts';
import { dropCauses, scheduledChangeSchema, scheduledPlanSchema, scheduledSeatsSchema } from './lifecycle.ts';
import { productKeyAppliedShape } from './product-key-command.ts';

/** Kinds of hold (`domain.md 6.1`, flags). */
const hold = { kind: z.enum(['pause', 'suspend']) };

/** Data of these events by type. */
export const commandEventSchemas = {
  /** `charge`: what the added seats cost for what is left of the paid time. */
  SeatsAdded: z.object({ count: z.int().positive(), charge: moneySchema.optional(), ...tracedCommand }),
  /** `credit`: what they were worth; the billing system gives it back. By a schedule there is none: the term is over. */
  SeatsRemoved: z.object({
    count: z.int().positive(),
    by: z.enum(['request', 'schedule']),
    credit: moneySchema.optional(),
    ...tracedCommand,
  }),
  /** One change waits at most; `supersedes` is the one that this takes the place of. */
  SeatChangeScheduled: z.object({
    ...scheduledSeatsSchema.shape,
    supersedes: scheduledSeatsSchema.optional(),
    ...tracedCommand,
  }),
  /** As for seats. `price` per seat and term; absent: as before. */
  PlanChangeScheduled: z.object({
    ...scheduledPlanSchema.shape,
    supersedes: scheduledPlanSchema.optional(),
    ...tracedCommand,
  }),
  /** A change that waited for the renewal never takes effect. One that a later one replaced is named by that one. */
  ScheduledChangeDropped: z.object({ change: scheduledChangeSchema, cause: z.enum(dropCauses) }),
  /** More seats are assigned than there are (`domain.md 1.7`). */
  SeatConflictOpened: z.object({ excess: z.int().positive(), deadline: instantSchema }),
  SeatConflictResolved: z.object({}),
  /**
   * The time to resolve it is over. `unassigned` of the `excess` were taken away by the events before this one; fewer only
   * where the seats were not known (a deadline applied in memory).
   */
  SeatConflictLapsed: z.object({
    excess: z.int().positive(),
    outcome: z.enum(['unassigned', 'kept']),
    unassigned: z.int().nonnegative(),
  }),
  PlanChanged: z.object({
    from: z.string(),
    to: z.string(),
    /** Per seat and term; absent: as before. */
    price: moneySchema.optional(),
    charge: moneySchema.optional(),
    credit: moneySchema.optional(),
    /** What the new plan is bought in, where that differs. */
    unit: z.enum(planUnits).optional(),
    /** With the renewal; absent: asked for, at once. */
    by: z.literal('schedule').optional(),
    ...tracedCommand,
  }),
  HoldPlaced: z.object({
    ...hold,
    until: instantSchema.optional(),
    /** The term will end later by as long as it lasts. */
    movesTermEnd: z.boolean(),
    ...tracedCommand,
  }),
  HoldReleased: z.object({ ...hold, by: z.enum(['request', 'schedule', 'ending']), ...tracedCommand }),
  TrialExtended: z.object({ termEnd: instantSchema, ...tracedCommand }),
  /** The first paid term; `by` the customer, or by itself at the end of the trial. */
  TrialConverted: z.object({
    termStart: instantSchema,
    termEnd: instantSchema,
    by: z.enum(['customer', 'schedule']),
    ...tracedCommand,
  }),
  /** A product key was redeemed; what it begins or brings back follows as events of its own. */
  ProductKeyApplied: z.object({ ...productKeyAppliedShape, ...tracedCommand }),
  /** The customer asks for the arrears to be charged now; only a settled payment ends them. */
  BalancePaymentRequested: z.object({
    amount: moneySchema.optional(),
    reactivationId: z.string().optional(),
    ...tracedCommand,
  }),
  DataExported: z.object({}),
  /** `text` is encrypted before it is stored. */
  NoteAdded: z.object({ text: z.string() }),
  /** Says of a recorded event that it was wrong; history itself stays as it is. */
  FactCorrected: z.object({ corrects: z.uuid(), correction: z.record(z.string(), z.json()).optional() }),
} as const;
