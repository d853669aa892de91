/**
 * Finishes erasures that a crash left half done, and those that an older copy of the vault brought back.
 *
 * @module
 */
import { pause } from '../retry/backoff.ts';
import { classifyFailure, failureCode, failureMessage } from '../retry/classify-failure.ts';
import { silentLogger, type Logger } from '../role/logger.ts';
import type { Role } from '../role/role.ts';
import { startRole, type RoleLifecycle } from '../role/start-role.ts';
import type { Erasures } from './erasures.ts';

/** What the role asks of the read side. */
export type RecordedErasures = {
  /** People whose erasure is recorded behind a position of the log, in its order. */
  erasedPeople(
    after: bigint,
    limit: number,
  ): Promise<readonly { readonly personId: string; readonly position: bigint }[]>;
};

/** Options of {@link startErasures}. */
export type StartErasuresOptions = {
  readonly recorded: RecordedErasures;
  readonly erasures: Pick<Erasures, 'finish'>;
  readonly log?: Logger;
  /** People asked for at a time; default 500. */
  readonly batchCountMax?: number;
  /** How often it looks for more; default 10 s. */
  readonly pollIntervalMs?: number;
};

/** Starts the role: at first it looks at everybody whose erasure is recorded, then at those that are added. */
export function startErasures(options: StartErasuresOptions): Role {
  return startRole('erasures', (lifecycle) => run(options, lifecycle));
}

async function run(options: StartErasuresOptions, { signal, running, failing }: RoleLifecycle): Promise<void> {
  const { pollIntervalMs = 10_000, log = silentLogger } = options;
  let after = -1n;
  running();
  while (!signal.aborted) {
    try {
      after = await round(options, after, signal);
      running();
    } catch (error) {
      if (classifyFailure(error) === 'fatal') throw error;
      failing(failureMessage(error));
      log.warn({ code: failureCode(error) }, `erasures: ${failureMessage(error)}`);
    }
    await pause(pollIntervalMs, signal);
  }
}

async function round(
  { recorded, erasures, log = silentLogger, batchCountMax = 500 }: StartErasuresOptions,
  from: bigint,
  signal: AbortSignal,
): Promise<bigint> {
  let after = from;
  while (!signal.aborted) {
    const page = await recorded.erasedPeople(after, batchCountMax);
    for (const { personId, position } of page) {
      if (await erasures.finish(personId)) log.info({ personId }, 'an erasure that was begun is finished');
      after = position;
    }
    if (page.length < batchCountMax) break;
  }
  return after;
}
