import type { DecisionContext, Service, SubscriptionState } from '@perennial/domain';
import type { TenantService } from '../tenants/tenant-service.ts';
import type { PlanSource } from '../command-handling/command-service.ts';

/** Port of the read side: what a person has. It may be behind; who holds a seat is never decided on it. */
export type HeldLicenses = {
  licensesOf(
    tenant: string,
    personId: string,
  ): Promise<
    readonly { readonly subscriptionId: string; readonly planId: string; readonly appsOff: readonly string[] }[]
  >;
};

/** Where facts about people come from. */
export type PersonFactSources = {
  readonly plans: PlanSource;
  readonly tenants: Pick<TenantService, 'usageLocationOf'>;
  readonly licenses?: HeldLicenses | undefined;
};

/**
 * What guards of an assignment need to know of the person, asked for only where the plan has rules about it: most have
 * none.
 */
export async function personFacts(
  { plans, tenants, licenses }: PersonFactSources,
  about: {
    readonly tenant: string;
    readonly state: SubscriptionState;
    readonly personId: string;
    /** A subscription whose licence does not count: it is the one in question, or given up in the same step. */
    readonly without: string | undefined;
  },
): Promise<DecisionContext['person']> {
  const { tenant, state, personId, without } = about;
  const plan = state.header && plans.plan(state.header.planId);
  if (!plan) return undefined;
  const usageLocation = plan.prohibitedIn && (await tenants.usageLocationOf(tenant, personId));
  const held = plan.services && licenses ? await licenses.licensesOf(tenant, personId) : [];
  const services = held
    .filter(({ subscriptionId }) => subscriptionId !== without)
    .flatMap(({ planId, appsOff }) => onlyOn(plans.plan(planId)?.services ?? [], appsOff));
  return { personId, usageLocation, services };
}

function onlyOn(services: readonly Service[], appsOff: readonly string[]): readonly Service[] {
  return services.filter(({ appId }) => !appsOff.includes(appId));
}
