/**
 * What can be asked of a seat (`contract.md`, Command bodies); users are already person ids here.
 *
 * @module
 */
import { z } from 'zod';
import { subscriptionCommandSchemas } from '../subscription/commands.ts';
import { deviceIdSchema, deviceKinds } from './events.ts';

/** Bodies of the seat's commands by their name in URLs. */
export const seatCommandSchemas = {
  'set-apps-for-assignment': z.object({
    personId: z.string(),
    /** All that shall be off: whatever is not named is on. */
    appsOff: subscriptionCommandSchemas['assign-license'].shape.appsOff.unwrap(),
  }),
  'activate-device': z.object({
    personId: z.string(),
    deviceId: deviceIdSchema,
    kind: z.enum(deviceKinds),
    /** Whose account the app is signed in with; the person's own when absent. */
    signedInAs: z.string().optional(),
    /**
     * Whether one device more than its kind allows signs out the least recently used one; apps before v1910 asked instead
     * (`domain.md 1.9`).
     */
    signOutOldest: z.boolean().default(true),
  }),
  'deactivate-device': z.object({ personId: z.string(), deviceId: deviceIdSchema }),
} as const;

/** Names of the commands, kebab-case as in URLs. */
export type SeatCommandName = keyof typeof seatCommandSchemas;

/** A command with its validated body. */
export type SeatCommand = {
  [N in SeatCommandName]: { readonly name: N; readonly body: z.infer<(typeof seatCommandSchemas)[N]> };
}[SeatCommandName];
