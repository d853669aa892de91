import { setTimeout as delay } from 'node:timers/promises';
import { BrokenLogError, publishDailyRoot } from '@perennial/audit';
import { classifyFailure, type EventStore } from '@perennial/event-store';
import { startRole, type Clock, type Role, type RoleLifecycle } from '@perennial/handlers';
import type { Logger } from 'pino';

/** Options of {@link startDailyRoot}. */
export type DailyRootOptions = {
  readonly store: EventStore;
  readonly logId: string;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Pick<Logger, 'error'>;
  /** How often it looks whether a day is over; default 60 s. */
  readonly pollIntervalMs?: number;
  /** How long it waits after it found the log broken; default 1 h. */
  readonly brokenRetryMs?: number;
};

const actor = { type: 'system', id: 'daily-root', roles: [] } as const;

/**
 * Publishes a root over the log once in every day (UTC) that the log lives through (`docs/proof.md`). It may run twice: a
 * day that has its root gets no other.
 */
export function startDailyRoot(options: DailyRootOptions): Role {
  return startRole('daily-root', (lifecycle) => run(options, lifecycle));
}

async function run(options: DailyRootOptions, { signal, running, failing }: RoleLifecycle): Promise<void> {
  const { store, logId, clock, pollIntervalMs = 60_000, brokenRetryMs = 3_600_000, log } = options;
  running();
  while (!signal.aborted) {
    let waitMs = pollIntervalMs;
    try {
      await publishDailyRoot({ store, logId, actor, now: () => clock.now() });
      running();
    } catch (error) {
      const isBroken = error instanceof BrokenLogError;
      if (!isBroken && classifyFailure(error) === 'fatal') throw error;
      if (isBroken) waitMs = brokenRetryMs;
      const message = error instanceof Error ? error.message : String(error);
      failing(message);
      log.error({ err: error }, `daily root: ${message}`);
    }
    await delay(waitMs, undefined, { signal }).catch(() => undefined);
  }
}
