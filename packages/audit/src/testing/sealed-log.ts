import { z } from 'zod';
import { createEventRegistry, emptyHead, sealEvents, type RawEvent, type StreamHead } from '@perennial/event-store';

const registry = createEventRegistry([{ type: 'Noted', schemaVersion: 1, schema: z.looseObject({}) }]);

/** What is written: which stream, and what of it. */
export type Entry = { readonly stream: string; readonly text: string };

/** Events as an event store would hold them after these appends, one each, a second apart. */
export function sealedLog(entries: readonly Entry[]): RawEvent[] {
  const heads = new Map<string, StreamHead>();
  return entries.map(({ stream, text }, index) => {
    const instant = new Date(Date.UTC(2027, 0, 1) + index * 1000).toISOString();
    const sealed = sealEvents(
      stream,
      heads.get(stream) ?? emptyHead(stream),
      [
        {
          type: 'Noted',
          data: { text },
          metadata: {
            effectiveAt: instant,
            recordedAt: instant,
            actor: { type: 'system', id: 'test', roles: [] },
            commandId: `c-${index}`,
            $correlationId: `c-${index}`,
            $causationId: `c-${index}`,
          },
        },
      ],
      registry,
    );
    heads.set(stream, sealed.head);
    const [event] = sealed.events;
    if (!event) throw new Error('one event was sealed');
    return { ...event.raw, position: BigInt(1000 + index * 100) };
  });
}

/** The events as a store yields them. */
export async function* reading(events: readonly RawEvent[]): AsyncGenerator<RawEvent, void, undefined> {
  yield* events;
}
