/**
 * The one loop of the write side: load, decide, append, and again on a conflict.
 *
 * @module
 */
import { emptyHead, type EventStore, type NewEvent, type RecordedEvent } from '@perennial/event-store';
import type { Lanes } from '../lanes/lanes.ts';
import { backoffMs, pause, type BackoffOptions } from '../retry/backoff.ts';
import { noMetrics, type Metrics } from '../role/metrics.ts';
import type { CachedState, StateCache } from '../state-cache/state-cache.ts';

/** Others kept appending to the stream; nothing of this command was appended. */
export class CommandConflictError extends Error {
  override readonly name = 'CommandConflictError';
  readonly code = 'CONFLICT';
  constructor(stream: string, attemptCount: number) {
    super(`Stream ${stream} changed during each of ${attemptCount} attempts; send the command again.`);
  }
}

/** How a stream is folded. */
export type Aggregate<State> = {
  readonly initial: State;
  evolve(state: State, event: RecordedEvent): State;
  /** The same for many events, where that costs less than one after the other. */
  evolveAll?(state: State, events: readonly RecordedEvent[]): State;
};

/** Folds many events in the way that costs the aggregate least. */
export function foldEvents<State>(aggregate: Aggregate<State>, state: State, events: readonly RecordedEvent[]): State {
  return aggregate.evolveAll?.(state, events) ?? events.reduce((next, event) => aggregate.evolve(next, event), state);
}

/** A stream as decided upon. */
export type StreamView<State> = CachedState<State> & { readonly stream: string };

/** What a decision wants appended (nothing: no events) and what it answers. */
export type StreamDecision<Answer> = { readonly events: readonly NewEvent[]; readonly answer: Answer };

/** Decides on a stream as it is; called again after a conflict, so it may have no effects. */
export type DecideOnStream<State, Answer> = (
  view: StreamView<State>,
) => StreamDecision<Answer> | Promise<StreamDecision<Answer>>;

/** How a transaction on one stream ended. */
export type StreamOutcome<State, Answer> = {
  readonly answer: Answer;
  /** The stream after the append; as read when nothing was appended. */
  readonly view: StreamView<State>;
  readonly appended: readonly RecordedEvent[];
};

/** Options of {@link createStreamHandler}. */
export type StreamHandlerOptions<State> = {
  readonly store: EventStore;
  readonly aggregate: Aggregate<State>;
  readonly cache: StateCache<State>;
  /** One in flight per stream: shared by all handlers that write the same streams. */
  readonly lanes: Lanes;
  /** Attempts before {@link CommandConflictError}; default 5. */
  readonly attemptCountMax?: number;
  /** Waits between attempts; default 5 ms doubling to 80 ms. */
  readonly conflictBackoff?: BackoffOptions;
  readonly metrics?: Metrics;
};

/** Decides and appends on streams of one kind. */
export type StreamHandler<State> = {
  /** @throws CommandConflictError, OverloadedError, and what the event store throws */
  transact<Answer>(stream: string, decide: DecideOnStream<State, Answer>): Promise<StreamOutcome<State, Answer>>;
  /** The stream up to its end at the time of the call. */
  read(stream: string): Promise<StreamView<State>>;
};

/** Events that are handed on to the cache; of a longer read it keeps the state alone. */
const keptEventCountMax = 1_024;

/** So many events are folded at once while a stream is read. */
const foldedEventCountMax = 256;

/** See {@link StreamHandler}. */
export function createStreamHandler<State>(options: StreamHandlerOptions<State>): StreamHandler<State> {
  const { store, aggregate, cache, lanes, metrics = noMetrics } = options;
  const attemptCountMax = options.attemptCountMax ?? 5;
  const conflictBackoff = options.conflictBackoff ?? { firstMs: 5, maxMs: 80 };

  /** Reads on from a view to the stream's end; answers the same view when nothing came after it. */
  const readTail = async (view: StreamView<State>): Promise<StreamView<State>> => {
    const since: RecordedEvent[] = [];
    const next = await foldStream(store, aggregate, view, (event) => {
      if (since.length <= keptEventCountMax) since.push(event);
    });
    if (next !== view) cache.set(view.stream, next, since.length <= keptEventCountMax ? since : undefined);
    return next;
  };

  const load = async (stream: string): Promise<{ view: StreamView<State>; fresh: boolean }> => {
    const cached = cache.get(stream);
    metrics.count('state_cache_total', { result: cached ? 'hit' : 'miss' });
    if (cached) return { view: { stream, ...cached }, fresh: false };
    const head = emptyHead(stream);
    return { view: await readTail({ stream, state: aggregate.initial, head, position: undefined }), fresh: true };
  };

  const transact = async <Answer>(stream: string, decide: DecideOnStream<State, Answer>) => {
    let { view, fresh } = await load(stream);
    for (let attempt = 1; attempt <= attemptCountMax; attempt++) {
      let decision = await decide(view);
      if (decision.events.length === 0 && !fresh) {
        const tail = await readTail(view);
        fresh = true;
        if (tail !== view) {
          view = tail;
          decision = await decide(view);
        }
      }
      if (decision.events.length === 0) return { answer: decision.answer, view, appended: [] };
      const outcome = await store.append(stream, view.head, decision.events);
      if (outcome.kind === 'appended') {
        const after = fold(aggregate, view, outcome.events);
        cache.set(stream, after, outcome.events);
        return { answer: decision.answer, view: after, appended: outcome.events };
      }
      metrics.count('command_conflicts_total');
      if (attempt > 1) await pause(backoffMs(attempt - 1, conflictBackoff));
      const tail = await readTail(view);
      // Somebody appended, yet nothing follows what is cached: it is not of this stream, or of a log that is no more.
      if (tail === view) cache.delete(stream);
      view = tail === view ? (await load(stream)).view : tail;
      fresh = true;
    }
    throw new CommandConflictError(stream, attemptCountMax);
  };

  return {
    transact: (stream, decide) => lanes.run(stream, () => transact(stream, decide)),
    read: async (stream) => {
      const { view, fresh } = await load(stream);
      return fresh ? view : readTail(view);
    },
  };
}

/** Folds what follows a view in its stream; the same view when nothing does. */
export async function foldStream<State>(
  store: Pick<EventStore, 'readStream'>,
  aggregate: Aggregate<State>,
  view: StreamView<State>,
  onEvent: (event: RecordedEvent) => void = () => {},
): Promise<StreamView<State>> {
  let next = view;
  let waiting: RecordedEvent[] = [];
  for await (const event of store.readStream(view.stream, { fromRevision: view.head.revision + 1 })) {
    onEvent(event);
    waiting.push(event);
    if (waiting.length < foldedEventCountMax) continue;
    next = fold(aggregate, next, waiting);
    waiting = [];
  }
  return fold(aggregate, next, waiting);
}

function fold<State>(
  aggregate: Aggregate<State>,
  view: StreamView<State>,
  events: readonly RecordedEvent[],
): StreamView<State> {
  const newest = events.at(-1);
  if (newest === undefined) return view;
  for (const [index, { revision }] of events.entries()) {
    const before = view.head.revision + index;
    if (revision !== before + 1) {
      throw new RangeError(`Stream ${view.stream} has revision ${revision} after ${before}: events are missing.`);
    }
  }
  const { hash, recordedAt } = newest.metadata;
  return {
    stream: view.stream,
    state: foldEvents(aggregate, view.state, events),
    head: { revision: newest.revision, hash, recordedAt },
    position: newest.position,
  };
}
