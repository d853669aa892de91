import type { EventStore } from '@perennial/event-store';
import { logStream } from '@perennial/domain';

/** The event store is not the one that the read models were built from, or it lost what they were built from. */
export class ForeignLogError extends Error {
  override readonly name = 'ForeignLogError';
  readonly code = 'READ_MODEL_OF_ANOTHER_LOG';
}

/** The id of the log (`LogCreated`); undefined while it is empty. */
export async function readLogId(store: Pick<EventStore, 'readStream'>): Promise<string | undefined> {
  for await (const event of store.readStream(logStream, { maxCount: 1 })) {
    // Validated by the door against the schema of LogCreated.
    return (event.data as { readonly logId: string }).logId;
  }
  return undefined;
}

/** The log ends before the watermark: it is an older copy. Loud, because the read models know more than the truth does. */
export async function assertLogHolds(store: Pick<EventStore, 'lastPosition'>, watermark: bigint): Promise<void> {
  if (watermark < 0n) return;
  const last = await store.lastPosition();
  if (last !== undefined && last >= watermark) return;
  throw new ForeignLogError(
    `The read models are at position ${watermark} and the event store ends at ${last ?? 'its beginning'}: it was restored ` +
      'from an older copy. If that is meant, drop the schemas perennial and perennial_set_* and start again.',
  );
}
