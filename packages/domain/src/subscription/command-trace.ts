import { z } from 'zod';
import { instantSchema } from '../instant.ts';

/**
 * The accepted command behind an event, with what of its body is needed to decide it again: a payment fact that becomes
 * known late is decided by simulating the subscription in valid time, and commands are part of that history.
 */
export const commandTraceSchema = z.object({
  name: z.string(),
  at: instantSchema,
  body: z.record(z.string(), z.json()),
});

/** Field of every event that a command of the lifecycle can cause. */
export const tracedCommand = { command: commandTraceSchema.optional() };
