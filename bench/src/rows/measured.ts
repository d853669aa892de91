import type { Timed } from '../load/windowed.ts';
import { rounded, type Row } from '../report/report.ts';
import { percentile } from '../statistics/percentile.ts';

/** What a row is, besides its figures. */
export type RowHead = Pick<Row, 'id' | 'system' | 'durable'> & {
  /** The row that bounds this one. */
  readonly limit?: Pick<Row, 'perSecond'> | undefined;
};

/** Runs a measurement and makes a row of it. */
export async function measured(head: RowHead, measure: () => Promise<Timed>): Promise<Row> {
  return rowFrom(head, await measure());
}

/** A row from figures. */
export function rowFrom({ limit, ...head }: RowHead, { perSecond, latenciesMs }: Timed): Row {
  const shown = (value: number | null): number | null => (value === null ? null : rounded(value));
  return {
    ...head,
    perSecond: rounded(perSecond),
    p50Ms: shown(percentile(latenciesMs, 0.5)),
    p99Ms: shown(percentile(latenciesMs, 0.99)),
    shareOfLimit: limit?.perSecond ? rounded(perSecond / limit.perSecond) : null,
  };
}

/** The lower of several limits: what is behind all of them cannot be faster. */
export function lowest(...limits: readonly (Row | undefined)[]): Pick<Row, 'perSecond'> | undefined {
  const known = limits.map((row) => row?.perSecond).filter((perSecond) => typeof perSecond === 'number');
  return known.length === 0 ? undefined : { perSecond: Math.min(...known) };
}
