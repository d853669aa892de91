/**
 * Finishes orders that a crash left half done, and writes down which keys expired. What it is told may be late or wrong:
 * the decision is made on the key's stream.
 *
 * @module
 */
import type { Instant } from '@perennial/domain';
import type { Clock } from '../clock/clock.ts';
import { pause } from '../retry/backoff.ts';
import { classifyFailure, failureCode, failureMessage } from '../retry/classify-failure.ts';
import { silentLogger, type Logger } from '../role/logger.ts';
import type { Role } from '../role/role.ts';
import { startRole, type RoleLifecycle } from '../role/start-role.ts';
import type { ProductKeyService } from './product-key-service.ts';

/** What the role asks of the read side. */
export type OpenKeys = {
  /** Ids of keys with an open reservation, or whose time is over at `now`. */
  openKeys(now: Instant, limit: number): Promise<readonly string[]>;
};

/** Options of {@link startRedemptions}. */
export type RedemptionsOptions = {
  readonly ledger: OpenKeys;
  readonly keys: Pick<ProductKeyService, 'driveOn'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly log?: Logger;
  /** Keys asked for at a time; default 100. */
  readonly batchCountMax?: number;
  /** How often it looks; default 5 s. */
  readonly pollIntervalMs?: number;
};

/** Starts the role. It may run twice, and beside the requests that begin orders: finishing one twice changes nothing. */
export function startRedemptions(options: RedemptionsOptions): Role {
  return startRole('redemptions', (lifecycle) => run(options, lifecycle));
}

async function run(options: RedemptionsOptions, { signal, running, failing }: RoleLifecycle): Promise<void> {
  const { pollIntervalMs = 5_000, log = silentLogger } = options;
  running();
  while (!signal.aborted) {
    try {
      await round(options, signal);
      running();
    } catch (error) {
      if (classifyFailure(error) === 'fatal') throw error;
      failing(failureMessage(error));
      log.warn({ code: failureCode(error) }, `redemptions: ${failureMessage(error)}`);
    }
    await pause(pollIntervalMs, signal);
  }
}

async function round(
  { ledger, keys, clock, log = silentLogger, batchCountMax = 100 }: RedemptionsOptions,
  signal: AbortSignal,
): Promise<void> {
  for (const keyId of await ledger.openKeys(clock.now(), batchCountMax)) {
    if (signal.aborted) return;
    try {
      await keys.driveOn(keyId);
    } catch (error) {
      // One key that cannot be finished must not keep the others waiting; it is tried again in the next round.
      if (classifyFailure(error) !== 'poison') throw error;
      log.error({ code: failureCode(error), keyId }, `redemptions: ${failureMessage(error)}`);
    }
  }
}
