/**
 * Proves that the live tables are a fold of the log, without stopping them: their digests are taken from one snapshot, and
 * a set folded from the log is brought to exactly that position.
 *
 * @module
 */
import type { Projection } from '../projection/projection.ts';
import { digestSet, type SetDigest, type TableDigest } from '../set/digest.ts';
import { rowDifferences, type RowDifference } from '../set/row-differences.ts';
import type { VersionSet } from '../set/version-set.ts';
import type { Sql } from '../sql/types.ts';
import type { SetWriter } from './set-writer.ts';
import { untilOvertaken } from './until-overtaken.ts';

/** A table whose rows differ from what the log says. */
export type TableDifference = { readonly table: string; readonly live: TableDigest; readonly fromLog: TableDigest };

/** What comparing the live read models with the log showed. */
export type Comparison = {
  /** Whether every table that can be compared holds the same rows, byte for byte. */
  readonly equal: boolean;
  /** Both were compared as of this position. */
  readonly position: string;
  /** Events folded for it, and how fast. */
  readonly eventCount: number;
  readonly eventsPerSecond: number;
  /** What the log says. */
  readonly tables: readonly TableDigest[];
  readonly differences: readonly TableDifference[];
  /** Some of the rows that differ, at most 100. */
  readonly rows: readonly RowDifference[];
  /** Why tables could not be compared: their projections are of other versions. */
  readonly explained: readonly string[];
};

/** What is compared. */
export type Compared = {
  readonly sql: Sql;
  readonly live: Pick<VersionSet, 'schema' | 'signature'>;
  /** False where this release cannot read the live set, and so does not keep it current: then there is nothing to compare. */
  readonly isLiveCurrent: boolean;
  /**
   * Folded from the log; nobody else may write into it meanwhile. `folded`: the names of the projections that were; null
   * for all of them.
   */
  readonly built: { readonly schema: string; readonly writer: SetWriter; readonly folded: readonly string[] | null };
  /** Of the set; those that were not folded are taken over from the live one and say nothing. */
  readonly projections: readonly Projection[];
  readonly signal: AbortSignal;
  readonly folded: { readonly eventCount: number; readonly eventsPerSecond: number };
};

const rowCountMax = 100;
const rowsPerTableMax = 20;

/** Compares; the built set stands at the answer's position afterwards. */
export async function compareSets(compared: Compared): Promise<Comparison> {
  const { sql, live, isLiveCurrent, built, folded } = compared;
  const projections = compared.projections.filter(({ name }) => built.folded?.includes(name) ?? true);
  const versions = new Set(isLiveCurrent ? live.signature.split(' ') : []);
  const comparable = projections.filter(({ name, version }) => versions.has(`${name}@${version}`));
  const { position } = built.writer.checkpoint;
  if (isLiveCurrent) await untilOvertaken({ sql, live, position, signal: compared.signal });
  const digestBuilt = async (upTo: bigint): Promise<SetDigest> => {
    await built.writer.catchUpFromLog(upTo + 1n);
    return digestSet(sql, built.schema, projections);
  };
  const { found, all } = isLiveCurrent
    ? await digestBoth((onPosition) => digestSet(sql, live.schema, comparable, onPosition), digestBuilt)
    : { found: { position, tables: [] }, all: await digestBuilt(position) };
  const expected = new Map(all.tables.map((digest) => [digest.table, digest]));
  const differences = found.tables.flatMap((digest): TableDifference[] => {
    const other = expected.get(digest.table);
    const isSame = other?.rowCount === digest.rowCount && other.digest === digest.digest;
    return isSame || other === undefined ? [] : [{ table: digest.table, live: digest, fromLog: other }];
  });
  return {
    equal: differences.length === 0,
    position: found.position.toString(),
    ...folded,
    tables: all.tables,
    differences,
    rows: await namedRows(compared, comparable, differences, found.position),
    explained: [...explanations(live.signature, projections), ...takenOver(compared)],
  };
}

/** The digests of the live set, and of the built one as of the same position: side by side, where the database can. */
async function digestBoth(
  digestLive: (onPosition: (position: bigint) => void) => Promise<SetDigest>,
  digestBuilt: (upTo: bigint) => Promise<SetDigest>,
): Promise<{ readonly found: SetDigest; readonly all: SetDigest }> {
  let building: Promise<SetDigest> | undefined;
  try {
    const found = await digestLive((position) => {
      building = digestBuilt(position);
      building.catch(() => undefined); // met where it is awaited
    });
    return { found, all: await (building ?? digestBuilt(found.position)) };
  } finally {
    await Promise.allSettled([building]);
  }
}

async function namedRows(
  { sql, live, built }: Compared,
  comparable: readonly Projection[],
  differences: readonly TableDifference[],
  position: bigint,
): Promise<RowDifference[]> {
  const rows: RowDifference[] = [];
  for (const { table } of differences) {
    const projection = comparable.find((candidate) => candidate.table.name === table);
    const limit = Math.min(rowsPerTableMax, rowCountMax - rows.length);
    if (projection === undefined || limit <= 0) continue;
    const schemas = { live: live.schema, fromLog: built.schema, position };
    rows.push(...(await rowDifferences(sql.query, schemas, projection, comparable, limit)));
  }
  return rows;
}

function takenOver({ built, projections }: Compared): string[] {
  const names = projections.flatMap(({ name }) => (built.folded?.includes(name) === false ? [name] : []));
  return names.length === 0 ? [] : [`not folded from the log but taken over as they are: ${names.join(', ')}`];
}

function explanations(signature: string, projections: readonly Projection[]): string[] {
  const before = new Map(
    signature.split(' ').map((named): [string, string] => {
      const [name = '', version = ''] = named.split('@');
      return [name, version];
    }),
  );
  return projections.flatMap(({ name, version }) => {
    const old = before.get(name);
    if (old === undefined) return [`${name} is new in this release`];
    return old === String(version) ? [] : [`${name} went from version ${old} to ${version}`];
  });
}
