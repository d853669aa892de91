/**
 * Two licences that exclude one another, given to one person in one moment by two subscriptions: the subscriptions' streams
 * know nothing of each other, so `person-<tenant>_<person>` decides (`domain.md 1.8`, MutuallyExclusiveViolation). Whoever is
 * about to give such a licence claims it there first, at an exact revision, having seen every claim before. Whether a claim
 * came to something is said by the subscription that it is for, which remembers the command; one that it does not know yet
 * counts as given, until it is released or so old that nobody can be at it any more.
 *
 * @module
 */
import {
  pagedGet,
  personStream,
  seatInForce,
  seatStream,
  subscriptionStream,
  type Instant,
  type PlatformEventData,
  type SeatState,
  type Service,
  type SubscriptionState,
} from '@perennial/domain';
import type { EventStore, NewEvent } from '@perennial/event-store';
import type { Clock } from '../clock/clock.ts';
import type { Cause, CommandResult, PlanSource } from '../command-handling/command-service.ts';
import { metadataOf } from '../command-handling/metadata.ts';
import {
  CommandConflictError,
  createStreamHandler,
  type Aggregate,
  type StreamHandler,
} from '../command-handling/stream-handler.ts';
import { createLanes } from '../lanes/lanes.ts';
import type { Metrics } from '../role/metrics.ts';
import { createLruCache } from '../state-cache/state-cache.ts';

/** A licence that a person is about to get, or to have other apps of. */
export type LicenseClaim = {
  readonly tenant: string;
  readonly personId: string;
  readonly subscriptionId: string;
  readonly planId: string;
  readonly appsOff: readonly string[];
  /** The command that gives it, by its id in the subscription. */
  readonly commandId: string;
};

/** What claims, and the streams of the subscriptions that they are for, say of a person. */
export type ClaimedServices = {
  /** The subscriptions that something was ever claimed for: of them this knows better than the read side. */
  readonly subscriptionIds: ReadonlySet<string>;
  readonly services: readonly Service[];
};

/** See the module's description. */
export type LicenseClaims = {
  /** What the person has or is about to have by claims, but for these subscriptions. */
  servicesOf(tenant: string, personId: string, without: readonly (string | undefined)[]): Promise<ClaimedServices>;
  /** Claims; unless `refuse` has something against it, given what the person has or is about to have elsewhere. */
  claim<Refusal>(
    claim: LicenseClaim,
    by: Cause & { readonly now: Instant; readonly without?: string | undefined },
    refuse: (elsewhere: readonly Service[]) => Refusal | null,
  ): Promise<Refusal | null>;
  /** The command came to nothing in the end. */
  release(claim: LicenseClaim, by: Cause): Promise<void>;
};

/** Options of {@link createLicenseClaims}. */
export type LicenseClaimsOptions = {
  readonly store: EventStore;
  readonly clock: Pick<Clock, 'now'>;
  readonly plans: PlanSource;
  readonly subscriptions: Pick<StreamHandler<SubscriptionState>, 'read'>;
  readonly seats: Pick<StreamHandler<SeatState>, 'read'>;
  /**
   * How long a command may take from its claim to its append; an older claim that came to nothing was left behind by a
   * crash. Default 15 min, far beyond the time-out of an append.
   */
  readonly commandTimeoutMs?: number;
  readonly metrics?: Metrics | undefined;
};

/** The latest claim for each subscription. One that was given back still says where to look for what came before it. */
type Claims = ReadonlyMap<string, Claimed>;
type Claimed = Pick<LicenseClaim, 'planId' | 'appsOff' | 'commandId'> & {
  readonly at: Instant;
  readonly isReleased: boolean;
};

const aggregate: Aggregate<Claims> = {
  initial: new Map(),
  evolve: (claims, { type, data, metadata }) => {
    if (type === 'LicenseClaimed') {
      // The door validated the data against the schema of its type.
      const { subscriptionId, planId, appsOff } = data as PlatformEventData<'LicenseClaimed'>;
      const { commandId, recordedAt: at } = metadata;
      return new Map(claims).set(subscriptionId, { planId, appsOff, commandId, at, isReleased: false });
    }
    if (type !== 'LicenseClaimReleased') return claims;
    const { subscriptionId, claimedBy } = data as PlatformEventData<'LicenseClaimReleased'>;
    const claimed = claims.get(subscriptionId);
    if (claimed?.commandId !== claimedBy) return claims;
    return new Map(claims).set(subscriptionId, { ...claimed, isReleased: true });
  },
};

