import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { PaymentFact } from '../payment/fact.ts';
import type { SubscriptionCommandName } from './commands.ts';
import { ledgerKeys } from './ledger.ts';
import { effectsOf } from './payment-effects.ts';
import { simulate } from './simulation.ts';
import { policyOf } from './decide.ts';
import { isLifecycleEvent } from './state.ts';
import { Subject, at, fact } from './testing/subject.ts';
import { lifecycleSchema } from './lifecycle.ts';

const test = suite('payment facts commute (domain.md 6.10, rule 8)');

const start = Date.parse('2027-01-31T10:00:00.000Z');
const hour = 3_600_000;
const end = new Date(start + 140 * 24 * hour).toISOString();

type Price = { readonly minor: number; readonly currency: string } | undefined;

/** Facts of the first months: places from before the activation to the last grace. */
const payment = fc.record({
  kind: fc.constantFrom('settled' as const, 'settled' as const, 'failed' as const, 'refunded' as const),
  object: fc.constantFrom('in_1', 'in_2', 'in_3', 'in_4'),
  hours: fc.oneof(fc.integer({ min: -30, max: 100 * 24 }), fc.constantFrom(0, 23, 28 * 24, 59 * 24, 89 * 24)),
  minor: fc.constantFrom(1000, 1000, 3000, 6000),
  final: fc.boolean(),
  attempt: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
  period: fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined }),
  sibling: fc.boolean(),
});

function factOf(given: typeof payment extends fc.Arbitrary<infer T> ? T : never, index: number): PaymentFact {
  const months = ['2027-01-31T10:00', '2027-02-28T10:00', '2027-03-31T10:00', '2027-04-30T10:00'];
  return fact(given.kind, new Date(start + given.hours * hour).toISOString(), {
    id: given.object,
    eventId: `evt_${index}`,
    amount: { minor: given.minor, currency: 'EUR' },
    ...(given.kind === 'refunded' ? { cumulativeRefunded: given.minor } : {}),
    ...(given.kind === 'failed' && given.attempt !== undefined ? { attempt: given.attempt } : {}),
    ...(given.kind === 'failed' && given.final ? { nextAttemptAt: null } : {}),
    ...(given.period === undefined || given.kind === 'refunded'
      ? {}
      : { servicePeriod: { start: at(months[given.period] ?? ''), end: at('2027-06-01') } }),
  });
}

const history = fc.record({
  facts: fc.array(payment, { minLength: 1, maxLength: 7 }),
  ticks: fc.array(fc.integer({ min: 0, max: 140 * 24 }), { maxLength: 4 }),
  price: fc.constantFrom<Price>(undefined, { minor: 1000, currency: 'EUR' }),
  recurring: fc.boolean(),
  seed: fc.integer(),
});

type Step = {
  readonly at: string;
  readonly fact?: PaymentFact;
  readonly command?: readonly [SubscriptionCommandName, unknown?];
};

const paymentMethod = { kind: 'card', token: 'tok_1', country: 'NL' };
const commands = fc.array(
  fc.record({
    hours: fc.integer({ min: 0, max: 110 * 24 }),
    command: fc.constantFrom<readonly [SubscriptionCommandName, unknown?]>(
      ['cancel-now'],
      ['cancel-at-term-end'],
      ['undo-scheduled-cancel'],
      ['reactivate', { paymentMethod }],
      ['reactivate', { paymentMethod: { ...paymentMethod, kind: 'boleto' } }],
      ['set-recurring-billing', { on: false }],
      ['set-recurring-billing', { on: true }],
      ['disable', { reason: 'admin' }],
      ['disable', { reason: 'fraud' }],
    ),
  }),
  { maxLength: 4 },
);

/** Facts arrive at any time after they happened, timers run in between, some facts arrive twice. */
function deliver(steps: readonly Step[], price: Price, recurringBilling: boolean): Subject {
  const subject = Subject.active(
    { seats: 1, term: 'P1M', recurringBilling, ...(price === undefined ? {} : { price }) },
    '2027-01-31T10:00',
  );
  for (const step of steps) {
    if (step.at > subject.now) subject.now = step.at;
    if (step.fact) subject.pay(step.fact);
    else if (step.command) subject.command(...step.command);
    else subject.tickWithoutDeleting();
  }
  subject.now = end;
  subject.tickWithoutDeleting();
  return subject;
}

