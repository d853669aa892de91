/**
 * A virtual clock that all processes of an installation share: it *is* the stream `clock`, and its time is the last
 * `ClockAdvanced` there.
 *
 * @module
 */
import { clockStream, instantSchema, type Instant } from '@perennial/domain';
import type { EventStore, NewEvent, RecordedEvent } from '@perennial/event-store';
import { CommandConflictError } from '../command-handling/stream-handler.ts';
import { backoffMs, pause } from '../retry/backoff.ts';
import type { VirtualClock } from './clock.ts';

/** A virtual clock moves forwards only: what happened at its later time is in the log. */
export class ClockWouldGoBackError extends Error {
  override readonly name = 'ClockWouldGoBackError';
  readonly code = 'CLOCK_WOULD_GO_BACK';
  constructor(now: Instant, to: Instant) {
    super(`The clock shows ${now} and cannot go back to ${to}; advance it to a later instant.`);
  }
}

const appendAttemptCountMax = 20;

/**
 * Opens the virtual clock. `start` becomes its first time only when the stream is empty; otherwise the stream says what
 * time it is. Resolves when this process sees that time.
 */
export async function followVirtualClock(store: EventStore, start: Instant): Promise<VirtualClock> {
  const abort = new AbortController();
  const listeners = new Set<(now: Instant) => void>();
  let now = await openAt(store, instantSchema.parse(start));

  const see = (to: Instant) => {
    if (to <= now) return;
    now = to;
    for (const listener of listeners) listener(to);
  };
  const following = follow(store, abort.signal, see);

  return {
    virtual: true,
    now: () => now,
    onAdvance: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    advanceTo: async (to) => {
      instantSchema.parse(to);
      see(await advance(store, to));
      return now;
    },
    close: async () => {
      abort.abort();
      await following;
    },
  };
}

async function openAt(store: EventStore, start: Instant): Promise<Instant> {
  for (let attempt = 1; attempt <= appendAttemptCountMax; attempt++) {
    const last = await lastAdvance(store);
    if (last !== undefined) return last.to;
    const outcome = await store.append(clockStream, await store.readHead(clockStream), [clockAdvanced(start)]);
    if (outcome.kind === 'appended') return start;
  }
  throw new CommandConflictError(clockStream, appendAttemptCountMax);
}

/** Answers the time that was reached: never before `to`. */
async function advance(store: EventStore, to: Instant): Promise<Instant> {
  for (let attempt = 1; attempt <= appendAttemptCountMax; attempt++) {
    const last = await lastAdvance(store);
    if (last === undefined) throw new Error('The clock stream is empty although the clock was opened.');
    if (to < last.to) throw new ClockWouldGoBackError(last.to, to);
    if (to === last.to) return to;
    const { metadata, revision } = last.event;
    const head = { revision, hash: metadata.hash, recordedAt: metadata.recordedAt };
    const outcome = await store.append(clockStream, head, [clockAdvanced(to)]);
    if (outcome.kind === 'appended') return to;
    await pause(backoffMs(attempt, { firstMs: 5, maxMs: 80 }));
  }
  throw new CommandConflictError(clockStream, appendAttemptCountMax);
}

async function lastAdvance(store: EventStore): Promise<{ to: Instant; event: RecordedEvent } | undefined> {
  for await (const event of store.readStream(clockStream, { direction: 'backwards', maxCount: 1 })) {
    return { to: timeOf(event), event };
  }
  return undefined;
}

async function follow(store: EventStore, signal: AbortSignal, see: (to: Instant) => void): Promise<void> {
  // From the beginning: the stream is short, and an event between the first read and now cannot be missed.
  for await (const item of store.subscribeToAll({ streamPrefixes: [clockStream], signal })) {
    if (item.kind === 'event' && item.event.stream === clockStream) see(timeOf(item.event));
  }
}

function timeOf(event: RecordedEvent): Instant {
  // The door validated the data against the schema of ClockAdvanced, the only type of this stream.
  return (event.data as { readonly to: Instant }).to;
}

function clockAdvanced(to: Instant): NewEvent {
  const commandId = `clock:${to}`;
  return {
    type: 'ClockAdvanced',
    data: { to },
    metadata: {
      effectiveAt: to,
      recordedAt: to,
      actor: { type: 'system', id: 'clock', roles: [] },
      commandId,
      $correlationId: commandId,
      $causationId: commandId,
    },
  };
}
