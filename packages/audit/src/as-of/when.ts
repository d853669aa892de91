import type { AsOf } from '@perennial/domain';
import type { RecordedEvent } from '@perennial/event-store';

/** The instants of a question; both may be left out. */
export type When = {
  /** Valid time; absent: `knownAt`, or now. */
  readonly at?: string | undefined;
  /** System time; absent: all that is recorded. */
  readonly knownAt?: string | undefined;
};

/** The instants that are meant. */
export function asOfWhen({ at, knownAt }: When, now: string): AsOf {
  return { at: at ?? knownAt ?? now, ...(knownAt === undefined ? {} : { knownAt }) };
}

/** Whether an event had happened, and was known. */
export function isInForce({ metadata }: Pick<RecordedEvent, 'metadata'>, { at, knownAt }: AsOf): boolean {
  return metadata.effectiveAt <= at && (knownAt === undefined || metadata.recordedAt <= knownAt);
}
