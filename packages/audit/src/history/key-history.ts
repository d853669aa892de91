import { productKeyStream, subscriptionStream, type ProductKeyEventData } from '@perennial/domain';
import type { RecordedEvent } from '@perennial/event-store';
import type { StreamMemory } from '../log/stream-memory.ts';
import { entryMaker, type HistoryEntry } from './entry.ts';
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
  const known = found.filter(({ metadata }) => knownAt === undefined || metadata.recordedAt <= knownAt);
  return Promise.all(known.sort(byPosition).map(entryMaker(streams, knownAt)));
}

/** The events of the subscription that a reservation led to: their command ids follow from it. */
async function consequencesOf(event: RecordedEvent, streams: StreamMemory): Promise<readonly RecordedEvent[]> {
  if (event.type !== 'KeyReserved') return [];
  // The door validated the data against the schema of its type.
  const { reservationId, order } = event.data as ProductKeyEventData<'KeyReserved'>;
  const all = await streams.read(subscriptionStream(order.tenant, order.subscriptionId));
  const commandId = `key:${reservationId}`;
  return all.filter(({ metadata }) => metadata.commandId === commandId || metadata.commandId === `${commandId}:create`);
}