/** Opens them. */
export function createLicenseClaims(options: LicenseClaimsOptions): LicenseClaims {
  const people = createStreamHandler({
    store: options.store,
    aggregate,
    cache: createLruCache<Claims>({ cacheEntryCountMax: 1_000 }),
    lanes: createLanes({ inFlightCountMax: 64, waitingCountMax: 4_096 }),
    ...(options.metrics === undefined ? {} : { metrics: options.metrics }),
  });
  const elsewhere = async (
    claims: Claims,
    about: Pick<LicenseClaim, 'tenant' | 'personId'>,
    without: readonly (string | undefined)[],
  ): Promise<readonly Service[]> => {
    const others = [...claims].filter(([subscriptionId]) => !without.includes(subscriptionId));
    const services = await Promise.all(
      others.map(([subscriptionId, claimed]) => servicesBy(options, { ...about, subscriptionId }, claimed)),
    );
    return services.flat();
  };

  return {
    servicesOf: async (tenant, personId, without) => {
      const { state } = await people.read(personStream(tenant, personId));
      return {
        subscriptionIds: new Set(state.keys()),
        services: await elsewhere(state, { tenant, personId }, without),
      };
    },
    claim: async (claim, by, refuse) => {
      const { tenant, personId, subscriptionId } = claim;
      const { answer } = await people.transact(personStream(tenant, personId), async ({ state }) => {
        const refusal = refuse(await elsewhere(state, claim, [subscriptionId, by.without]));
        return { events: refusal !== null || isOpen(state, claim) ? [] : [claimedBy(claim, by)], answer: refusal };
      });
      return answer;
    },
    release: async (claim, by) => {
      const { tenant, personId, subscriptionId, commandId } = claim;
      await people.transact(personStream(tenant, personId), ({ state }) => {
        if (!isOpen(state, claim)) return { events: [], answer: undefined };
        const data = { tenant, personId, subscriptionId, claimedBy: commandId };
        const now = options.clock.now();
        return {
          events: [{ type: 'LicenseClaimReleased', data, metadata: metadataOf({ ...by, commandId, now, tenant }) }],
          answer: undefined,
        };
      });
    },
  };
}

function isOpen(claims: Claims, { subscriptionId, commandId }: LicenseClaim): boolean {
  const claimed = claims.get(subscriptionId);
  return claimed?.commandId === commandId && !claimed.isReleased;
}

/**
 * Runs a command that may claim, and gives its claim back where it certainly appended nothing of its own: refused, outdated,
 * or outrun in every attempt. After any other fault it may be stored, and the claim stands until the command is repeated.
 */
export async function givingBackInVain<Outcome extends { readonly answer: { readonly kind: string } }>(
  claims: LicenseClaims,
  by: Cause,
  claimed: () => LicenseClaim | undefined,
  run: () => Promise<Outcome>,
): Promise<Outcome> {
  const giveBack = async (): Promise<void> => {
    const claim = claimed();
    if (claim !== undefined) await claims.release(claim, by);
  };
  let outcome: Outcome;
  try {
    outcome = await run();
  } catch (error) {
    if (error instanceof CommandConflictError) await giveBack();
    throw error;
  }
  const { kind } = outcome.answer;
  if (kind !== 'appended' && kind !== 'repeated') await giveBack();
  return outcome;
}

/** What a subscription gives the person, and what a claim for it that is still open would. */
async function servicesBy(
  { plans, clock, subscriptions, seats, commandTimeoutMs = 900_000 }: LicenseClaimsOptions,
  { tenant, personId, subscriptionId }: Pick<LicenseClaim, 'tenant' | 'personId' | 'subscriptionId'>,
  claimed: Claimed,
): Promise<readonly Service[]> {
  const [{ state }, { state: onSeat }] = await Promise.all([
    subscriptions.read(subscriptionStream(tenant, subscriptionId)),
    seats.read(seatStream(tenant, subscriptionId, personId)),
  ]);
  const isSettled = [state.commandIds, onSeat.commandIds].some((ids) => pagedGet(ids, claimed.commandId) !== undefined);
  const isLeftBehind = Date.parse(clock.now()) - Date.parse(claimed.at) > commandTimeoutMs;
  const given = claimed.isReleased || isSettled || isLeftBehind ? [] : servicesOn(plans, claimed);
  const seat = state.header === null || state.header.status === 'deleted' ? undefined : pagedGet(state.seats, personId);
  if (seat === undefined || state.header === null) return given;
  const { appsOff } = seatInForce(onSeat.use, seat);
  return [...given, ...servicesOn(plans, { planId: state.header.planId, appsOff })];
}

/** The apps of a plan that are on and that the catalogue has rules about. */
export function servicesOn(
  plans: PlanSource,
  { planId, appsOff }: Pick<LicenseClaim, 'planId' | 'appsOff'>,
): readonly Service[] {
  return (plans.plan(planId)?.services ?? []).filter(({ appId }) => !appsOff.includes(appId));
}

/** A decision that is a refusal; `null`: it is none. */
export function refusalOf(decision: { readonly kind: string }): Extract<CommandResult, { kind: 'refused' }> | null {
  // Refusals have one shape, whatever decided.
  return decision.kind === 'refused' ? (decision as Extract<CommandResult, { kind: 'refused' }>) : null;
}

function claimedBy(claim: LicenseClaim, by: Cause & { readonly now: Instant }): NewEvent {
  const { tenant, personId, subscriptionId, planId, appsOff, commandId } = claim;
  const data = { tenant, personId, subscriptionId, planId, appsOff: [...appsOff] };
  return { type: 'LicenseClaimed', data, metadata: metadataOf({ ...by, commandId, tenant }) };
}
