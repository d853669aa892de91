import type { Instant } from '../instant.ts';
import type { PolicyProfile } from '../policy/index.ts';
import type { DecisionContext, SubscriptionDecision } from './decision.ts';
import type { DecidedEvent } from './events.ts';
import { refusals } from './guards.ts';
import type { PaymentMethod, SubscriptionHeader } from './header.ts';
import { refused } from './refusal.ts';
import { pagedDelete } from './paged-map.ts';
import { foldProvisional, followUp, onlyDeadlines, simulate, situationAt, type SimulatedEvent } from './simulation.ts';
import type { CommandMemory, MachineCommand, MachineEvent } from './situation.ts';
import type { AcceptedCommand, SubscriptionState } from './state.ts';
import { step } from './step.ts';
import { methodKind } from './transitions/reactivation.ts';

/** A decision in the making. */
export type Deciding = {
  readonly state: SubscriptionState;
  readonly header: SubscriptionHeader;
  readonly policy: PolicyProfile;
  readonly context: DecisionContext;
  readonly now: Instant;
};

/** Due deadlines first, then the command, then what follows it; a refusal appends nothing. */
export function decideCommand(deciding: Deciding, command: MachineCommand): SubscriptionDecision {
  const { state, header, policy, context, now } = deciding;
  const { ledger, seats } = state;
  const due = simulate(onlyDeadlines({ header, policy, until: now, deletes: false, ledger, seats }));
  const situation = situationAt(due.header, now, policy, context, seatsAfter(state, due.events));
  const codes = refusals(situation, command);
  if (codes.length > 0) return refused(codes, { header: due.header, policy, command });

  const event = machineEvent(command);
  const own = step(situation, event);
  if (own === null)
    throw new RangeError(`the machine has no transition for ${command.name} while ${due.header.status}`);
  const events = [...due.events.map((simulated) => simulated.event), ...traced(own, trace(deciding, command))];
  let after = foldProvisional(due.header, own);
  for (let next = followUp(after, now, event, { policy, ledger }); next !== null;) {
    const following = step(situationAt(after, now, policy), next) ?? [];
    events.push(...following);
    after = foldProvisional(after, following);
    next = followUp(after, now, next, { policy, ledger });
  }
  return events.length === 0 ? { kind: 'nothing' } : { kind: 'accepted', events };
}

/** Whoever lost a seat by a deadline has none any more, though that is not recorded yet. */
function seatsAfter({ seats }: SubscriptionState, due: readonly SimulatedEvent[]): SubscriptionState['seats'] {
  return due.reduce(
    (left, { event }) => (event.type === 'LicenseUnassigned' ? pagedDelete(left, event.data.personId) : left),
    seats,
  );
}

/** The machine's name for a command. */
export function machineEvent(command: MachineCommand): MachineEvent {
  // The union of commands and that of their machine events are made from one another.
  return { type: command.name, body: command.body } as MachineEvent;
}

/** What the log keeps of a command, to decide it again when a late fact changes what it was decided on. */
function trace({ header, context, now }: Deciding, command: MachineCommand): AcceptedCommand {
  return { name: command.name, at: now, body: neededBody(header, context, command) };
}

function neededBody(
  header: SubscriptionHeader,
  context: DecisionContext,
  command: MachineCommand,
): AcceptedCommand['body'] {
  if (command.name === 'reactivate') return { memory: memoryOf(header, context, command.body.paymentMethod) };
  if (command.name === 'support-reactivate') {
    return { ticket: command.body.ticket, memory: memoryOf(header, context, command.body.paymentMethod) };
  }
  const { plan } = context;
  if (command.name === 'change-plan' && plan?.planId === command.body.planId && plan.unit === 'storage') {
    return { ...withoutAbsent(command.body), memory: { planUnit: plan.unit } satisfies CommandMemory };
  }
  return remembersBody.has(command.name) ? withoutAbsent(command.body) : {};
}

/** Commands whose whole body decides what they do, and says nothing that must not be kept. */
const remembersBody: ReadonlySet<MachineCommand['name']> = new Set<MachineCommand['name']>([
  'redeem-key',
  'set-recurring-billing',
  'disable',
  'add-seats',
  'remove-seats',
  'change-plan',
  'pause',
  'suspend',
  'resume',
]);

/** The body as JSON: a field that is absent is not there at all. */
function withoutAbsent(body: object): AcceptedCommand['body'] {
  // Bodies were read from JSON by their schemas.
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined)) as AcceptedCommand['body'];
}

function memoryOf(
  header: SubscriptionHeader,
  context: DecisionContext,
  given: PaymentMethod | undefined,
): { reactivationId: string; methodKind: PaymentMethod['kind'] } {
  return { reactivationId: context.newId, methodKind: methodKind(header, given) } satisfies CommandMemory;
}

const traceable: ReadonlySet<DecidedEvent['type']> = new Set<DecidedEvent['type']>([
  'SubscriptionActivated',
  'RecurringBillingTurnedOn',
  'RecurringBillingTurnedOff',
  'CancellationScheduled',
  'CancellationUndone',
  'SubscriptionCancelled',
  'DisableReasonAdded',
  'SubscriptionDisabled',
  'SubscriptionReactivated',
  'SubscriptionDeleted',
  'ProductKeyApplied',
  'SeatsAdded',
  'SeatsRemoved',
  'SeatChangeScheduled',
  'PlanChangeScheduled',
  'PlanChanged',
  'HoldPlaced',
  'HoldReleased',
  'TrialExtended',
  'TrialConverted',
  'BalancePaymentRequested',
]);

/** The first event of a lifecycle command remembers it. */
function traced(events: readonly DecidedEvent[], command: AcceptedCommand): DecidedEvent[] {
  const first = events.findIndex(({ type }) => traceable.has(type));
  return events.map((event, index) =>
    // Every traceable event has the field.
    index === first ? ({ ...event, data: { ...event.data, command } } as DecidedEvent) : event,
  );
}