function shuffled<T>(items: readonly T[], seed: number): T[] {
  let state = seed >>> 0;
  const random = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  return items
    .map((item) => [random(), item] as const)
    .sort((a, b) => a[0] - b[0])
    .map(([, item]) => item);
}

function outcome(subject: Subject): unknown {
  const { revision: _, ...header } = subject.header;
  return {
    ...header,
    statusEventId: '',
    account: [...header.account].sort((a, b) => (a.payment < b.payment ? -1 : 1)),
  };
}

test('any order and repetition, with timer runs between, ends in the same header', () => {
  fc.assert(
    fc.property(history, ({ facts, ticks, price, recurring, seed }) => {
      const all = facts.map(factOf);
      const inOrder = [...all].sort((a, b) => (a.occurredAt < b.occurredAt ? -1 : 1));
      const first = deliver(
        inOrder.map((each) => ({ at: each.occurredAt, fact: each })),
        price,
        recurring,
      );
      const late = new Date(start + 101 * 24 * hour).toISOString();
      const mixed = shuffled(
        [...all, ...all.slice(0, 2)].map((each): Step => ({ at: late, fact: each })),
        seed,
      );
      const timers = ticks.map((hours): Step => ({ at: new Date(start + hours * hour).toISOString() }));
      const second = deliver([...timers.sort((a, b) => (a.at < b.at ? -1 : 1)), ...mixed], price, recurring);
      // As they happen, but each delivered with timers run up to its arrival, in another order of ties.
      const arrivals = [
        ...all.map((each, index): Step => ({
          at: new Date(Date.parse(each.occurredAt) + ((seed >>> index) % 40) * 24 * hour).toISOString(),
          fact: each,
        })),
        ...timers,
      ];
      const third = deliver(
        arrivals.sort((a, b) => (a.at < b.at ? -1 : 1)),
        price,
        recurring,
      );
      assert.equal(outcome(second), outcome(first), 'all late');
      assert.equal(outcome(third), outcome(first), 'each late by its own delay');
    }),
    { numRuns: 100 },
  );
});

test('what is recorded is what a simulation from the beginning gives: the fast way is the slow way', () => {
  fc.assert(
    fc.property(history, commands, ({ facts, ticks, price, recurring, seed }, given) => {
      const delay = (index: number): number => ((seed >>> index) % 20) * 24 * hour;
      const steps: Step[] = [
        ...facts.map(factOf).map((each, index): Step => ({
          at: new Date(Date.parse(each.occurredAt) + delay(index)).toISOString(),
          fact: each,
        })),
        ...given.map(({ hours, command }): Step => ({ at: new Date(start + hours * hour).toISOString(), command })),
        ...ticks.map((hours): Step => ({ at: new Date(start + hours * hour).toISOString() })),
      ];
      const subject = deliver(
        steps.sort((a, b) => (a.at < b.at ? -1 : 1)),
        price,
        recurring,
      );
      const { state, header } = subject;
      const [created] = state.timeline;
      if (created === undefined) return;
      const { events, header: simulated } = simulate({
        header: { ...header, ...lifecycleSchema.parse(created.before) },
        policy: policyOf(header),
        until: subject.now,
        deletes: false,
        effects: effectsOf(state.ledger, ledgerKeys(state.ledger)),
        commands: state.commands,
        commandOffset: 0,
        ledger: state.ledger,
      });
      const ideal = events.map(({ event }) => event).filter(isLifecycleEvent);
      const recorded = state.timeline.filter(({ type }) => type !== 'ExpiryReversed');
      assert.equal(
        recorded.map(({ type, effectiveAt }) => `${type} ${effectiveAt}`),
        ideal.map(({ type, effectiveAt }) => `${type} ${effectiveAt}`),
      );
      assert.equal(
        { ...lifecycleSchema.parse(simulated), statusEventId: '' },
        { ...lifecycleSchema.parse(header), statusEventId: '' },
      );
    }),
    { numRuns: 100 },
  );
});

test.run();
