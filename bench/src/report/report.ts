/**
 * What a run reports (`contract.md`, Commands). Figures of different runs are not comparable: machines are noisy; the
 * ratios are within one run.
 *
 * @module
 */

/** One measurement. */
export type Row = {
  /** `<what>` or `<what>.<variant>`. */
  readonly id: string;
  /** What was measured: `perennial`, `emmett-postgres`, a library or the machine. */
  readonly system: string;
  readonly perSecond: number | null;
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  /** Whether what is counted was on disk, synced, when it counted. */
  readonly durable: boolean;
  /** `perSecond` relative to the limit measured in the same run that bounds this row; null where only CPU bounds it. */
  readonly shareOfLimit: number | null;
};

/** Where and with what it ran. */
export type Machine = {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly platform: string;
  /** One-minute load average when the run began: neighbours show here. */
  readonly loadAtStart: number;
};

/** CPU time that one payment cost each process of a system, in microseconds: what a busy machine cannot blur. */
export type CpuCost = {
  readonly id: string;
  readonly system: string;
  readonly usPerPayment: Readonly<Record<string, number>>;
  readonly totalUs: number;
};

/** The whole report. */
export type Report = {
  readonly machine: Machine;
  readonly versions: Readonly<Record<string, string>>;
  readonly rows: readonly Row[];
  /** `<row>/<system>`: how many times faster Perennial's row is than the other system's. */
  readonly ratios: Readonly<Record<string, number>>;
  readonly cpu: readonly CpuCost[];
  /** What was not measured here and why, and what a reader must know. */
  readonly notes: readonly string[];
};

/** The row of a system. */
export function rowOf(rows: readonly Row[], id: string, system: string): Row | undefined {
  return rows.find((row) => row.id === id && row.system === system);
}

/**
 * Perennial against every other system that did the same work. Each other system is compared by its row of the same id,
 * so `endToEnd/emmett-postgres` is both on PostgreSQL.
 */
export function ratiosOf(rows: readonly Row[]): Record<string, number> {
  const ratios: Record<string, number> = {};
  for (const other of rows) {
    const own = rowOf(rows, other.id, 'perennial');
    if (own === undefined || other === own) continue;
    if (own.perSecond && other.perSecond)
      ratios[`${other.id}/${other.system}`] = rounded(own.perSecond / other.perSecond);
    if (own.p50Ms && other.p50Ms) ratios[`${other.id}.p50Ms/${other.system}`] = rounded(own.p50Ms / other.p50Ms);
    if (own.p99Ms && other.p99Ms) ratios[`${other.id}.p99Ms/${other.system}`] = rounded(own.p99Ms / other.p99Ms);
  }
  return ratios;
}

/** Three significant digits: more would claim what a shared machine cannot say. */
export function rounded(value: number): number {
  return Number(value.toPrecision(3));
}
