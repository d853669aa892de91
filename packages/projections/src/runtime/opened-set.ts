import type { Projection } from '../projection/projection.ts';
import { publishHeld } from './parking.ts';
import { followEvents } from './follow-events.ts';
import { createExclusive } from './exclusive.ts';
import { noProjectionMetrics } from './metrics.ts';
import type { ProjectionsOptions } from './options.ts';
import { silentLogger } from '../ports.ts';
import type { Checkpoint } from '../set/checkpoint.ts';
import { heldStreams } from '../set/held.ts';
import type { VersionSet } from '../set/version-set.ts';
import type { Sql } from '../sql/types.ts';
import { SetWriter } from './set-writer.ts';

/** A set that this process writes to. */
export type OpenedSet = {
  readonly set: VersionSet;
  readonly logId: string;
  /** The projections of this release that have a table in it. */
  readonly projections: readonly Projection[];
  readonly writer: SetWriter;
  /** Whether this process keeps it current. */
  readonly isCurrent: boolean;
  /** Runs a write while nobody else of this process works on the set. */
  readonly exclusively: <T>(work: () => Promise<T>) => Promise<T>;
};

/** How a set is opened. */
export type OpenSetOptions = {
  readonly set: VersionSet;
  readonly projections: readonly Projection[];
  readonly logId: string;
  /** Folding the bulk of the log: no payment is looked up. */
  readonly isFilling?: boolean;
  /** False for a set that this release cannot read; default true. */
  readonly isCurrent?: boolean;
  /** Only of the set that reads use. */
  readonly onCommit?: (checkpoint: Checkpoint) => void;
};

/** Opens a set where it stands. Only the active one feeds `views`, counts, and tells operators what it holds back. */
export async function openSet(options: ProjectionsOptions, how: OpenSetOptions): Promise<OpenedSet> {
  const { sql, broker, store, metrics = noProjectionMetrics, batchCountMax = 500 } = options;
  const { set, projections, logId, isFilling = false, isCurrent = true, onCommit = () => undefined } = how;
  const { schema, status } = set;
  const isActive = status === 'active';
  const writer = await SetWriter.open({
    set: { sql, schema, status, projections, store, feed: isActive && !isFilling, meets: !isFilling },
    store,
    logId,
    metrics: isActive ? metrics : noProjectionMetrics,
    batchCountMax,
    onHeld: (held) => (isActive && !set.isMixed ? publishHeld(broker, schema, held) : Promise.resolve()),
    onCommit,
  });
  return { set, logId, projections, writer, isCurrent, exclusively: createExclusive() };
}

/** Follows `EVENTS` into a set until `signal` aborts; throws when it has to be attached anew. */
export async function followInto(options: ProjectionsOptions, opened: OpenedSet, signal: AbortSignal): Promise<void> {
  const { broker, store, logger = silentLogger, metrics = noProjectionMetrics } = options;
  const { set, writer, logId, exclusively } = opened;
  await followEvents({
    broker,
    store,
    writer,
    logId,
    logger,
    metrics: set.status === 'active' ? metrics : noProjectionMetrics,
    ...(options.clock && { clock: options.clock }),
    batchCountMax: options.batchCountMax ?? 500,
    lingerMs: options.lingerMs ?? 20,
    idleCheckMs: options.idleCheckMs ?? 2_000,
    signal,
    exclusively,
  });
}

const heldCountMax = 10_000;

/** Tries again what a set holds back; answers how many streams went on. */
export async function releaseHeld({ query }: Sql, { set, writer, projections }: OpenedSet): Promise<number> {
  const before = await heldStreams(query, set.schema, projections, heldCountMax);
  for (const held of before) await writer.release(held.stream, held.revision + 1);
  const after = before.length === 0 ? [] : await heldStreams(query, set.schema, projections, heldCountMax);
  return before.length - after.length;
}
