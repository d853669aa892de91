import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { getAdjacencyMap } from 'xstate/graph';
import { transition, type AnyStateMachine } from 'xstate';
import { subscriptionCommandSchemas } from './commands.ts';
import { policyOf } from './decide.ts';
import { subscriptionEventSchemas, type DecidedEvent } from './events.ts';
import type { PaymentFactKind } from '../payment/fact.ts';
import type { SubscriptionHeader } from './header.ts';
import { subscriptionStatuses } from './lifecycle.ts';
import { subscriptionMachine } from './machine.ts';
import { foldProvisional, situationAt } from './simulation.ts';
import type { MachineEvent, Situation } from './situation.ts';
import { emittedBy, snapshotOf, step } from './step.ts';
import { furtherEvents } from './testing/further-commands.ts';
import { histories, replay } from './testing/histories.ts';
import { card, inState } from './testing/states.ts';
import { Subject, fact } from './testing/subject.ts';

const test = suite('the machine is the specification, the reducer folds: both agree');

type Kind = Exclude<PaymentFactKind, 'dispute_inquiry' | 'linked'>;

const payment = (kind: Kind, more = {}): MachineEvent => ({
  type: `fact.${kind}`,
  fact: fact(kind, '2027-01-01', more),
  payment: 'stripe/in_1',
  full: true,
  refunded: 1000,
});

const events: readonly MachineEvent[] = [
  { type: 'activate', body: {} },
  { type: 'cancel-now', body: {} },
  { type: 'cancel-at-term-end', body: {} },
  { type: 'undo-scheduled-cancel', body: {} },
  { type: 'reactivate', body: { paymentMethod: card } },
  { type: 'set-recurring-billing', body: { on: false } },
  { type: 'disable', body: { reason: 'fraud' } },
  { type: 'assign-license', body: { personId: 'alice', appsOff: [] } },
  { type: 'unassign-license', body: { personId: 'alice' } },
  {
    type: 'move-license',
    body: {
      personId: 'alice',
      heldSince: 2,
      to: { subscriptionId: 's2', revision: 3, assignedAt: '2026-06-01T00:00:00.000Z' },
    },
  },
  { type: 'add-payment-method', body: { paymentMethod: card } },
  { type: 'replace-payment-method', body: { paymentMethod: card } },
  ...furtherEvents,
  { type: 'confirm', step: null },
  { type: 'seats.reconcile' },
  payment('settled'),
  payment('settled', { id: 'in_2', servicePeriod: { start: '2040-01-01T00:00:00Z', end: '2040-02-01T00:00:00Z' } }),
  payment('failed'),
  payment('failed', { nextAttemptAt: null }),
  payment('refunded'),
  payment('voided'),
  payment('action_required'),
  payment('method_updated', { id: 'tok_1', paymentMethod: { expires: '2031-01' } }),
  payment('dispute_opened', { id: 'dp_1' }),
  payment('dispute_won', { id: 'dp_1' }),
  payment('dispute_lost', { id: 'dp_1' }),
  payment('ended', { id: 'sub_1' }),
  { ...payment('settled'), type: 'fact.noted' } as MachineEvent,
  ...(
    [
      'start',
      'hold-end',
      'seat-change',
      'plan-change',
      'seat-conflict',
      'first-payment',
      'cancel',
      'term-end',
      'dunning-end',
      'chargeback',
      'grace-end',
      'reactivation-confirm',
      'retention-end',
    ] as const
  ).map((kind): MachineEvent => ({ type: `deadline.${kind}` })),
];

/** Statuses that the transitions of an event lead to, from a state; itself where one has no target. */
function targets(status: string, event: MachineEvent): Set<string> {
  const transitions = subscriptionMachine.states[status]?.transitions.get(event.type) ?? [];
  return new Set(transitions.flatMap(({ target }) => target?.map(({ key }) => key) ?? [status]));
}

