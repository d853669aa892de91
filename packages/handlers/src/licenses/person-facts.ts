import type { DecisionContext, SubscriptionState } from '@perennial/domain';
import type { TenantService } from '../tenants/tenant-service.ts';
import type { PlanSource } from '../command-handling/command-service.ts';
import { servicesOn, type LicenseClaims } from './license-claims.ts';

/** Port of the read side: what a person has. It may be behind: what was claimed lately is known from claims. */
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
  readonly licenseClaims: Pick<LicenseClaims, 'servicesOf'>;
};

/**
 * What guards of an assignment need to know of the person, asked for only where the plan has rules about it: most have
 * none.
 */
export async function personFacts(
  { plans, tenants, licenses, licenseClaims }: PersonFactSources,
  about: {
    readonly tenant: string;
    readonly state: SubscriptionState;
    readonly personId: string;
    /** A subscription whose licence does not count: it is the one in question, or given up in the same step. */
    readonly without: string | undefined;
  },
): Promise<DecisionContext['person']> {
  const { tenant, state, personId } = about;
  const plan = state.header && plans.plan(state.header.planId);
  if (!plan) return undefined;
  const usageLocation = plan.prohibitedIn && (await tenants.usageLocationOf(tenant, personId));
  if (plan.services === undefined) return { personId, usageLocation, services: [] };
  const without = [about.without, state.header?.subscriptionId];
  // The read side is asked first: what it does not know yet was claimed before.
  const held = (await licenses?.licensesOf(tenant, personId)) ?? [];
  const claimed = await licenseClaims.servicesOf(tenant, personId, without);
  const onlyRead = held.filter(
    ({ subscriptionId }) => !without.includes(subscriptionId) && !claimed.subscriptionIds.has(subscriptionId),
  );
  const services = [...onlyRead.flatMap((license) => servicesOn(plans, license)), ...claimed.services];
  return { personId, usageLocation, services };
}
