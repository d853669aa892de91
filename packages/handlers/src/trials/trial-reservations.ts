/**
 * One trial per tenant and offer (domain.md 6.4, TRIAL_ALREADY_USED): `trial-<tenant>_<plan>` names the subscription that
 * has it. The first append to that stream wins, so that two creates at once cannot both have one.
 *
 * @module
 */
import { trialStream, type Instant, type PlatformEventData } from '@perennial/domain';
import type { EventStore } from '@perennial/event-store';
import { createLruCache } from '../command-handling/state-cache.ts';
import { createStreamHandler, type Aggregate } from '../command-handling/stream-handler.ts';
import type { Cause } from '../command-handling/command-service.ts';
import { createLanes } from '../lanes/lanes.ts';
import type { Metrics } from '../role/metrics.ts';

/** Whose trial it is. */
export type TrialClaim = { readonly tenant: string; readonly planId: string; readonly subscriptionId: string };

/** Reads and makes reservations. */
export type TrialReservations = {
  /** Whether another subscription has the trial. */
  isUsed(claim: TrialClaim): Promise<boolean>;
  /** Makes it this subscription's; `false`: another was first. Repeating it changes nothing. */
  reserve(claim: TrialClaim, by: Cause & { readonly commandId: string; readonly now: Instant }): Promise<boolean>;
};

/** Options of {@link createTrialReservations}. */
export type TrialReservationsOptions = {
  readonly store: EventStore;
  /** Whether a subscription was given up before it ever began: then its trial was not had. */
  readonly neverBegan: (tenant: string, subscriptionId: string) => Promise<boolean>;
  readonly metrics?: Metrics;
};

type TrialState = { readonly holder: string | undefined };

const aggregate: Aggregate<TrialState> = {
  initial: { holder: undefined },
  evolve: (state, { type, data }) =>
    // The door validated the data against the schema of its type.
    type === 'TrialReserved' ? { holder: (data as PlatformEventData<'TrialReserved'>).subscriptionId } : state,
};

/** See the module's description. */
export function createTrialReservations(options: TrialReservationsOptions): TrialReservations {
  const trials = createStreamHandler({
    store: options.store,
    aggregate,
    cache: createLruCache<TrialState>({ cacheEntryCountMax: 1_000 }),
    lanes: createLanes({ inFlightCountMax: 64, waitingCountMax: 4_096 }),
    ...(options.metrics === undefined ? {} : { metrics: options.metrics }),
  });
  const isFree = async ({ holder }: TrialState, tenant: string): Promise<boolean> =>
    holder === undefined || (await options.neverBegan(tenant, holder));

  return {
    isUsed: async ({ tenant, planId, subscriptionId }) => {
      const { state } = await trials.read(trialStream(tenant, planId));
      return state.holder !== subscriptionId && !(await isFree(state, tenant));
    },
    reserve: async (claim, by) => {
      const { tenant, planId, subscriptionId } = claim;
      const { answer } = await trials.transact<boolean>(trialStream(tenant, planId), async ({ state }) => {
        if (state.holder === subscriptionId) return { events: [], answer: true };
        if (!(await isFree(state, tenant))) return { events: [], answer: false };
        return { events: [{ type: 'TrialReserved', data: claim, metadata: metadataOf(tenant, by) }], answer: true };
      });
      return answer;
    },
  };
}

function metadataOf(tenant: string, by: Cause & { readonly commandId: string; readonly now: Instant }) {
  return {
    effectiveAt: by.now,
    recordedAt: by.now,
    actor: { ...by.actor, roles: by.roles },
    commandId: by.commandId,
    $correlationId: by.correlationId,
    $causationId: by.causationId ?? by.commandId,
    tenant,
    ...(by.traceparent === undefined ? {} : { traceparent: by.traceparent }),
  };
}
