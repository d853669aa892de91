import type { RecordedEvent } from '@perennial/event-store';
import { absentRow, type Row, type RowMap } from '../set/row.ts';
import type { LogItem } from './log-item.ts';
import { rootKey, type Projection } from './projection.ts';

/** An event at which a stream is held. */
export type HeldStream = { readonly item: LogItem; readonly error: Error };

/**
 * Applies contiguous events of one stream to all projections of its prefix. An event that cannot be decoded, or that a
 * projection cannot apply, holds the stream: its row says at which revision, its later events wait in the log.
 */
export function foldStream(
  projections: readonly Projection[],
  items: readonly LogItem[],
  rows: RowMap,
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
function applyToAll(projections: readonly Projection[], event: RecordedEvent, rows: RowMap): Error | undefined {
  try {
    const changed = projections.flatMap((projection) =>
      keysOf(projection, event).map((key) => ({ projection, row: nextRow(projection, event, key, rows) })),
    );
    for (const { projection, row } of changed) if (row) rows.set(projection, row);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** Keys of the rows of a projection that an event may change. */
export function keysOf(projection: Projection, event: RecordedEvent): readonly string[] {
  if (projection.root) return [rootKey];
  const { types } = projection.handles;
  return types === 'all' || types.has(event.type) ? projection.keys(event) : [];
}

function nextRow(projection: Projection, event: RecordedEvent, key: string, rows: RowMap): Row | undefined {
  const before = rows.get(projection, event.stream, key) ?? absentRow(event.stream, key);
  const { types } = projection.handles;
  const concerned = types === 'all' || types.has(event.type);
  const body = concerned ? projection.apply(event, before.body, key) : before.body;
  // A root's revision counts every event of its stream; any other row is only written when it changed.
  if (!projection.root && body === before.body) return undefined;
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

function hold(projections: readonly Projection[], item: LogItem, error: Error, rows: RowMap): void {
  const root = projections.find((projection) => projection.root);
  if (root === undefined) return;
  const { stream, revision } = item.event;
  const before = rows.get(root, stream, rootKey) ?? absentRow(stream, rootKey);
  rows.set(root, { ...before, parkedRevision: revision, parkedError: error.message });
}
