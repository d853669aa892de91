/**
 * Everything about a batch that happens before its transaction: load, guard, heal, fold. Only rows in memory change.
 *
 * @module
 */
import { UndecodableEventError, type EventStore, type UndecodableEvent } from '@perennial/event-store';
import { foldStream, keysOf, type HeldStream } from '../projection/fold-stream.ts';
import { guard } from '../projection/guard.ts';
import { byStream, type LogItem } from '../projection/log-item.ts';
import { rootKey, rootOf, type Projection } from '../projection/projection.ts';
import type { Query } from '../sql/types.ts';
import { readRows, type RowAddress } from './row-store.ts';
import { RowMap } from './row.ts';

/** What a batch will write, and what happened on the way. */
export type PreparedBatch = {
  readonly rows: RowMap;
  readonly held: readonly HeldStream[];
  readonly healedEventCount: number;
  readonly seenEventCount: number;
};

/** What is needed to prepare a batch. */
export type Preparation = {
  readonly query: Query;
  readonly schema: string;
  readonly projections: readonly Projection[];
  readonly store: Pick<EventStore, 'readStream'>;
};

/** How a batch differs from an ordinary one. */
export type BatchMode = {
  /** The streams were held and are tried again. */
  readonly again?: boolean;
  /** The database refused these events: hold their streams. */
  readonly holdWith?: Error;
};

type StreamWork = { readonly stream: string; readonly projections: readonly Projection[]; items: readonly LogItem[] };

/** Prepares the rows that a batch of events changes. */
export async function prepareBatch(
  preparation: Preparation,
  items: readonly LogItem[],
  mode: BatchMode = {},
): Promise<PreparedBatch> {
  const { query, schema, projections } = preparation;
  const loaded = new RowMap();
  const work = workOf(projections, items);
  await loadRoots(query, schema, work, loaded);
  let healedEventCount = 0;
  let seenEventCount = 0;
  for (const one of work) {
    const root = loaded.get(rootOf(one.projections), one.stream, rootKey);
    if (root && root.parkedRevision !== null && !mode.again) {
      // Held: its events wait in the log.
      one.items = [];
      continue;
    }
    const checked = await contiguous(preparation.store, one, root?.revision ?? -1);
    one.items = checked.items;
    healedEventCount += checked.healedCount;
    seenEventCount += checked.seenCount;
  }
  await loadParts(query, schema, work, loaded);
  const rows = new RowMap(loaded);
  const held = work
    .map((one) => foldStream(one.projections, refused(one.items, mode.holdWith), rows))
    .filter((failure) => failure !== undefined);
  return { rows, held, healedEventCount, seenEventCount };
}

/** Makes the first event one that cannot be applied. */
function refused(items: readonly LogItem[], error: Error | undefined): readonly LogItem[] {
  const [first] = items;
  if (error === undefined || first === undefined) return items;
  const { stream, revision } = first.event;
  return [{ kind: 'undecodable', event: withoutBytes({ stream, revision, position: first.event.position, error }) }];
}

/** Groups the events by stream, with the projections that are about it; streams that nobody projects fall away. */
function workOf(projections: readonly Projection[], items: readonly LogItem[]): StreamWork[] {
  return [...byStream(items)]
    .map(([stream, streamItems]) => ({ stream, items: streamItems, projections: projectionsOf(projections, stream) }))
    .filter((one) => one.projections.length > 0);
}

function projectionsOf(projections: readonly Projection[], stream: string): readonly Projection[] {
  return projections.filter((projection) => stream.startsWith(projection.handles.streamPrefix));
}

async function loadRoots(query: Query, schema: string, work: readonly StreamWork[], into: RowMap): Promise<void> {
  const addresses = new Map<Projection, RowAddress[]>();
  for (const { stream, projections } of work) {
    listOf(addresses, rootOf(projections)).push({ stream, key: rootKey });
  }
  await load(query, schema, addresses, into);
}

async function loadParts(query: Query, schema: string, work: readonly StreamWork[], into: RowMap): Promise<void> {
  const addresses = new Map<Projection, RowAddress[]>();
  for (const { stream, items, projections } of work) {
    for (const projection of projections.filter((candidate) => !candidate.root)) {
      const keys = items.flatMap((item) => (item.kind === 'event' ? safeKeys(projection, item) : []));
      const list = listOf(addresses, projection);
      for (const key of new Set(keys)) list.push({ stream, key });
    }
  }
  await load(query, schema, addresses, into);
}

/** Keys of an event that a projection cannot even name: the fold meets the same error and holds the stream. */
function safeKeys(projection: Projection, item: LogItem & { kind: 'event' }): readonly string[] {
  try {
    return keysOf(projection, item.event);
  } catch {
    return [];
  }
}

function listOf(lists: Map<Projection, RowAddress[]>, projection: Projection): RowAddress[] {
  const found = lists.get(projection);
  if (found) return found;
  const list: RowAddress[] = [];
  lists.set(projection, list);
  return list;
}

async function load(
  query: Query,
  schema: string,
  addresses: ReadonlyMap<Projection, readonly RowAddress[]>,
  into: RowMap,
): Promise<void> {
  for (const [projection, wanted] of addresses) {
    for (const row of await readRows(query, schema, projection, wanted)) into.set(projection, row);
  }
}

/** Applies the guard until no gap is left: what is missing is read from the log. */
async function contiguous(
  store: Pick<EventStore, 'readStream'>,
  work: StreamWork,
  revision: number,
): Promise<{ items: readonly LogItem[]; healedCount: number; seenCount: number }> {
  const items: LogItem[] = [];
  let last = revision;
  let waiting = work.items;
  let healedCount = 0;
  let seenCount = 0;
  for (;;) {
    const checked = guard(last, waiting);
    items.push(...checked.next);
    seenCount += checked.seenCount;
    last += checked.next.length;
    if (checked.gap === undefined) return { items, healedCount, seenCount };
    const missing = await readMissing(store, work.stream, checked.gap);
    items.push(...missing);
    healedCount += missing.length;
    last += missing.length;
    // An event that cannot be read holds the stream here: what follows waits in the log.
    if (missing.at(-1)?.kind === 'undecodable') return { items, healedCount, seenCount };
    if (last < checked.gap.to) {
      throw new Error(
        `events ${last + 1} to ${checked.gap.to} of ${work.stream} arrived neither from the broker nor from the log; ` +
          'is this the event store that the broker was filled from?',
      );
    }
    waiting = checked.later;
  }
}

/** Reads revisions of a stream; the last item is undecodable when the reading ended there. */
export async function readMissing(
  store: Pick<EventStore, 'readStream'>,
  stream: string,
  gap: { readonly from: number; readonly to: number },
): Promise<LogItem[]> {
  const items: LogItem[] = [];
  try {
    const options = { fromRevision: gap.from, maxCount: gap.to - gap.from + 1 };
    for await (const event of store.readStream(stream, options)) items.push({ kind: 'event', event });
  } catch (error) {
    if (!(error instanceof UndecodableEventError)) throw error;
    items.push({
      kind: 'undecodable',
      event: withoutBytes({ stream, revision: error.revision, position: -1n, error }),
    });
  }
  return items;
}

/** Where an event is and why it is held; whoever wants its bytes finds them in the log. */
function withoutBytes(at: Pick<UndecodableEvent, 'stream' | 'revision' | 'position' | 'error'>): UndecodableEvent {
  return { ...at, id: '', type: '', rawData: new Uint8Array(), rawMetadata: new Uint8Array() };
}
