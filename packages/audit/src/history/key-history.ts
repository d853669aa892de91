import { productKeyStream, subscriptionStream } from '@perennial/domain';
import type { RecordedEvent } from '@perennial/event-store';
import type { StreamMemory } from '../log/stream-memory.ts';
import { entryMaker, type HistoryEntry } from './entry.ts';
import { orderIn, orderOf } from './key-order.ts';
import { byPosition } from './related-streams.ts';

/** Whose history. */
export type KeyHistoryRequest = { readonly keyIds: readonly string[]; readonly knownAt?: string | undefined };

/** The life of product keys, and what each did to the subscription it was redeemed for. A key has few events. */
export async function keyHistory(
  streams: StreamMemory,
  { keyIds, knownAt }: KeyHistoryRequest,
): Promise<readonly HistoryEntry[]> {
  const found: RecordedEvent[] = [];
  for (const keyId of keyIds) {
    const ofKey = await streams.read(productKeyStream(keyId));
    found.push(...ofKey);
    for (const event of ofKey) found.push(...(await consequencesOf(event, streams)));
  }
  const known = [...new Set(found)].filter(({ metadata }) => knownAt === undefined || metadata.recordedAt <= knownAt);
  return Promise.all(known.sort(byPosition).map(entryMaker(streams, knownAt)));
}

/** The events of the subscription that an order led to: their command ids follow from its own. */
async function consequencesOf(event: RecordedEvent, streams: StreamMemory): Promise<readonly RecordedEvent[]> {
  const order = orderIn(event);
  if (order === undefined) return [];
  const all = await streams.read(subscriptionStream(order.tenant, order.subscriptionId));
  return all.filter(({ metadata }) => orderOf(metadata.commandId) === order.commandId);
}
