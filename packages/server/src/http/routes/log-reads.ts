/**
 * Reads that are answered from the log itself and not from a read model keep the same promise: they have seen
 * `minPosition`, and say in `asOfPosition` how far they have seen.
 *
 * @module
 */
import { retryAfter } from '../faults.ts';
import { ProblemError } from '../problem.ts';
import type { ApiServices } from '../services.ts';

/**
 * Where the log ends, asked before it is read.
 * @throws ProblemError READ_MODEL_BEHIND when that is before `minPosition`
 */
export async function logEndFrom({ logEnd }: ApiServices, minPosition: string | undefined): Promise<bigint> {
  const end = await logEnd();
  if (minPosition === undefined || BigInt(minPosition) <= end) return end;
  throw new ProblemError(
    'READ_MODEL_BEHIND',
    `The log ends at ${end}, before ${minPosition}; leave minPosition out, or give one that was answered.`,
    {},
    retryAfter(1),
  );
}

/** How far an answer has seen: to where the log ended before, or to the last event that it holds. */
export function asOf(end: bigint, last: bigint | string | undefined): string {
  const seen = BigInt(last ?? 0);
  return String(seen > end ? seen : end);
}
