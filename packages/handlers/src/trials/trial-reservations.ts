/**
 * One trial per tenant and offer (domain.md 6.4, TRIAL_ALREADY_USED): `trial-<tenant>_<plan>` names the subscription that
 * has it. The first append to that stream wins, so that two creates at once cannot both have one.
 *
 * @module
 */
import { trialStream, type Instant, type PlatformEventData } from '@perennial/domain';
import type { EventStore } from '@perennial/event-store';
import type { Clock } from '../clock/clock.ts';
import { metadataOf } from '../command-handling/metadata.ts';
import { createLruCache } from '../state-cache/state-cache.ts';
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
  readonly clock: Pick<Clock, 'now'>;
  /**
   * What became of the subscription that a trial is reserved for. `given-up`: deleted before it ever began, so that its
   * trial was not had. `absent`: the create behind the reservation is under way, or a crash ended it.
   */
  readonly holder: (tenant: string, subscriptionId: string) => Promise<'begun' | 'given-up' | 'absent'>;
  /**
   * How long a create may take from its reservation to its append; later, a reservation without subscription is one that a
   * crash left behind. Default 15 min, far beyond the time-out of an append.
   */
  readonly createTimeoutMs?: number;
  readonly metrics?: Metrics;
};

type TrialState = { readonly holder: string | undefined; readonly reservedAt: Instant };

const aggregate: Aggregate<TrialState> = {
  initial: { holder: undefined, reservedAt: '' },
  evolve: (state, { type, data, metadata }) => {
    if (type !== 'TrialReserved') return state;
    // The door validated the data against the schema of its type.
    const { subscriptionId } = data as PlatformEventData<'TrialReserved'>;
    return { holder: subscriptionId, reservedAt: metadata.recordedAt };
  },
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
  const { clock, createTimeoutMs = 900_000 } = options;
  const isFree = async ({ holder, reservedAt }: TrialState, tenant: string): Promise<boolean> => {
    if (holder === undefined) return true;
    const became = await options.holder(tenant, holder);
    const isLeftBehind = Date.parse(clock.now()) - Date.parse(reservedAt) > createTimeoutMs;
    return became === 'given-up' || (became === 'absent' && isLeftBehind);
  };

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
        return {
          events: [{ type: 'TrialReserved', data: claim, metadata: metadataOf({ ...by, tenant }) }],
          answer: true,
        };
      });
      return answer;
    },
  };
}
