/**
 * What guards need to know of tenants and their people (contract.md, PUT tenants): kept in `tenant-<tenant>`.
 *
 * @module
 */
import { tenantStream, type DecisionContext, type PlatformEventData } from '@perennial/domain';
import type { EventStore, RecordedEvent } from '@perennial/event-store';
import type { Clock } from '../clock/clock.ts';
import { createLruCache } from '../state-cache/state-cache.ts';
import { createStreamHandler, type Aggregate } from '../command-handling/stream-handler.ts';
import type { Cause } from '../command-handling/command-service.ts';
import { metadataOf } from '../command-handling/metadata.ts';
import { createLanes } from '../lanes/lanes.ts';

/** What is known of a tenant; what is unknown passes every guard. */
export type TenantFacts = NonNullable<DecisionContext['tenant']>;

/** Who says so, and under which command id. */
export type Statement = Omit<Cause, 'roles' | 'actor'> & {
  readonly actor: Cause['actor'] & { readonly roles: readonly string[] };
  readonly commandId: string;
};

type TenantState = {
  readonly facts: TenantFacts;
  /** By person id. */
  readonly usageLocations: ReadonlyMap<string, string | undefined>;
  readonly erased: ReadonlySet<string>;
};

/** Reads and writes the facts about tenants. Saying the same again appends nothing. */
export type TenantService = {
  describeTenant(tenant: string, facts: TenantFacts, by: Statement): Promise<{ readonly position: string }>;
  describePerson(
    tenant: string,
    personId: string,
    facts: { readonly usageLocation?: string | undefined },
    by: Statement,
  ): Promise<{ readonly position: string }>;
  /** Records that a person is to be forgotten; `isNew` is false when that was recorded before. */
  erasePerson(
    tenant: string,
    personId: string,
    by: Statement,
  ): Promise<{ readonly position: string; readonly isNew: boolean }>;
  /** Read to the end of the stream. */
  factsOf(tenant: string): Promise<TenantFacts>;
  usageLocationOf(tenant: string, personId: string): Promise<string | undefined>;
};

const aggregate: Aggregate<TenantState> = {
  initial: { facts: {}, usageLocations: new Map(), erased: new Set() },
  evolve: (state, event) => evolveTenant(state, event),
};

/** See {@link TenantService}. */
export function createTenantService(options: {
  readonly store: EventStore;
  readonly clock: Clock;
  /** Tenants kept in memory; default 10 000. */
  readonly cacheEntryCountMax?: number;
}): TenantService {
  const tenants = createStreamHandler({
    store: options.store,
    aggregate,
    cache: createLruCache<TenantState>({ cacheEntryCountMax: options.cacheEntryCountMax ?? 10_000 }),
    lanes: createLanes({ inFlightCountMax: 64, waitingCountMax: 4_096 }),
  });
  const append = async (
    tenant: string,
    by: Statement,
    decide: (state: TenantState) => { readonly type: string; readonly data: object } | undefined,
  ) => {
    const { view, answer } = await tenants.transact(tenantStream(tenant), ({ state }) => {
      const decided = decide(state);
      if (decided === undefined) return { events: [], answer: false };
      const metadata = metadataOf({ ...by, roles: by.actor.roles, now: options.clock.now(), tenant });
      return { events: [{ ...decided, metadata }], answer: true };
    });
    return { position: String(view.position ?? 0n), isNew: answer };
  };
  return {
    describeTenant: async (tenant, facts, by) => {
      const { position } = await append(tenant, by, (state) =>
        isSame(state.facts, facts) ? undefined : { type: 'TenantDescribed', data: defined(facts) },
      );
      return { position };
    },
    describePerson: async (tenant, personId, facts, by) => {
      const { position } = await append(tenant, by, (state) =>
        state.usageLocations.has(personId) && state.usageLocations.get(personId) === facts.usageLocation
          ? undefined
          : { type: 'PersonDescribed', data: { personId, ...defined(facts) } },
      );
      return { position };
    },
    erasePerson: (tenant, personId, by) =>
      append(tenant, by, (state) =>
        state.erased.has(personId) ? undefined : { type: 'PersonErased', data: { personId } },
      ),
    factsOf: async (tenant) => (await tenants.read(tenantStream(tenant))).state.facts,
    usageLocationOf: async (tenant, personId) =>
      (await tenants.read(tenantStream(tenant))).state.usageLocations.get(personId),
  };
}

function evolveTenant(state: TenantState, { type, data }: RecordedEvent): TenantState {
  if (type === 'TenantDescribed') {
    // The door validated the data against the schema of its type.
    return { ...state, facts: data as PlatformEventData<'TenantDescribed'> };
  }
  if (type === 'PersonDescribed') {
    // As above.
    const { personId, usageLocation } = data as PlatformEventData<'PersonDescribed'>;
    return { ...state, usageLocations: new Map(state.usageLocations).set(personId, usageLocation) };
  }
  if (type === 'PersonErased') {
    // As above.
    const { personId } = data as PlatformEventData<'PersonErased'>;
    const usageLocations = new Map(state.usageLocations);
    usageLocations.delete(personId);
    return { ...state, usageLocations, erased: new Set(state.erased).add(personId) };
  }
  return state;
}

function defined(facts: object): object {
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined));
}

function isSame(one: object, other: object): boolean {
  const entries = (facts: object) =>
    JSON.stringify(Object.entries(defined(facts)).sort(([a], [b]) => (a < b ? -1 : 1)));
  return entries(one) === entries(other);
}
