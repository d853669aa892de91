/** The value that `share` (0 to 1) of the samples do not exceed (nearest rank); null without samples. */
export function percentile(samples: readonly number[], share: number): number | null {
  if (samples.length === 0) return null;
  const sorted = [...samples].sort((a, b) => a - b);
  const rank = Math.ceil(share * sorted.length);
  return sorted[Math.max(0, rank - 1)] ?? null;
}

/** The middle of several measurements; null without any. */
export function median(samples: readonly number[]): number | null {
  return percentile(samples, 0.5);
}
