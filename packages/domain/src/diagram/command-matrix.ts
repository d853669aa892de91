import type { ReasonCode } from '../messages/index.ts';
import { policyFor, type PolicyProfile } from '../policy/index.ts';
import { availableActions } from '../subscription/actions.ts';
import type { AvailableAction } from '../subscription/decision.ts';
import type { SubscriptionStatus } from '../subscription/header.ts';
import { subscriptionStatuses } from '../subscription/lifecycle.ts';
import type { MachineCommand } from '../subscription/situation.ts';
import { stateAnswers } from '../subscription/state-answers.ts';
import { inState } from '../subscription/testing/states.ts';
import { askedActions } from './asked-actions.ts';
import { machineTransitions, type MachineTransition } from './machine-transitions.ts';
import { table } from './table.ts';

/** The answer of every state to every command (`domain.md 6.2`). */
export function commandMatrix(): string {
  const transitions = machineTransitions();
  const examples = new Map(subscriptionStatuses.map((status) => [status, exampleActions(status)]));
  return table(
    ['command', ...subscriptionStatuses],
    commandNames().map((command) => [
      `\`${command}\``,
      ...subscriptionStatuses.map((status) => {
        const code = stateAnswers[command][status];
        if (code !== undefined) return `\`${code}\``;
        const example = examples.get(status)?.find((action) => action.command === command);
        return accepted(status, command, { transitions, example });
      }),
    ]),
  );
}

/** Who may give a command, what it asks for, and which reasons beside the state can speak against it. */
export function commandTable(): string {
  const asked = askedActions();
  const policy = policyFor('direct-mosa-2020');
  if (!policy) throw new RangeError('the default profile is missing');
  return table(
    ['command', 'opened by', 'asks for', 'may also be refused for'],
    commandNames().map((command) => {
      const rows = asked.filter((each) => each.command === command);
      const needs = unique(rows.flatMap((each) => each.needs));
      const ofStates: readonly string[] = Object.values(stateAnswers[command]);
      const codes = unique(rows.flatMap((each) => each.reasonCodes)).filter(
        (code) => !ofStates.includes(code) && !roleCodes.has(code),
      );
      return [
        `\`${command}\``,
        rolesFor(policy, command).join(', '),
        needs.map(quoted).join(', '),
        codes.map(quoted).join(', '),
      ];
    }),
  );
}

const roleCodes: ReadonlySet<string> = new Set<ReasonCode>(['NOT_BILLING_ADMIN', 'NOT_LICENSE_ADMIN', 'ROLE_MISSING']);

function commandNames(): MachineCommand['name'][] {
  // The table of states has exactly the machine's commands as its keys.
  return Object.keys(stateAnswers) as MachineCommand['name'][];
}

function accepted(
  status: SubscriptionStatus,
  command: string,
  {
    transitions,
    example,
  }: { readonly transitions: readonly MachineTransition[]; readonly example: AvailableAction | undefined },
): string {
  const own = transitions.filter(({ from, event }) => from === status && event === command);
  const targets = unique(own.map(({ to }) => to ?? status));
  const moves = targets.some((target) => target !== status);
  const first = moves ? `✓ → ${targets.join(' or ')}` : '✓';
  // What follows at once in the example, for instance the confirmation when nothing is owed.
  const ends = example?.effectPreview?.newState;
  return ends === undefined || targets.includes(ends) ? first : `${first} → ${ends}`;
}

function exampleActions(status: SubscriptionStatus): AvailableAction[] {
  const subject = inState[status]();
  return availableActions(subject.state, subject.context());
}

/** The roles that open a command, those of a channel last. */
export function rolesFor(policy: PolicyProfile, command: string): string[] {
  const groups = policy.commands[command] ?? [];
  const opens = (roles: PolicyProfile['roles']): string[] =>
    Object.keys(roles).filter((role) => roles[role]?.some((group) => groups.includes(group)));
  const byChannel = Object.entries(policy.rolesByChannel).flatMap(([, roles]) => opens(roles));
  const everywhere = opens(policy.roles);
  return [
    ...everywhere,
    ...unique(byChannel)
      .filter((role) => !everywhere.includes(role))
      .map((role) => `${role} (own channel)`),
  ];
}

function unique<T>(items: readonly T[]): T[] {
  return [...new Set(items)];
}

function quoted(name: string): string {
  return `\`${name}\``;
}
