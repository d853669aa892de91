import {
  decide,
  remediesFor,
  subscriptionStream,
  type DecisionContext,
  type SeatState,
  type SubscriptionState,
} from '@perennial/domain';
import type { EventStore, NewEvent } from '@perennial/event-store';
import type { Clock } from '../clock/clock.ts';
import { createLanes } from '../lanes/lanes.ts';
import { createLicenseClaims, type LicenseClaims } from '../licenses/license-claims.ts';
import { personFacts, type HeldLicenses } from '../licenses/person-facts.ts';
import { silentLogger, type Logger } from '../role/logger.ts';
import type { Metrics } from '../role/metrics.ts';
import { createSeatStreams } from '../seats/seat-streams.ts';
import type { TenantService } from '../tenants/tenant-service.ts';
import { createTrialReservations, type TrialReservations } from '../trials/trial-reservations.ts';
import type { PersonVault } from '../vault/person-vault.ts';
import type { Cause, CommandResult, PlanSource } from './command-service.ts';
import { decisionContext, type ContextRequest } from './decision-context.ts';
import { encryptFor, envelope, type SealableEvent } from './envelope.ts';
import { tellingOfDeadlines, type PassedDeadlines } from './passed-deadlines.ts';
import { createSeatCommandIds, type SeatCommandIds } from './seat-command-ids.ts';
import { createLruCache, type StateCache } from '../state-cache/state-cache.ts';
import { createStreamHandler, type StreamDecision, type StreamHandler } from './stream-handler.ts';
import { subscriptionAggregate } from './subscription-aggregate.ts';

/** Options of the command side. */
export type CommandServiceOptions = {
  readonly store: EventStore;
  readonly clock: Clock;
  readonly vault: Pick<PersonVault, 'encrypt' | 'userIdOf'>;
  readonly plans: PlanSource;
  readonly tenants: Pick<TenantService, 'factsOf' | 'usageLocationOf'>;
  /** What people have elsewhere; without it, services of two licences are not compared. */
  readonly licenses?: HeldLicenses;
  /** Fresh random ids, for instance `crypto.randomUUID`. */
  readonly newId: () => string;
  readonly log?: Logger;
  /**
   * Told of every subscription whose deadlines have just been fired, by whatever was decided on it; the answer waits for it,
   * a fault of it is logged.
   */
  readonly onDeadlinesPassed?: (subscription: PassedDeadlines) => Promise<unknown>;
  readonly metrics?: Metrics;
  /** Subscriptions kept in memory; default 20 000. */
  readonly cacheEntryCountMax?: number;
  /** Replaces the cache in memory. */
  readonly cache?: StateCache<SubscriptionState>;
  /** Commands of different subscriptions in flight; default 256. */
  readonly inFlightCountMax?: number;
  /** Commands that may wait; default 8 192, the next one is refused with OverloadedError. */
  readonly waitingCountMax?: number;
};

/** What all decisions on subscriptions share. */
export type SubscriptionWriter = Pick<CommandServiceOptions, 'store' | 'clock' | 'tenants' | 'plans'> & {
  readonly subscriptions: StreamHandler<SubscriptionState>;
  readonly trials: TrialReservations;
  readonly seatCommandIds: SeatCommandIds;
  readonly licenseClaims: LicenseClaims;
  readonly seats: StreamHandler<SeatState>;
  readonly decide: typeof decide;
  context(request: ContextRequest): DecisionContext;
  personFacts(about: Parameters<typeof personFacts>[1]): Promise<DecisionContext['person']>;
  /** Puts decided events into their envelope. */
  seal(
    events: readonly SealableEvent[],
    about: {
      readonly tenant: string;
      readonly cause: Cause;
      readonly commandId: string;
      readonly commandHash?: string;
      readonly policy: string | undefined;
    },
  ): Promise<readonly NewEvent[]>;
};

/** See {@link SubscriptionWriter}. */
export function createSubscriptionWriter(options: CommandServiceOptions): SubscriptionWriter {
  const { store, clock, vault, plans, tenants, newId } = options;
  const streams = createStreamHandler<SubscriptionState>({
    store,
    aggregate: subscriptionAggregate,
    cache: options.cache ?? createLruCache({ cacheEntryCountMax: options.cacheEntryCountMax ?? 20_000 }),
    lanes: createLanes({
      inFlightCountMax: options.inFlightCountMax ?? 256,
      waitingCountMax: options.waitingCountMax ?? 8_192,
    }),
    ...(options.metrics === undefined ? {} : { metrics: options.metrics }),
  });
  const { metrics, onDeadlinesPassed, log = silentLogger } = options;
  const subscriptions = onDeadlinesPassed ? tellingOfDeadlines(streams, { clock, log, onDeadlinesPassed }) : streams;
  const seats = createSeatStreams({ store, metrics });
  const licenseClaims = createLicenseClaims({ store, clock, plans, subscriptions, seats, metrics });
  return {
    store,
    clock,
    tenants,
    plans,
    decide,
    subscriptions,
    seats,
    licenseClaims,
    seatCommandIds: createSeatCommandIds({ store, metrics }),
    trials: createTrialReservations({
      store,
      clock,
      holder: async (tenant, subscriptionId) => {
        const { header } = (await subscriptions.read(subscriptionStream(tenant, subscriptionId))).state;
        if (header === null) return 'absent';
        return header.status === 'deleted' && header.termStart === null ? 'given-up' : 'begun';
      },
    }),
    context: (request) => decisionContext({ clock, plans, newId }, request),
    personFacts: (about) => personFacts({ plans, tenants, licenses: options.licenses, licenseClaims }, about),
    seal: (events, about) =>
      envelope(events, {
        ...about,
        now: clock.now(),
        catalogue: plans.version(),
        encryptText: (text) => encryptFor(vault, { personId: about.cause.actor.id, tenant: about.tenant }, text),
      }),
  };
}

/** The id of a command was used for another one. */
export function idReused(): Extract<CommandResult, { kind: 'refused' }> {
  const reasonCodes = ['COMMAND_ID_REUSED'] as const;
  return { kind: 'refused', reasonCodes, remedies: remediesFor(reasonCodes) };
}

/** A decision that appends nothing. */
export function nothing<Answer>(answer: Answer): StreamDecision<Answer> {
  return { events: [], answer };
}
