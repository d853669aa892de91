import type { EventDefinition, NewEvent } from '@perennial/event-store';
import { z } from 'zod';

/** The one event type of these tests: a note with any content. */
export const definitions: readonly EventDefinition[] = [
  { type: 'Noted', schemaVersion: 1, schema: z.object({ text: z.string(), by: z.int().optional() }) },
];

/** A new note. */
export function noted(text: string, by?: number): NewEvent {
  return {
    type: 'Noted',
    data: by === undefined ? { text } : { text, by },
    metadata: {
      effectiveAt: '2027-01-01T00:00:00.000Z',
      recordedAt: '2027-06-01T00:00:00.000Z',
      actor: { type: 'system', id: 'test', roles: [] },
      commandId: `command-${text.slice(0, 20)}`,
      $correlationId: 'correlation',
      $causationId: 'causation',
    },
  };
}

/** Everything an iterable yields, at most `countMax` items. */
export async function collect<T>(items: AsyncIterable<T>, countMax = Infinity): Promise<T[]> {
  const collected: T[] = [];
  if (countMax === 0) return collected;
  for await (const item of items) {
    collected.push(item);
    if (collected.length >= countMax) break;
  }
  return collected;
}

/** Rejects when `promise` takes longer than `timeoutMs`: a test must end. */
export async function within<T>(timeoutMs: number, promise: Promise<T>, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: not within ${timeoutMs} ms`)), timeoutMs);
  });
  return await Promise.race([promise, timeout]).finally(() => clearTimeout(timer));
}
