/**
 * Finishes orders that a crash left half done, and writes down which keys expired. What it is told may be late or wrong:
 * the decision is made on the key's stream.
 *
 * @module
 */
import type { Instant } from '@perennial/domain';
import type { Clock } from '../clock/clock.ts';
import type { Logger } from '../role/logger.ts';
import type { Role } from '../role/role.ts';
import { startPollingRole } from '../role/start-polling-role.ts';
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
  const { ledger, keys, clock, log, batchCountMax = 100, pollIntervalMs = 5_000 } = options;
  return startPollingRole<string>({
    name: 'redemptions',
    pollIntervalMs,
    log,
    open: () => ledger.openKeys(clock.now(), batchCountMax),
    finish: (keyId) => keys.driveOn(keyId),
    describe: (keyId) => ({ keyId }),
  });
}
