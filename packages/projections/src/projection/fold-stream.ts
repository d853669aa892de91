import type { RecordedEvent } from '@perennial/event-store';
import { absentRow, type Row, type Rows } from '../set/row.ts';
import type { LogItem } from './log-item.ts';
import { rootKey, type Projection } from './projection.ts';
import { concernedBy, takes } from './route.ts';

/** An event at which a stream is held. */
export type HeldStream = { readonly item: LogItem; readonly error: Error };

type Change = { readonly projection: Projection; readonly row: Row };

const rootKeys: readonly string[] = [rootKey];

/**
 * Applies contiguous events of one stream to all projections of its prefix. An event that cannot be decoded, or that a
 * projection cannot apply, holds the stream: its row says at which revision, its later events wait in the log.
 */
export function foldStream(
  projections: readonly Projection[],
  items: readonly LogItem[],
  rows: Rows,
): HeldStream | undefined {
  for (const item of items) {
    const error = item.kind === 'undecodable' ? item.event.error : applyToAll(projections, item.event, rows);
    if (error === undefined) continue;
    hold(projections, item, error, rows);
    return { item, error };
  }
  return undefined;
}

/** All projections take the event, or none of them. */
function applyToAll(projections: readonly Projection[], event: RecordedEvent, rows: Rows): Error | undefined {
  const changes: Change[] = [];
  try {
    for (const projection of concernedBy(projections, event.type)) {
      for (const key of keysOf(projection, event)) {
        const row = nextRow(projection, event, key, rows);
        if (row) changes.push({ projection, row });
      }
    }
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
  for (const { projection, row } of changes) rows.set(projection, row);
  return undefined;
}

/** Keys of the rows of a projection that an event may change. */
export function keysOf(projection: Projection, event: RecordedEvent): readonly string[] {
  if (projection.root) return rootKeys;
  return takes(projection, event.type) ? projection.keys(event) : [];
}

function nextRow(projection: Projection, event: RecordedEvent, key: string, rows: Rows): Row | undefined {
  const before = rows.get(projection, event.stream, key)?.body ?? null;
  const body = takes(projection, event.type) ? projection.apply(event, before, key) : before;
  // A root's revision counts every event of its stream; any other row is only written when it changed.
  if (!projection.root && body === before) return undefined;
  return {
    stream: event.stream,
    key,
    revision: event.revision,
    position: event.position,
    body,
    parkedRevision: null,
    parkedError: null,
  };
}

function hold(projections: readonly Projection[], item: LogItem, error: Error, rows: Rows): void {
  const root = projections.find((projection) => projection.root);
  if (root === undefined) return;
  const { stream, revision } = item.event;
  const before = rows.get(root, stream, rootKey) ?? absentRow(stream, rootKey);
  rows.set(root, { ...before, parkedRevision: revision, parkedError: error.message });
}
