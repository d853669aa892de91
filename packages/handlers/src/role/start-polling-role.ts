import { pause } from '../retry/backoff.ts';
import { classifyFailure, failureCode, failureMessage } from '../retry/classify-failure.ts';
import { silentLogger, type Logger } from './logger.ts';
import type { Role } from './role.ts';
import { startRole } from './start-role.ts';

/** A role that asks what is left open and finishes it, one after the other, again and again. */
export type PollingRole<Open> = {
  readonly name: string;
  readonly pollIntervalMs: number;
  readonly log?: Logger | undefined;
  /** What is open, at most a batch of it. It may be late or wrong: finishing decides. */
  readonly open: () => Promise<readonly Open[]>;
  readonly finish: (one: Open) => Promise<unknown>;
  /** Names one of them in the log. */
  readonly describe: (one: Open) => Readonly<Record<string, unknown>>;
};

/** Starts the role. Faults are retried in the next round; one that cannot be finished does not keep the others waiting. */
export function startPollingRole<Open>(polling: PollingRole<Open>): Role {
  const { name, pollIntervalMs, log = silentLogger } = polling;
  return startRole(name, async ({ signal, running, failing }) => {
    running();
    while (!signal.aborted) {
      try {
        await round(polling, signal);
        running();
      } catch (error) {
        if (classifyFailure(error) === 'fatal') throw error;
        failing(failureMessage(error));
        log.warn({ code: failureCode(error) }, `${name}: ${failureMessage(error)}`);
      }
      await pause(pollIntervalMs, signal);
    }
  });
}

async function round<Open>(
  { name, open, finish, describe, log = silentLogger }: PollingRole<Open>,
  signal: AbortSignal,
): Promise<void> {
  for (const one of await open()) {
    if (signal.aborted) return;
    try {
      await finish(one);
    } catch (error) {
      if (classifyFailure(error) !== 'poison') throw error;
      log.error({ code: failureCode(error), ...describe(one) }, `${name}: ${failureMessage(error)}`);
    }
  }
}
