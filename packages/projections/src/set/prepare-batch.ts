/**
 * Everything about a batch that happens before its transaction: load, guard, heal, fold. Only rows in memory change.
 *
 * @module
 */
import { UndecodableEventError, type EventStore, type UndecodableEvent } from '@perennial/event-store';
import { foldStream, keysOf, type HeldStream } from '../projection/fold-stream.ts';
import { guard } from '../projection/guard.ts';
import { byStream, type LogItem } from '../projection/log-item.ts';
import { rootKey, type Projection } from '../projection/projection.ts';
import { routesOf, type Route } from '../projection/route.ts';
import type { Query } from '../sql/types.ts';
import { readRows } from './row-store.ts';
import { RowMap, type LoadedRows, type Row, type RowAddress, type Rows } from './row.ts';

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

type StreamWork = { readonly stream: string; readonly route: Route; items: readonly LogItem[] };

/** Prepares the rows that a batch of events changes. */
export async function prepareBatch(
  preparation: Preparation,
  items: readonly LogItem[],
  mode: BatchMode = {},
): Promise<PreparedBatch> {
  const loaded = new RowMap();
  const rows = new RowMap(loaded);
  return { rows, ...(await foldInto(preparation, items, { loaded, rows }, mode)) };
}

/** Folds a batch into rows; what is not known of them yet is loaded first. */
export async function foldInto(
  { query, schema, projections, store }: Preparation,
  items: readonly LogItem[],
  { loaded, rows }: { readonly loaded: LoadedRows; readonly rows: Rows },
  mode: BatchMode = {},
): Promise<Omit<PreparedBatch, 'rows'>> {
  const work = workOf(projections, items);
  await load(query, schema, rootAddresses(work, loaded), loaded);
  let healedEventCount = 0;
  let seenEventCount = 0;
  for (const one of work) {
    const root = loaded.get(one.route.root, one.stream, rootKey);
    if (root && root.parkedRevision !== null && !mode.again) {
      // Held: its events wait in the log.
      one.items = [];
      continue;
    }
    const checked = await contiguous(store, one, root?.revision ?? -1);
    one.items = checked.items;
    healedEventCount += checked.healedCount;
    seenEventCount += checked.seenCount;
  }
  await load(query, schema, partAddresses(work, loaded), loaded);
  const held = work
    .map((one) => foldStream(one.route.projections, refused(one.items, mode.holdWith), rows))
    .filter((failure) => failure !== undefined);
  return { held, healedEventCount, seenEventCount };
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
  const routes = routesOf(projections);
  return [...byStream(items)].flatMap(([stream, streamItems]) => {
    const route = routes(stream);
    return route ? [{ stream, route, items: streamItems }] : [];
  });
}

type Addresses = ReadonlyMap<Projection, readonly RowAddress[]>;

function rootAddresses(work: readonly StreamWork[], loaded: LoadedRows): Addresses {
  const addresses = new Map<Projection, RowAddress[]>();
  for (const { stream, route } of work) {
    if (!loaded.isKnown(route.root, stream, rootKey)) listOf(addresses, route.root).push({ stream, key: rootKey });
  }
  return addresses;
}

function partAddresses(work: readonly StreamWork[], loaded: LoadedRows): Addresses {
  const addresses = new Map<Projection, RowAddress[]>();
  for (const { stream, items, route } of work) {
    if (loaded.isComplete(stream)) continue;
    for (const projection of route.projections.filter((candidate) => !candidate.root)) {
      const keys = items.flatMap((item) => (item.kind === 'event' ? safeKeys(projection, item) : []));
      const list = listOf(addresses, projection);
      for (const key of new Set(keys)) if (!loaded.isKnown(projection, stream, key)) list.push({ stream, key });
    }
  }
  return addresses;
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

async function load(query: Query, schema: string, addresses: Addresses, into: LoadedRows): Promise<void> {
  for (const [projection, wanted] of addresses) {
    const found = new Map<string, Row>();
    for (const row of await readRows(query, schema, projection, wanted)) found.set(`${row.stream} ${row.key}`, row);
    for (const address of wanted) into.load(projection, address, found.get(`${address.stream} ${address.key}`));
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
