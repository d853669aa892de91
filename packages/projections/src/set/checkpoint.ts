import type { Query } from '../sql/types.ts';

/** Up to where a version set is complete. */
export type Checkpoint = {
  /** The watermark: every event up to it is in the rows. -1 before the first. */
  readonly position: bigint;
  /** Last message of `EVENTS` taken in, and which `EVENTS` it was (its creation): a recreated stream counts anew. */
  readonly streamSequence: number;
  readonly streamCreated: string;
  /** Which log the rows were built from; empty before the first event. */
  readonly logId: string;
};

/** Before the first event. */
export const noCheckpoint: Checkpoint = { position: -1n, streamSequence: 0, streamCreated: '', logId: '' };

/** Somebody else moved this version set on: its rows are not as they were read. */
export class CheckpointMovedError extends Error {
  override readonly name = 'CheckpointMovedError';
  readonly code = 'CHECKPOINT_MOVED';
}

type StoredCheckpoint = {
  readonly position: string;
  readonly stream_sequence: number;
  readonly stream_created: string;
  readonly log_id: string;
};

const columns = 'position::text as position, stream_sequence, stream_created, log_id';

/** Reads the checkpoint of a set. */
export async function readCheckpoint(query: Query, schema: string): Promise<Checkpoint> {
  return parse(await query<StoredCheckpoint>(`select ${columns} from ${schema}.checkpoint`, []));
}

/**
 * Moves the checkpoint in the transaction that writes the rows. The row is locked first, so that of two processes that
 * took in the same events one waits and then finds that it was moved.
 *
 * @throws CheckpointMovedError when it is no longer `from`, or when the set is no longer what it was (`status`)
 */
export async function moveCheckpoint(
  query: Query,
  set: { readonly schema: string; readonly status?: string },
  from: Checkpoint,
  to: Checkpoint,
): Promise<void> {
  const { schema, status = 'active' } = set;
  const rows = await query<StoredCheckpoint & { readonly status: string | null }>(
    `select ${columns}, (select status from perennial.version_sets where schema_name = $1) as status
       from ${schema}.checkpoint for update`,
    [schema],
  );
  const now = rows[0]?.status;
  if (now !== status)
    throw new CheckpointMovedError(`${schema} is ${now ?? 'gone'}, no longer ${status}: look at the sets anew`);
  const found = parse(rows);
  if (found.position !== from.position || found.logId !== from.logId) {
    throw new CheckpointMovedError(`the checkpoint is at ${found.position}, not at ${from.position}: read it again`);
  }
  await query(
    `update ${schema}.checkpoint set position = $1::int8, stream_sequence = $2::int8, stream_created = $3, log_id = $4`,
    [to.position.toString(), to.streamSequence, to.streamCreated, to.logId],
  );
}

function parse(rows: readonly StoredCheckpoint[]): Checkpoint {
  const [row] = rows;
  if (row === undefined) throw new Error('the checkpoint row is missing: drop the schema, it is rebuilt from the log');
  return {
    position: BigInt(row.position),
    streamSequence: row.stream_sequence,
    streamCreated: row.stream_created,
    logId: row.log_id,
  };
}