/** Takes a step and checks it; answers with what it emitted. */
function checked(situation: Situation, event: MachineEvent): readonly DecidedEvent[] {
  const snapshot = snapshotOf(situation, event);
  const emitted = step(situation, event) ?? [];
  const [next, actions] = transition(subscriptionMachine, snapshot, event);
  assert.equal(
    actions.flatMap((action) => emittedBy(action) ?? []),
    emitted,
    'the inert scope is transition()',
  );

  let header = situation.header;
  const statuses = emitted.map((each) => {
    subscriptionEventSchemas[each.type].parse(each.data);
    header = foldProvisional(header, [each]);
    return header.status;
  });
  const entering = statuses.filter((status, index) => status !== (statuses[index - 1] ?? situation.header.status));
  assert.ok(entering.length <= 1, `${event.type} changes the status once at most`);
  if (emitted.length > 0 && snapshot.value === situation.header.status) {
    assert.is(header.status, next.value, `${event.type} while ${situation.header.status}`);
    for (const status of statuses) {
      assert.ok(status === situation.header.status || targets(situation.header.status, event).has(status));
    }
    const isChange = header.status !== situation.header.status;
    if (isChange)
      assert.is(
        statuses.findIndex((status) => status === header.status),
        statuses.length - 1,
        'last',
      );
  }
  return emitted;
}

test('in every state, for every event: same target, same fold, at most one change of status, last', () => {
  for (const status of subscriptionStatuses) {
    for (const price of [undefined, { minor: 100, currency: 'EUR' }]) {
      const { header, state, now } = inState[status](price ? { price } : {});
      for (const event of events) {
        checked(situationAt(header, now, policyOf(header), null, state.seats), event);
      }
    }
  }
});

test('over random histories: the same', () => {
  fc.assert(
    fc.property(histories, (history) => {
      replay(history, ({ header, state, now }) => {
        for (const event of events) checked(situationAt(header, now, policyOf(header), null, state.seats), event);
      });
    }),
    { numRuns: 25 },
  );
});

test('what is owed is paid in time: access returns with the last reason, and the machine says so too', () => {
  const subject = Subject.active({ seats: 1, price: { minor: 1000, currency: 'EUR' } }, '2026-06-01');
  subject.pay(fact('failed', '2026-06-01', { id: 'in_1', attempt: 1 }));
  subject.tick('2026-09-01');
  const { header, now } = subject;
  assert.equal([header.status, header.disabledReasons], ['disabled', ['nonpayment']]);
  const settled = payment('settled');
  const typesFor = (disabledReasons: SubscriptionHeader['disabledReasons']): string[] =>
    checked(situationAt({ ...header, disabledReasons }, now, policyOf(header)), settled).map(({ type }) => type);
  assert.ok(typesFor(['nonpayment']).includes('SubscriptionEnabled'));
  const beside = typesFor(['nonpayment', 'fraud']);
  assert.ok(beside.includes('DisableReasonRemoved') && !beside.includes('SubscriptionEnabled'), beside.join());
});

test('every state is reached from pending by the machine alone, folding what it emits', () => {
  const seen = new Map<string, SubscriptionHeader>();
  const queue: SubscriptionHeader[] = [
    inState.pending({ startsAt: '2026-07-01T00:00:00.000Z' }).header,
    inState.pending().header,
  ];
  for (let header = queue.shift(); header !== undefined && seen.size < 400; header = queue.shift()) {
    const { revision: _, ...rest } = header;
    const key = JSON.stringify({ ...rest, account: [], payments: [], credit: null, parked: rest.parked.length });
    if (seen.has(key)) continue;
    seen.set(key, header);
    for (const event of events) {
      const emitted = checked(situationAt(header, '2026-08-01T00:00:00.000Z', policyOf(header)), event);
      if (emitted.length > 0) queue.push(foldProvisional(header, emitted));
    }
  }
  assert.equal([...new Set([...seen.values()].map(({ status }) => status))].sort(), [...subscriptionStatuses].sort());
});

test('xstate/graph finds every state, and only known events', () => {
  const reached = new Set<unknown>();
  for (const status of subscriptionStatuses) {
    const { header, now, state } = inState[status]();
    const context = situationAt(header, now, policyOf(header), null, state.seats);
    // The graph's types take no machine that emits; what it walks is the machine all the same.
    const map = getAdjacencyMap(subscriptionMachine as unknown as AnyStateMachine, {
      events: [...events],
      fromState: subscriptionMachine.resolveState({ value: status, context }),
      serializeState: ({ value }) => JSON.stringify(value),
    });
    for (const { state: found } of Object.values(map)) reached.add(found.value);
  }
  assert.equal([...reached].sort(), [...subscriptionStatuses].sort());
  const known = new Set<string>(events.map(({ type }) => type));
  for (const type of subscriptionMachine.events) assert.ok(known.has(type), type);
  for (const name of Object.keys(subscriptionCommandSchemas)) assert.ok(name === 'create' || known.has(name), name);
});

test.run();
