import { setTimeout as delay } from 'node:timers/promises';
import { readCheckpoint } from '../set/checkpoint.ts';
import type { VersionSet } from '../set/version-set.ts';
import type { Sql } from '../sql/types.ts';

const pollMs = 20;
const overtakeWaitMs = 60_000;

/** The live tables never reached the position of the ones to compare them with: nobody keeps them current. */
export class LiveSetStandsStillError extends Error {
  override readonly name = 'LiveSetStandsStillError';
  readonly code = 'PROJECTIONS_STAND_STILL';
}

/** What has to come how far. */
export type Overtaking = {
  readonly sql: Sql;
  readonly live: Pick<VersionSet, 'schema'>;
  readonly position: bigint;
  readonly signal: AbortSignal;
};

/** A set that was filled may have read further than the live one has come: waits until that one is there. */
export async function untilOvertaken({ sql, live, position, signal }: Overtaking): Promise<void> {
  const deadline = performance.now() + overtakeWaitMs;
  for (;;) {
    const found = await readCheckpoint(sql.query, live.schema);
    if (found.position >= position) return;
    if (signal.aborted) throw new Error('waiting for the live read models was stopped');
    if (performance.now() > deadline) {
      throw new LiveSetStandsStillError(
        `The live read models stand at ${found.position} and did not reach ${position} within ` +
          `${overtakeWaitMs} ms; look at /readyz for what keeps them, and try again.`,
      );
    }
    await delay(pollMs);
  }
}
