import { logStream } from '@perennial/domain';
import { emptyHead, type EventStore } from '@perennial/event-store';
import type { Clock } from '../clock/clock.ts';

/** The log holds events but does not begin with `LogCreated`: it is not one of ours. */
export class ForeignLogError extends Error {
  override readonly name = 'ForeignLogError';
  readonly code = 'LOG_NOT_CREATED';
  constructor(stream: string) {
    super(
      `The event store already holds events (the first is in ${stream}) but no LogCreated; ` +
        'point EVENTSTORE_URL at an empty store, or at one that Perennial made.',
    );
  }
}

/**
 * The id of the log, made as its first event of all when there is none. Call it before anything else is appended.
 * Two processes that start at once agree: one of them appends, both answer the same id.
 * @throws ForeignLogError
 */
export async function ensureLog(
  store: EventStore,
  options: { readonly newId: () => string; readonly now: Clock['now'] },
): Promise<string> {
  for (;;) {
    const existing = await readLogId(store);
    if (existing !== undefined) return existing;
    for await (const item of store.readAll({ maxCount: 1 })) {
      if (item.event.stream !== logStream) throw new ForeignLogError(item.event.stream);
    }
    const logId = options.newId();
    const now = options.now();
    await store.append(logStream, emptyHead(logStream), [
      {
        type: 'LogCreated',
        data: { logId },
        metadata: {
          effectiveAt: now,
          recordedAt: now,
          actor: { type: 'system', id: 'log', roles: [] },
          commandId: `log:${logId}`,
          $correlationId: `log:${logId}`,
          $causationId: `log:${logId}`,
        },
      },
    ]);
  }
}

/** The id of the log; undefined when it was never created. */
export async function readLogId(store: EventStore): Promise<string | undefined> {
  for await (const event of store.readStream(logStream, { maxCount: 1 })) {
    // The door validated the data against the schema of LogCreated, the first event of this stream.
    return (event.data as { readonly logId: string }).logId;
  }
  return undefined;
}
