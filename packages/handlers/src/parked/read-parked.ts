import { isMessageNotFound, storedMessage, streams, type Broker, type StoredMessage } from '@perennial/broker';
import { parkedHeaders } from './park-message.ts';
import type { ParkedMessage } from './parked-message.ts';

/** Messages of `PARKED` read side by side. */
const readCountMax = 32;

/** Parked messages with an id above `afterId`, oldest first. */
export async function readParked(
  broker: Broker,
  options: { readonly afterId?: number; readonly component?: string; readonly limit?: number } = {},
): Promise<readonly ParkedMessage[]> {
  const { limit = Infinity } = options;
  const { state } = await broker.jetstreamManager.streams.info(streams.parked, { deleted_details: true });
  const gone = new Set(state.deleted);
  const found: ParkedMessage[] = [];
  let next = Math.max(state.first_seq, (options.afterId ?? 0) + 1);
  while (next <= state.last_seq && found.length < limit) {
    const ids: number[] = [];
    for (; next <= state.last_seq && ids.length < readCountMax; next += 1) if (!gone.has(next)) ids.push(next);
    for (const parked of await Promise.all(ids.map((id) => readParkedMessage(broker, id)))) {
      if (!parked || found.length >= limit) continue;
      if (options.component === undefined || parked.component === options.component) found.push(parked);
    }
  }
  return found;
}

/** One parked message; undefined when it is gone. */
export async function readParkedMessage(broker: Broker, id: number): Promise<ParkedMessage | undefined> {
  const stored = await storedMessage(broker, streams.parked, id);
  return stored && toParked(stored);
}

/** Removes a parked message; answers whether it was there. */
export async function deleteParked(broker: Broker, id: number): Promise<boolean> {
  try {
    return await broker.jetstreamManager.streams.deleteMessage(streams.parked, id, false);
  } catch (error) {
    if (isMessageNotFound(error)) return false;
    throw error;
  }
}

function toParked({ sequence, headers, data, storedAt, subject }: StoredMessage): ParkedMessage {
  const header = (name: string): string | undefined => headers.get(name) || undefined;
  return {
    id: sequence,
    component: header(parkedHeaders.component) ?? subject.split('.').at(-1) ?? '',
    parkedAt: header(parkedHeaders.parkedAt) ?? storedAt.toISOString(),
    subject: header(parkedHeaders.subject) ?? '',
    sequence: Number(header(parkedHeaders.sequence) ?? 0),
    lane: header(parkedHeaders.lane),
    error: { code: header(parkedHeaders.code) ?? 'UNKNOWN', message: header(parkedHeaders.error) ?? '' },
    attempts: Number(header(parkedHeaders.attempts) ?? 0),
    headers: originalHeaders(header(parkedHeaders.original)),
    data,
  };
}

function originalHeaders(text: string | undefined): Readonly<Record<string, readonly string[]>> {
  try {
    const parsed: unknown = JSON.parse(text ?? '{}');
    if (typeof parsed !== 'object' || parsed === null) return {};
    const entries = Object.entries(parsed).filter((entry): entry is [string, string[]] => Array.isArray(entry[1]));
    return Object.fromEntries(entries);
  } catch {
    // Parked by somebody else, without our headers: its bytes are still shown.
    return {};
  }
}
