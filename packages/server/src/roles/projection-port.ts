/**
 * What operators see of the read side, and may ask of it.
 *
 * @module
 */
import type { Comparison, Projections, SetReport } from '@perennial/projections';
import type { ProjectionPort, ProjectionSetStatus, ProjectionStatus } from '../http/services.ts';
import type { ReadSide } from './owner-parts.ts';
import type { Shared } from './shared.ts';

/** Fills the port; a process without projections of its own only says how far the read models are. */
export function projectionPort({
  readSide,
  shared,
}: {
  readonly readSide: ReadSide;
  readonly shared: Shared;
}): ProjectionPort {
  const { projections } = readSide;
  if (projections === undefined) {
    return {
      list: async () => {
        const head = (await shared.store.lastPosition()) ?? 0n;
        const watermark = await readSide.queries.watermark();
        const lag = watermark >= head ? 'caught up' : `behind: the log ends at ${head}`;
        return {
          projections: [{ name: 'all', version: 1, state: 'elsewhere', watermark: String(watermark), lag }],
          sets: [],
        };
      },
    };
  }
  return {
    list: async () => {
      const sets = await projections.sets();
      return { projections: statuses(projections, sets), sets: sets.map(setStatus) };
    },
    verify: async () => described(await projections.verify()),
    rebuild: async ({ isByHand, only }) => {
      const { set, isNew, folded } = await projections.startRebuild({ isByHand, ...(only !== undefined && { only }) });
      const how = isByHand ? 'switch to it when it is ready' : 'it takes over by itself';
      const what = only === undefined ? '' : `, ${folded.join(', ')} from the log and the others taken over`;
      const detail = isNew ? `${set} is being built${what}; ${how}` : `${set} is being built already${what}`;
      return { started: isNew, set, projections: [...folded], detail };
    },
    switchOver: async () => ({ ...described(await projections.switchOver()) }),
    switchBack: () => projections.switchBack(),
    dropKept: async () => ({ dropped: await projections.dropKept() }),
  };
}

/** One row per projection of the live set. */
function statuses(projections: Projections, sets: readonly SetReport[]): ProjectionStatus[] {
  const live = sets.find(({ status }) => status === 'active');
  if (live === undefined) return [];
  const watermark = String(projections.watermark() < 0n ? 0n : projections.watermark());
  const lag = BigInt(live.position) >= BigInt(live.end) ? 'caught up' : `behind: the log ends at ${live.end}`;
  return live.projections.map((named) => {
    const [name = '', version = '0'] = named.split('@');
    return { name, version: Number(version), state: live.state, watermark, lag };
  });
}

function setStatus(report: SetReport): ProjectionSetStatus {
  const { comparison, etaS, position, end, isByHand, ...rest } = report;
  const shown = (text: string): string => (text.startsWith('-') ? '0' : text);
  return {
    ...rest,
    projections: [...report.projections],
    folded: report.folded && [...report.folded],
    position: shown(position),
    logEnd: shown(end),
    percent: percent(BigInt(position), BigInt(end)),
    etaSeconds: etaS,
    switches: isByHand ? 'by-hand' : 'by-itself',
    parity: comparison && described(comparison),
  };
}

function percent(position: bigint, end: bigint): number {
  if (end <= 0n || position >= end) return 100;
  return position <= 0n ? 0 : Number((position * 1000n) / end) / 10;
}

/** A comparison in words; the rows that differ are named, at most 100 of them. */
function described(comparison: Comparison) {
  const { equal, position, eventCount, eventsPerSecond, tables, differences, rows, explained } = comparison;
  const rowCount = tables.reduce((sum, table) => sum + table.rowCount, 0);
  return {
    equal,
    position: position.startsWith('-') ? '0' : position,
    eventCount,
    eventsPerSecond,
    tables: tables.map((table) => ({ ...table })),
    rows: rows.map((row) => ({ ...row, fields: [...row.fields] })),
    detail: [
      `${tables.length} tables with ${rowCount} rows compared as of position ${position}`,
      ...explained,
      ...differences.map(
        ({ table, live, fromLog }) =>
          `${table}: ${live.rowCount} rows live, ${fromLog.rowCount} from the log, or other content`,
      ),
      ...rows.map(
        ({ table, stream, key, kind, fields }) =>
          `${table}: ${stream}${key === '' ? '' : ` ${key}`} is ${kind}${fields.length === 0 ? '' : ` (${fields.join(', ')})`}`,
      ),
    ],
  };
}
