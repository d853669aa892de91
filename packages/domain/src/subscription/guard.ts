import type { ReasonCode } from '../messages/index.ts';
import { groupsOf, roleRefusal, type PolicyProfile } from '../policy/index.ts';
import type { SubscriptionHeader, SubscriptionStatus } from './header.ts';
import type { MachineCommand, Situation } from './situation.ts';
import { isChangeBlocked } from './transitions/holds.ts';

/** The commands that have guards. */
export type GuardedName = MachineCommand['name'];

/** Body of a command by its name. */
export type GuardedBody<N extends GuardedName> = Extract<MachineCommand, { name: N }>['body'];

/** What may speak against a command. `input` names the body's field that the guard looks at. */
export type Guard<N extends GuardedName> = {
  readonly input?: string;
  readonly codes: (situation: Situation, body: GuardedBody<N>) => readonly (ReasonCode | false | undefined)[];
};

/** The guards of some commands, each in the order of `domain.md 6.4`. */
export type GuardsOf<N extends GuardedName> = { readonly [C in N]: readonly Guard<C>[] };

type Codes = (situation: Situation) => readonly (ReasonCode | false | undefined)[];

/** The caller's roles open the command; a simulation has no caller. */
export function role(command: GuardedName): Codes {
  return ({ caller, policy, header }) =>
    caller === null
      ? []
      : [roleRefusal(policy, { command, roles: caller.roles, channel: header.channel }) ?? undefined];
}

/** No hold blocks changes (`domain.md 6.9`: full data, no changes). What ended has no holds. */
export const notHeld: { readonly codes: Codes } = {
  codes: (situation) => [isInService(situation.header.status) && isChangeBlocked(situation) && 'SUSPENDED'],
};

/** Plan and seats are the customer's, or a partner asks; what a provider owns changes where it was sold (`domain.md 6.10` rule 7). */
export const notProviders: { readonly codes: Codes } = {
  codes: ({ caller, policy, header }) => [
    caller !== null &&
      policy.providerOwnsPlanAndSeats &&
      header.status !== 'deleted' &&
      caller.actorType !== 'provider' &&
      !caller.roles.some((name) => groupsOf(policy, name, header.channel).includes('partner')) &&
      'MANAGED_BY_PROVIDER',
  ],
};

/** The offer is sold, and the credit check is passed or was not asked for (`domain.md 1.5`). */
export const canBuy: { readonly codes: Codes } = {
  codes: ({ caller, at }) => [
    caller?.plan?.endOfSale !== undefined && caller.plan.endOfSale <= at && 'OFFER_END_OF_SALE',
    caller?.tenant?.creditCheck === 'pending' && 'CREDIT_CHECK_PENDING',
  ],
};

/** `active` or `reactivated`. */
export function isInService(status: SubscriptionStatus): boolean {
  return status === 'active' || status === 'reactivated';
}

/** `expired`, `disabled` or `cancelled`: it can come back. */
export function isEnded(status: SubscriptionStatus): status is 'expired' | 'disabled' | 'cancelled' {
  return status === 'expired' || status === 'disabled' || status === 'cancelled';
}

/** The way back is not the customer's: the channel, or what the profile says of this state, leaves it to the partner. */
export function isReactivatedElsewhere(
  { channel, status }: SubscriptionHeader,
  { reactivation }: Pick<PolicyProfile, 'reactivation'>,
): boolean {
  const { blockedChannels, fromStates } = reactivation;
  return blockedChannels.includes(channel) || (isEnded(status) && !fromStates.includes(status));
}

/** It was reactivated already, as another subscription. */
export const notSucceeded: { readonly codes: Codes } = {
  codes: ({ header }) => [isEnded(header.status) && header.successor !== null && 'REACTIVATED_AS_NEW'],
};

/** Once it is deleted there are no seats to speak of. */
export function hasSeats(header: SubscriptionHeader): boolean {
  return header.status !== 'deleted';
}

/** Anything in the set of reasons that only Support can lift. */
export function needsSupport(header: SubscriptionHeader, allowed: readonly string[]): boolean {
  return isEnded(header.status) && header.disabledReasons.some((reason) => !allowed.includes(reason));
}
