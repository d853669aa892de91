import { productKeyPrefix } from '@perennial/domain';
import { createAttempts } from '../command-handling/attempts.ts';
import type { CommandService, PlanSource } from '../command-handling/command-service.ts';
import type { EventStore } from '@perennial/event-store';
import type { Clock } from '../clock/clock.ts';
import { silentLogger, type Logger } from '../role/logger.ts';
import { noMetrics, type Metrics } from '../role/metrics.ts';
import type { TenantService } from '../tenants/tenant-service.ts';
import type { PersonVault } from '../vault/person-vault.ts';
import { createGuessLimit, type GuessLimitOptions } from './guess-limit.ts';
import { issueKeys } from './issue-keys.ts';
import { changeKey } from './change-key.ts';
import { openKeySecret, type KeySecret } from './key-secret.ts';
import { createKeyStreams, type KeyStreams } from './key-streams.ts';
import type { ProductKeyService } from './product-key-service.ts';
import { createOrders, type Orders } from './orders.ts';
import { redeemKey } from './redeem-key.ts';
import { redeemKeys } from './redeem-keys.ts';
import { createSubscriptionSide, type SubscriptionSide } from './subscription-side.ts';

/** Options of {@link createProductKeyService}. */
export type ProductKeyServiceOptions = {
  readonly store: EventStore;
  readonly clock: Pick<Clock, 'now'>;
  readonly commands: Pick<CommandService, 'execute' | 'preview'>;
  readonly plans: PlanSource;
  readonly tenants: Pick<TenantService, 'factsOf'>;
  readonly vault: Pick<PersonVault, 'encrypt' | 'userIdOf'>;
  /** File of the secret that keys are hashed with; made with the first use. */
  readonly secretPath: string;
  /** Fresh random UUIDs. */
  readonly newId: () => string;
  readonly log?: Logger;
  readonly metrics?: Metrics;
  readonly guessLimit?: GuessLimitOptions;
  /** For how long a repeated order of keys shows them again: for an answer that was lost. Default one hour. */
  readonly showAgainMs?: number;
};

/** What the parts of the service share. */
export type KeyDesk = Required<
  Pick<ProductKeyServiceOptions, 'clock' | 'plans' | 'tenants' | 'newId' | 'log' | 'showAgainMs'>
> & {
  readonly streams: KeyStreams;
  readonly subscriptions: SubscriptionSide;
  readonly orders: Orders;
  readonly guesses: ReturnType<typeof createGuessLimit>;
  readonly attempts: ReturnType<typeof createAttempts>;
  secret(): Promise<KeySecret>;
};

/**
 * Opens the process between product keys and subscriptions.
 *
 * @example
 * const keys = createProductKeyService({ store, clock, commands, plans, tenants, vault, secretPath, newId: randomUUID });
 * const result = await keys.redeem({ tenant: 'acme', key: 'VH7K9-…', mode: 'new', create: {}, commandId, ...cause });
 */
export function createProductKeyService(options: ProductKeyServiceOptions): ProductKeyService {
  const { store, clock, plans, tenants, newId, log = silentLogger, metrics = noMetrics } = options;
  const streams = createKeyStreams(options);
  const subscriptions = createSubscriptionSide(options.commands);
  const desk: KeyDesk = {
    clock,
    plans,
    tenants,
    newId,
    log,
    showAgainMs: options.showAgainMs ?? 3_600_000,
    streams,
    subscriptions,
    orders: createOrders({ streams, subscriptions }),
    guesses: createGuessLimit(options.guessLimit),
    attempts: createAttempts({ store, log, metrics }),
    secret: once(() => openKeySecret({ path: options.secretPath, hasKeys: () => hasKeys(store) })),
  };
  return {
    issue: (request) => issueKeys(desk, request),
    sell: ({ name, seller, ...cause }) => changeKey(desk, name, { kind: 'sell', seller }, cause),
    block: ({ name, reason, ...cause }) => changeKey(desk, name, { kind: 'block', reason }, cause),
    redeem: (request) => redeemKey(desk, request),
    redeemSeveral: (request) => redeemKeys(desk, request),
    driveOn: (keyId) => desk.orders.driveOn(keyId),
    close: () => desk.attempts.drained(5_000),
  };
}

/** A failed opening is tried again at the next use. */
function once<T>(open: () => Promise<T>): () => Promise<T> {
  let opened: Promise<T> | undefined;
  return () => {
    opened ??= open().catch((error: unknown) => {
      opened = undefined;
      throw error;
    });
    return opened;
  };
}

async function hasKeys(store: EventStore): Promise<boolean> {
  for await (const _ of store.readAll({ streamPrefixes: [productKeyPrefix], maxCount: 1 })) return true;
  return false;
}
