import type { DecisionContext, Instant, SubscriptionCommand, SubscriptionState } from '@perennial/domain';
import type { Clock } from '../clock/clock.ts';
import type { TenantFacts } from '../tenants/tenant-service.ts';
import type { Cause, PlanSource } from './command-service.ts';
import type { CommandTarget } from './command-identity.ts';

/** What a decision is given beside the state. */
export type ContextSources = {
  readonly clock: Pick<Clock, 'now'>;
  readonly plans: PlanSource;
  readonly newId: () => string;
};

/** What a decision is about. */
export type ContextRequest = {
  readonly target: CommandTarget;
  readonly caller: Pick<Cause, 'actor' | 'roles'>;
  readonly state: SubscriptionState;
  readonly tenant?: TenantFacts | undefined;
  readonly person?: DecisionContext['person'];
  readonly command?: SubscriptionCommand | undefined;
  readonly trialUsed?: boolean | undefined;
  readonly successorId?: string | undefined;
  /** Another instant than the clock's. */
  readonly at?: Instant | undefined;
};

/** Gathers it: no I/O, so that it can be made anew for every attempt. */
export function decisionContext(sources: ContextSources, request: ContextRequest): DecisionContext {
  const { caller, command, state } = request;
  // What is asked about a plan is asked about the one that is wanted.
  const isWanted = command?.name === 'create' || command?.name === 'change-plan';
  const planId = isWanted ? command.body.planId : state.header?.planId;
  const plan = planId === undefined ? undefined : sources.plans.plan(planId);
  return {
    target: request.target,
    now: request.at ?? sources.clock.now(),
    roles: caller.roles,
    actorId: caller.actor.id,
    actorType: caller.actor.type,
    newId: sources.newId(),
    ...(request.tenant === undefined ? {} : { tenant: request.tenant }),
    ...(request.person === undefined ? {} : { person: request.person }),
    ...(plan === undefined ? {} : { plan }),
    ...(request.trialUsed === undefined ? {} : { trialUsed: request.trialUsed }),
    ...(request.successorId === undefined ? {} : { successorId: request.successorId }),
  };
}
