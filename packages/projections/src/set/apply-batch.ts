import type { EventStore } from '@perennial/event-store';
import { marksOf, type Mark } from '../feed/marks.ts';
import type { HeldStream } from '../projection/fold-stream.ts';
import type { LogItem } from '../projection/log-item.ts';
import type { Projection } from '../projection/projection.ts';
import { toJsonb } from '../sql/jsonb.ts';
import type { Query, Sql } from '../sql/types.ts';
import { moveCheckpoint, type Checkpoint } from './checkpoint.ts';
import { forgetPeople } from './forget-people.ts';
import { meet } from './meet.ts';
import { prepareBatch, type BatchMode } from './prepare-batch.ts';
import { writeRows } from './row-store.ts';
import type { SetStatus } from './version-set.ts';

/** A version set that events can be applied to. */
export type OpenSet = {
  readonly sql: Sql;
  readonly schema: string;
  /** What the set is while it is written to; writing ends when it becomes something else. Default `active`. */
  readonly status?: SetStatus;
  readonly projections: readonly Projection[];
  readonly store: Pick<EventStore, 'readStream'>;
  /** Off while a set is built that nobody reads: its feed is reconciled once, when it takes over. */
  readonly feed: boolean;
  /** Off while the bulk of the log is folded in: payments are looked up, and people forgotten, once at the end of it. */
  readonly meets?: boolean;
};

/** What a batch did. */
export type BatchOutcome = {
  readonly held: readonly HeldStream[];
  readonly healedEventCount: number;
  readonly seenEventCount: number;
};

/** How a batch is applied. */
export type BatchOptions = BatchMode & {
  readonly from: Checkpoint;
  readonly to: Checkpoint;
  /** Called before the transaction for every stream that the batch holds. */
  readonly onHeld: (held: HeldStream) => Promise<void>;
};

/**
 * Applies a batch of events: rows, links, feed marks and checkpoint in one transaction. Events up to the checkpoint are
 * skipped; the same batch may come again.
 *
 * @throws CheckpointMovedError when another process moved the set on meanwhile
 */
export async function applyBatch(
  set: OpenSet,
  items: readonly LogItem[],
  options: BatchOptions,
): Promise<BatchOutcome> {
  const { sql, schema, projections, store } = set;
  const { from, to, onHeld, ...mode } = options;
  const fresh = mode.again ? items : items.filter((item) => item.event.position > from.position);
  const { rows, ...outcome } = await prepareBatch({ query: sql.query, schema, projections, store }, fresh, mode);
  for (const held of outcome.held) await onHeld(held);
  const marks = set.feed ? marksOf(rows) : [];
  await sql.tx(async (query) => {
    await moveCheckpoint(query, set, from, to);
    for (const projection of projections) await writeRows(query, schema, projection, rows.changed(projection));
    if (set.meets !== false) {
      await meet(query, schema, rows);
      await forgetPeople(query, schema, projections, rows);
    }
    await writeMarks(query, schema, marks);
  });
  return outcome;
}

/** A mark that is already there gets a new generation, so that a publisher under way does not remove it. */
async function writeMarks(query: Query, schema: string, marks: readonly Mark[]): Promise<void> {
  if (marks.length === 0) return;
  await query(
    `insert into ${schema}.feed_outbox (model, tenant, key)
       select model, tenant, key from jsonb_to_recordset($1::jsonb) as marks(model text, tenant text, key text)
       on conflict (model, tenant, key) do update set generation = nextval('${schema}.feed_generation')`,
    [toJsonb(marks)],
  );
}
