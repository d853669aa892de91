import {
  availableActions,
  pagedGet,
  seatActions,
  tenantStream,
  type AsOf,
  type AvailableAction,
  type DecisionContext,
  type PlatformEventData,
} from '@perennial/domain';
import type { StreamMemory } from '../log/stream-memory.ts';
import { catalogueAsOf } from './catalogue-as-of.ts';
import { subscriptionAsOf } from './subscription-as-of.ts';
import { isInForce } from './when.ts';

/** Whose list of actions. */
export type ActionsRequest = {
  readonly tenant: string;
  readonly subscriptionId: string;
  readonly actor: { readonly type: string; readonly id: string };
  readonly roles: readonly string[];
};

/** What the caller could have done, with the facts and the catalogue of that time. */
export async function actionsAsOf(
  streams: StreamMemory,
  { tenant, subscriptionId, actor, roles }: ActionsRequest,
  when: AsOf,
): Promise<{ readonly actions: readonly AvailableAction[]; readonly version: number } | undefined> {
  const target = { tenant, subscriptionId };
  const state = await subscriptionAsOf(streams, target, when);
  if (state === undefined) return undefined;
  const catalogue = await catalogueAsOf(streams, when);
  const plan = catalogue.sold(state.header.planId);
  const facts = await tenantFactsAsOf(streams, tenant, when);
  const context: DecisionContext = {
    target,
    now: when.at,
    roles,
    actorId: actor.id,
    actorType: actor.type,
    newId: '',
    ...(facts === undefined ? {} : { tenant: facts }),
    ...(plan === undefined ? {} : { plan: { ...plan, apps: plan.apps.map(({ appId }) => appId) } }),
  };
  const own = { ...context, header: state.header, seat: pagedGet(state.seats, actor.id) };
  return { actions: [...availableActions(state, context), ...seatActions(own)], version: state.header.revision };
}

async function tenantFactsAsOf(
  streams: StreamMemory,
  tenant: string,
  when: AsOf,
): Promise<PlatformEventData<'TenantDescribed'> | undefined> {
  const described = (await streams.read(tenantStream(tenant))).findLast(
    (event) => event.type === 'TenantDescribed' && isInForce(event, when),
  );
  // The door validated the data against the schema of its type.
  return described?.data as PlatformEventData<'TenantDescribed'> | undefined;
}
