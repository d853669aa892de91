import { randomUUID } from 'node:crypto';
import { NO_EVENTS, TOMBSTONE_REVISION } from '../engine/revisions.ts';
import type { EventLog } from '../store/event-log.ts';
import type { StoredEvent } from '../store/lmdb-store.ts';
import { LOG_START } from '../store/positions.ts';
import { isBoundary, PAGE_LIMITS, streamPages, viewStream } from '../store/reader.ts';
import { revisionOf } from '../store/record.ts';
import { headOf } from '../store/stream-cache.ts';
import { Wakeup } from '../store/tail.ts';
import { streamDeleted, type Call } from './call.ts';
import { encodeCaughtUp, encodeCheckpoint, encodeConfirmation, encodeEvent } from './read-messages.ts';
import { invalidPosition, type ReadRequest } from './read-request.ts';

/**
 * A subscription pulls: it reads the next page when the client has taken the last one, from the tail while it keeps up
 * and from the data file when it does not, and sleeps when there is nothing. A slow client costs no memory.
 */
export async function subscribeToAll(log: EventLog, call: Call, request: ReadRequest): Promise<void> {
  const { start, filter } = request;
  if (typeof start === 'number' && !isBoundary(log, start)) throw invalidPosition();
  let position = start === 'start' ? LOG_START : start === 'end' ? log.lastPosition : start;
  let checkpoint = position;
  let considered = 0;
  let live = false;
  await whileSubscribed(log, call, undefined, async (idle) => {
    const tail = log.tail.after(position, PAGE_LIMITS.events);
    const page = tail ?? log.store.logAfter(position, PAGE_LIMITS);
    if (page.length === 0) {
      if (!live && filter && checkpoint !== position) {
        call.send(encodeCheckpoint(position));
        checkpoint = position;
        considered = 0;
      }
      if (!live) call.send(encodeCaughtUp());
      live = true;
      await idle();
      return;
    }
    if (!tail) live = false;
    for (const event of page) {
      if (call.signal.aborted) return;
      position = event.position;
      if (!filter || filter.matches(event.value)) await sendEvent(log, call, event, request);
      considered += 1;
      if (filter && considered >= filter.checkpointEvery) {
        if (!call.send(encodeCheckpoint(position))) await call.drained();
        checkpoint = position;
        considered = 0;
      }
    }
  });
}

/** Follows one stream. One that does not exist yet, or no longer, is waited for; a tombstone ends the subscription. */
export async function subscribeToStream(
  log: EventLog,
  call: Call,
  stream: string,
  request: ReadRequest,
): Promise<void> {
  const known = lastRevision(log, stream);
  let revision = request.start === 'start' ? NO_EVENTS : request.start === 'end' ? known : request.start;
  let live = false;
  await whileSubscribed(log, call, stream, async (idle) => {
    if (!live) {
      revision = await sendStored(log, call, stream, request, revision);
      if (!call.signal.aborted) call.send(encodeCaughtUp());
      live = true;
    }
    // A live subscriber is sent every event, whatever the stream's metadata says by now.
    const { streamId } = headOf(log.durableState(stream), stream);
    const page = log.store.streamPage(streamId, revision + 1, TOMBSTONE_REVISION, false, PAGE_LIMITS);
    if (page.length === 0) return idle();
    for (const event of page) {
      if (call.signal.aborted) return;
      revision = revisionOf(event.value);
      await sendEvent(log, call, event, request);
      if (revision === TOMBSTONE_REVISION) throw streamDeleted(stream);
    }
    live = page.length < PAGE_LIMITS.events;
  });
}

/** Sends what may be read after `revision`; answers the last revision that was there, readable or not. */
async function sendStored(log: EventLog, call: Call, stream: string, request: ReadRequest, revision: number) {
  const view = viewStream(log, stream);
  if (view.kind === 'deleted') throw streamDeleted(stream);
  if (view.kind === 'notFound') return Math.max(revision, lastRevision(log, stream));
  for (const page of streamPages(log, view, { from: revision + 1, backwards: false, count: Infinity })) {
    for (const event of page) {
      if (call.signal.aborted) return revision;
      await sendEvent(log, call, event, request);
    }
  }
  return Math.max(revision, view.last);
}

function lastRevision(log: EventLog, stream: string): number {
  return headOf(log.durableState(stream), stream).lastRevision;
}

async function sendEvent(log: EventLog, call: Call, { position, value }: StoredEvent, request: ReadRequest) {
  if (!call.send(encodeEvent(log, position, value, request))) await call.drained();
}

/** Confirms the subscription, then takes step after step until the client or the server ends it. */
async function whileSubscribed(
  log: EventLog,
  call: Call,
  stream: string | undefined,
  step: (idle: () => Promise<void>) => Promise<void>,
): Promise<void> {
  const wakeup = new Wakeup();
  const wake = () => wakeup.wake();
  const unwatch = log.tail.watch(wakeup, stream);
  call.signal.addEventListener('abort', wake);
  try {
    call.send(encodeConfirmation(randomUUID()));
    while (!call.signal.aborted) {
      await step(() => wakeup.wait());
      // A long catch-up leaves room for the writers, even when its filter lets nothing through.
      await new Promise((resolve) => setImmediate(resolve));
    }
  } finally {
    unwatch();
    call.signal.removeEventListener('abort', wake);
  }
}
