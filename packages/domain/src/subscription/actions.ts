import { remediesFor } from '../messages/index.ts';
import { policyOf } from './decide.ts';
import type { AvailableAction, DecisionContext } from './decision.ts';
import { machineEvent } from './decide-command.ts';
import { verdict } from './guards.ts';
import type { SubscriptionHeader } from './header.ts';
import { remedyDetails } from './refusal.ts';
import { foldProvisional, followUp, onlyDeadlines, simulate, situationAt } from './simulation.ts';
import type { MachineCommand, Situation } from './situation.ts';
import type { SubscriptionState } from './state.ts';
import { stateAnswers } from './state-answers.ts';
import { step } from './step.ts';
import { amountOpen } from './transitions/reactivation.ts';
import { renewed } from './transitions/successor.ts';
import { owed } from './transitions/support.ts';

/**
 * Every command, whether this caller may give it now, and if not, why and what to do (`domain.md 6.4`). The guards are the
 * handler's own, so that the list never disagrees with `decide`: `available` means that some valid input succeeds.
 */
export function availableActions(state: SubscriptionState, context: DecisionContext): AvailableAction[] {
  if (state.header === null) return [];
  const policy = policyOf(state.header);
  const { ledger } = state;
  const due = onlyDeadlines({ header: state.header, policy, until: context.now, deletes: false, ledger });
  const { header } = simulate(due);
  const situation = situationAt(header, context.now, policy, context, state.seats);
  // The table of states has exactly the machine's commands as its keys.
  return (Object.keys(stateAnswers) as MachineCommand['name'][]).map((name) => action(situation, name, state));
}

function action(situation: Situation, name: MachineCommand['name'], state: SubscriptionState): AvailableAction {
  const [usual, ...others] = askable(situation, name);
  const asked = [usual, ...others].map((command) => ({ command, ...verdict(situation, command) }));
  const chosen = asked.find(({ codes }) => codes.length === 0) ?? asked[0];
  if (chosen === undefined) throw new RangeError(`there is no way to ask for ${name}`);
  const { command, codes, needs } = chosen;
  const available = codes.length === 0;
  return {
    command: name,
    available,
    reasonCodes: codes,
    // Where the usual choice is refused and another is not, that choice has to be made.
    needs: [...new Set([...needs, ...differing(usual, command)])],
    remedies: remediesFor(codes, remedyDetails(codes, situation)),
    effectPreview: available ? preview(situation, command, state) : null,
  };
}

/**
 * The ways to ask for a command whose inputs are few enough to try them all, the usual one first: the list says that it is
 * available when one of them is accepted, and else what speaks against the first.
 */
function askable({ header }: Situation, name: MachineCommand['name']): readonly [MachineCommand, ...MachineCommand[]] {
  // Name and body belong to each other by the tables.
  const command = (body: object): MachineCommand => ({ name, body: { ...unasked[name], ...body } }) as MachineCommand;
  const [usual = {}, ...others] = choices[name]?.(header) ?? [];
  return [command(usual), ...others.map(command)];
}

/** See {@link askable}. */
const choices: Readonly<Partial<Record<MachineCommand['name'], (header: SubscriptionHeader) => readonly object[]>>> = {
  'redeem-key': () => [{ mode: 'extend' }, { mode: 'add-seats' }, { mode: 'new' }],
  'remove-seats': () => [{ when: 'now' }, { when: 'renewal' }],
  'set-recurring-billing': ({ recurringBilling: on }) => [{ on: !on }, { on }],
  resume: ({ holds }) => {
    const held = holds.map(({ kind }) => ({ hold: kind }));
    return held.length > 0 ? held : [{ hold: 'pause' }];
  },
};

/** Optional inputs in which one way to ask differs from the usual one. */
function differing(usual: MachineCommand, chosen: MachineCommand): readonly string[] {
  if (usual.name !== 'remove-seats' || chosen.name !== 'remove-seats') return [];
  return usual.body.when === chosen.body.when ? [] : ['when'];
}

const paymentMethod = { kind: 'card', token: 'unasked', country: 'XX' } as const;

/** Bodies of commands whose inputs are yet to be given; what guards say of those that nobody can guess is a need, see `verdict`. */
const unasked: { readonly [N in MachineCommand['name']]: Extract<MachineCommand, { name: N }>['body'] } = {
  activate: {},
  'redeem-key': { mode: 'extend', keyId: '', last5: '', planId: '', seats: 1, term: 'P1Y' },
  'set-recurring-billing': { on: true },
  'cancel-now': {},
  'cancel-at-term-end': {},
  'undo-scheduled-cancel': {},
  reactivate: {},
  disable: { reason: 'admin' },
  'assign-license': { personId: '', appsOff: [] },
  'unassign-license': { personId: '' },
  'move-license': { personId: '', heldSince: 0, to: { subscriptionId: '', revision: 0, assignedAt: '' } },
  'add-payment-method': { paymentMethod },
  'replace-payment-method': { paymentMethod },
  'add-seats': { count: 1 },
  'remove-seats': { count: 1, when: 'now' },
  'change-plan': { planId: '', when: 'now' },
  pause: {},
  suspend: {},
  resume: { hold: 'pause' },
  'extend-trial': {},
  'convert-trial': { paymentMethod },
  'support-reactivate': { reason: '', ticket: '' },
  'pay-balance': {},
  'update-payment-method': { securityCodeConfirmed: true },
  'delete-now': {},
  'export-data': {},
  'link-payment': { paymentId: '' },
  'add-note': { text: '' },
  'correct-fact': { eventId: '', reason: '' },
};

/** What the command would lead to, by taking the very step that it would take. */
function preview(
  situation: Situation,
  command: MachineCommand,
  { ledger }: SubscriptionState,
): AvailableAction['effectPreview'] {
  const { at, policy } = situation;
  const renewal = command.name === 'reactivate' && !policy.reactivation.keepsSubscription ? renewed(situation) : null;
  if (renewal !== null) {
    // What the new subscription will be.
    const price = amountOf(situation, command);
    return { newState: 'active', newTermEnd: renewal.term.end, ...(price === null ? {} : { amount: price }) };
  }
  const asked = { ...situation, caller: null };
  const event = machineEvent(command);
  const before = situation.header;
  let header = foldProvisional(before, step(asked, event) ?? []);
  const amount = amountOf(situation, command);
  for (let next = followUp(header, at, event, { policy, ledger }); next !== null;) {
    header = foldProvisional(header, step(situationAt(header, at, policy), next) ?? []);
    next = followUp(header, at, next, { policy, ledger });
  }
  const termEnd = header.reactivation?.newTermEnd ?? header.termEnd;
  return {
    newState: header.status,
    // How long a key lasts is known only with the key.
    ...(termEnd !== null && header.status !== 'deleted' && command.name !== 'redeem-key'
      ? { newTermEnd: termEnd }
      : {}),
    ...(amount === null ? {} : { amount }),
  };
}

function amountOf(situation: Situation, { name }: MachineCommand): { minor: number; currency: string } | null {
  if (name === 'pay-balance') return owed(situation.header);
  const { header } = situation;
  const currency = header.price?.currency ?? header.balance?.currency;
  const { keepsSubscription } = situation.policy.reactivation;
  const resumed = name === 'reactivate' ? renewed(situation) : null;
  const open = resumed === null ? null : keepsSubscription ? amountOpen(header, resumed.due) : resumed.due;
  return open === null || currency === undefined ? null : { minor: open, currency };
}
