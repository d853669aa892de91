import { subscriptionStatuses } from '../subscription/lifecycle.ts';
import type { SubscriptionStatus } from '../subscription/header.ts';
import { subscriptionMachine } from '../subscription/machine.ts';

/** A transition as the machine has it. */
export type MachineTransition = {
  readonly from: SubscriptionStatus;
  /** `null`: the state stays. */
  readonly to: SubscriptionStatus | null;
  /** Name of the event: a command, `fact.…`, `deadline.…` or `confirm`. */
  readonly event: string;
  /** Name of the guard; `null` when it is taken whenever no earlier one is. */
  readonly guard: string | null;
  /** Names of the actions, which emit the events. */
  readonly actions: readonly string[];
};

/** All transitions, by state in the order of the lifecycle and then in the order in which the machine tries them. */
export function machineTransitions(): MachineTransition[] {
  const { states } = subscriptionMachine.root;
  return Object.values(states)
    .toSorted((a, b) => subscriptionStatuses.indexOf(statusOf(a.key)) - subscriptionStatuses.indexOf(statusOf(b.key)))
    .flatMap((state) =>
      [...state.transitions].flatMap(([event, transitions]) =>
        transitions.map(({ target, guard, actions }) => ({
          from: statusOf(state.key),
          to: target?.[0] === undefined ? null : statusOf(target[0].key),
          event,
          guard: guard === undefined ? null : nameOf(guard),
          actions: actions.map(nameOf),
        })),
      ),
    );
}

/** The state that the machine starts in. */
export function initialStatus(): SubscriptionStatus {
  return statusOf(subscriptionMachine.root.initial.target[0]?.key ?? '');
}

function statusOf(key: string): SubscriptionStatus {
  const status = subscriptionStatuses.find((each) => each === key);
  if (status === undefined) throw new RangeError(`the machine has a state ${key} that no subscription has`);
  return status;
}

function nameOf(part: unknown): string {
  if (typeof part === 'string') return part;
  if (typeof part === 'object' && part !== null && 'type' in part) return String(part.type);
  return typeof part === 'function' ? part.name : 'unnamed';
}
