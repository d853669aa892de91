/**
 * The events of a seat: what a licensed person has done with the licence. THEY ARE THE STORAGE FORMAT: a change to a
 * schema needs a new version, an upcaster and a corpus entry.
 *
 * Who holds a seat is decided in the subscription's stream. Every event here names the holding that it belongs to, so that
 * nothing has to be cleaned up when the licence is taken away: what names another holding counts for nothing.
 *
 * @module
 */
import { z } from 'zod';
import { instantSchema } from '../instant.ts';

/** Where apps can be installed (`domain.md 1.8`). */
export const deviceKinds = ['computer', 'tablet', 'phone'] as const;

/** See {@link deviceKinds}. */
export type DeviceKind = (typeof deviceKinds)[number];

/** An id that the app made up for its installation; nothing is read into it. */
export const deviceIdSchema = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'no control characters');

const holding = {
  personId: z.string(),
  /** Revision, in the subscription's stream, of the event that gave the seat. */
  heldSince: z.int().nonnegative(),
  /** Revision of the subscription that the decision saw. */
  subscriptionRevision: z.int().nonnegative(),
};

/** Data of every seat event by type. */
export const seatEventSchemas = {
  /** The apps that are off from now on, instead of those before. */
  AppsToggled: z.object({ ...holding, appsOff: z.array(z.string()) }),
  /** The person signed in to the apps on a device; again for a device that is active already: it was used. */
  DeviceActivated: z.object({ ...holding, deviceId: deviceIdSchema, kind: z.enum(deviceKinds) }),
  DeviceDeactivated: z.object({
    ...holding,
    deviceId: deviceIdSchema,
    /**
     * `limit`: it was the least recently used of its kind when one more was activated (`domain.md 1.9`);
     * `license_removed`: written off when the seat, given again, is first used.
     */
    cause: z.enum(['signed_out', 'limit', 'license_removed']),
    /** When the apps on it have noticed at the latest. */
    inEffectBy: instantSchema,
  }),
} as const;

/** The type names. */
export type SeatEventType = keyof typeof seatEventSchemas;

/** Data of an event type. */
export type SeatEventData<T extends SeatEventType> = z.infer<(typeof seatEventSchemas)[T]>;

/** An event as decided. */
export type DecidedSeatEvent = {
  [T in SeatEventType]: { readonly type: T; readonly data: SeatEventData<T>; readonly effectiveAt: string };
}[SeatEventType];

/** An event as folded. */
export type SeatEvent = DecidedSeatEvent & {
  readonly revision: number;
  readonly commandId: string;
  readonly commandHash?: string;
};
