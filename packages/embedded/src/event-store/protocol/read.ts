import type { EventLog } from '../store/event-log.ts';
import type { StoredEvent } from '../store/lmdb-store.ts';
import { LOG_START } from '../store/positions.ts';
import { isBoundary, logPages, streamPages, viewStream } from '../store/reader.ts';
import { onlyRequest, RpcError, Status, streamDeleted, type Call, type Handler } from './call.ts';
import { encodeEvent, encodeStreamNotFound } from './read-messages.ts';
import { decodeReadRequest, type ReadRequest } from './read-request.ts';
import { subscribeToAll, subscribeToStream } from './subscribe.ts';

/** `Read`: a stream or the whole log, counted or as a subscription. */
export function readHandler(log: EventLog): Handler {
  return async (call) => {
    const request = decodeReadRequest(await onlyRequest(call));
    const { stream, count } = request;
    if (count === undefined) {
      await (stream === undefined ? subscribeToAll(log, call, request) : subscribeToStream(log, call, stream, request));
    } else if (stream === undefined) await readAll(log, call, request, count);
    else await readStream(log, call, request, stream, count);
  };
}

async function readStream(log: EventLog, call: Call, request: ReadRequest, stream: string, count: number) {
  const view = viewStream(log, stream);
  if (view.kind === 'deleted') throw streamDeleted(stream);
  if (view.kind === 'notFound') {
    call.send(encodeStreamNotFound(stream));
    return;
  }
  const { start, backwards } = request;
  const from = start === 'start' ? 0 : start === 'end' ? view.last + (backwards ? 0 : 1) : start;
  await sendPages(log, call, request, streamPages(log, view, { from, backwards, count }));
}

async function readAll(log: EventLog, call: Call, request: ReadRequest, count: number) {
  const { start, backwards, filter } = request;
  if (typeof start === 'number' && !isBoundary(log, start)) {
    throw new RpcError(Status.UNKNOWN, 'Trying to read from an invalid position.');
  }
  // Forwards the position itself is included, backwards it is not.
  const end = log.lastPosition + (backwards ? 0.5 : 0);
  const from = start === 'start' ? LOG_START : start === 'end' ? end : backwards ? start : start - 0.5;
  // A filtered read counts only what matches, so its pages cannot be bounded by the count.
  const pages = logPages(log, { from, backwards, count: filter ? Infinity : count });
  await sendPages(log, call, request, pages, count);
}

async function sendPages(
  log: EventLog,
  call: Call,
  request: ReadRequest,
  pages: Iterable<StoredEvent[]>,
  count = Infinity,
): Promise<void> {
  const { filter } = request;
  let left = count;
  for (const page of pages) {
    for (const { position, value } of page) {
      if (left <= 0 || call.signal.aborted) return;
      if (filter && !filter.matches(value)) continue;
      left -= 1;
      if (!call.send(encodeEvent(log, position, value, request))) await call.drained();
    }
    // Between pages others get their turn, however little of a page matched.
    await new Promise((resolve) => setImmediate(resolve));
  }
}
