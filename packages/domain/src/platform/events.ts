/**
 * Events that belong to no subscription. THEY ARE THE STORAGE FORMAT: a change to a schema needs a new version, an
 * upcaster and a corpus entry.
 *
 * @module
 */
import { z } from 'zod';
import { planSchema } from '../catalogue/catalogue.ts';
import { instantSchema } from '../instant.ts';

/** Data of every platform event by type. */
export const platformEventSchemas = {
  /** Stream `log`: the first event of all; tells one log from another. */
  LogCreated: z.object({ logId: z.uuid() }),
  /**
   * Stream `roots`: a Merkle root over the heads of all streams, so that whoever keeps a copy can tell a log that was
   * written anew (`docs/proof.md`). Positions are decimal text; `until` is the system time of the newest event covered.
   */
  LogRootPublished: z.object({
    logId: z.uuid(),
    position: z.string().regex(/^\d{1,20}$/),
    until: instantSchema,
    streamCount: z.int().positive(),
    eventCount: z.int().positive(),
    root: z.string().regex(/^[0-9a-f]{64}$/),
  }),
  /** Stream `clock`: the virtual clock stands there from now on. */
  ClockAdvanced: z.object({ to: instantSchema }),
  /** Stream `catalogue`: a part of a catalogue that is being published. Part 0 begins a new one. */
  CataloguePlansAdded: z.object({
    version: z.string(),
    part: z.int().nonnegative(),
    plans: z.array(planSchema),
  }),
  /** Stream `catalogue`: the parts before it are in force. */
  CataloguePublished: z.object({
    version: z.string(),
    planCount: z.int().nonnegative(),
    partCount: z.int().positive(),
  }),
  /** Stream `tenant-…`: what guards need to know of a tenant; replaces what was said before. */
  TenantDescribed: z.object({
    country: z
      .string()
      .regex(/^[A-Z]{2}$/)
      .optional(),
    language: z.string().max(35).optional(),
    zone: z.string().max(64).optional(),
    domainAttached: z.boolean().optional(),
    creditCheck: z.enum(['pending', 'passed']).optional(),
  }),
  /** Stream `tenant-…`: the same of a person, by its random id. */
  PersonDescribed: z.object({
    personId: z.string(),
    usageLocation: z
      .string()
      .regex(/^[A-Z]{2}$/)
      .optional(),
  }),
  /**
   * Stream `tenant-…`: who this was is forgotten for good. The event holds nothing of the person; it makes sure that the vault
   * and the read models are emptied even when the process that was told so ended on the way.
   */
  PersonErased: z.object({ personId: z.string() }),
  /** Stream `trial-…`: this subscription has the tenant's trial of the plan. */
  TrialReserved: z.object({ tenant: z.string(), planId: z.string(), subscriptionId: z.string() }),
  /**
   * Stream `person-…`: the person is about to get a licence, or apps of one, in this subscription. Whether that came about
   * is said by the subscription, which remembers the command; until then nobody may get what it excludes.
   */
  LicenseClaimed: z.object({
    tenant: z.string(),
    personId: z.string(),
    subscriptionId: z.string(),
    planId: z.string(),
    appsOff: z.array(z.string()),
  }),
  /** Stream `person-…`: the command with that claim was refused in the end. */
  LicenseClaimReleased: z.object({
    tenant: z.string(),
    personId: z.string(),
    subscriptionId: z.string(),
    claimedBy: z.string(),
  }),
  /**
   * Stream `commandId-…`: the id was used for a command on a seat of the subscription, with this content. Who holds it is
   * nobody's business but the seat's: the hash tells a repetition from another command.
   */
  SeatCommandIdTaken: z.object({
    tenant: z.string(),
    subscriptionId: z.string(),
    commandHash: z.string().regex(/^[0-9a-f]{64}$/),
  }),
  /** Stream `attempts-…`: auditors ask who tried what (`domain.md 6.2`). The body is not kept: it may hold anything. */
  CommandRefused: z.object({
    tenant: z.string(),
    subscriptionId: z.string(),
    command: z.string(),
    reasonCodes: z.array(z.string()).min(1),
    /** Status at the time, where there was a subscription. */
    status: z.string().optional(),
    /** The event that had the effect already, for a repeated command. */
    firstEventId: z.string().optional(),
  }),
  /** Stream `discards`: an operator gave up a parked message; why is in the envelope's `reason`, encrypted. */
  ParkedMessageDiscarded: z.object({
    parkedId: z.int().positive(),
    component: z.string(),
    /** Where it came from. */
    subject: z.string(),
    sequence: z.int().nonnegative(),
    errorCode: z.string(),
  }),
} as const;

/** The type names. */
export type PlatformEventType = keyof typeof platformEventSchemas;

/** Data of an event type. */
export type PlatformEventData<T extends PlatformEventType> = z.infer<(typeof platformEventSchemas)[T]>;

/** A platform event. */
export type PlatformEvent = {
  [T in PlatformEventType]: { readonly type: T; readonly data: PlatformEventData<T> };
}[PlatformEventType];
