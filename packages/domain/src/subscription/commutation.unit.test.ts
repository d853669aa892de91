import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { paymentFactKinds, type PaymentFact } from '../payment/fact.ts';
import type { SubscriptionCommandName } from './commands.ts';
import { ledgerKeys } from './ledger.ts';
import { effectsOf } from './payment-effects.ts';
import { simulate } from './simulation.ts';
import { policyOf } from './decide.ts';
import { isLifecycleEvent } from './state.ts';
import { furtherCommands } from './testing/further-commands.ts';
import { Subject, at, fact } from './testing/subject.ts';
import { lifecycleSchema } from './lifecycle.ts';

const test = suite('payment facts commute (domain.md 6.10, rule 8)');

const start = Date.parse('2027-01-31T10:00:00.000Z');
const hour = 3_600_000;
const end = new Date(start + 140 * 24 * hour).toISOString();

type Price = { readonly minor: number; readonly currency: string } | undefined;

const often = ['settled', 'settled', 'failed', 'refunded'] as const;

/** Facts of the first months: places from before the activation to the last grace. */
const payment = fc.record({
  kind: fc.constantFrom(...often, ...often, ...paymentFactKinds),
  object: fc.constantFrom('in_1', 'in_2', 'in_3', 'in_4'),
  dispute: fc.constantFrom('dp_1', 'dp_2'),
  hours: fc.oneof(fc.integer({ min: -30, max: 100 * 24 }), fc.constantFrom(0, 23, 28 * 24, 59 * 24, 89 * 24)),
  minor: fc.constantFrom(1000, 1000, 3000, 6000),
  final: fc.boolean(),
  attempt: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
  period: fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined }),
  sibling: fc.boolean(),
});

type PaymentGiven = typeof payment extends fc.Arbitrary<infer T> ? T : never;

function factOf(given: PaymentGiven, index: number): PaymentFact {
  const months = ['2027-01-31T10:00', '2027-02-28T10:00', '2027-03-31T10:00', '2027-04-30T10:00'];
  return fact(given.kind, instantAfter(given.hours), {
    id: objectOf(given),
    eventId: `evt_${index}`,
    amount: { minor: given.minor, currency: 'EUR' },
    ...(given.kind === 'refunded' ? { cumulativeRefunded: given.minor } : {}),
    ...(given.sibling ? { chargeRef: `ch_${given.object}` } : {}),
    ...(given.kind === 'method_updated' ? { paymentMethod: { expires: `20${30 + (index % 60)}-01` } } : {}),
    ...(given.kind === 'failed' && given.attempt !== undefined ? { attempt: given.attempt } : {}),
    ...(given.kind === 'failed' && given.final ? { nextAttemptAt: null } : {}),
    ...(given.period === undefined || given.kind === 'refunded'
      ? {}
      : { servicePeriod: { start: at(months[given.period] ?? ''), end: at('2027-06-01') } }),
  });
}

/** Disputes and cards are objects of their own; a refund may know its payment only by the charge. */
function objectOf({ kind, object, dispute, sibling }: PaymentGiven): string {
  if (kind.startsWith('dispute_')) return dispute;
  if (kind === 'method_updated') return paymentMethod.token;
  return kind === 'refunded' && sibling ? `ch_${object}` : object;
}

const history = fc.record({
  facts: fc.array(payment, { minLength: 1, maxLength: 8 }),
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
      ...furtherCommands,
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
  subject.accept('add-payment-method', { paymentMethod });
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

function instantAfter(hours: number): string {
  return new Date(start + hours * hour).toISOString();
}

function inOrder(steps: readonly Step[]): Step[] {
  return [...steps].sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}

/** The accepted commands, but for the random ids that they were given. */
function accepted({ state }: Subject): unknown {
  return state.commands.map(({ name, at: when }) => [name, when]);
}

function outcome(subject: Subject): unknown {
  const { revision: _, ...header } = subject.header;
  return {
    ...header,
    statusEventId: '',
    reactivation: header.reactivation && { ...header.reactivation, reactivationId: '' },
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
      const timers = ticks.map((hours): Step => ({ at: instantAfter(hours) }));
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

test('with commands between as well: where the same ones were accepted, the header is the same', () => {
  let sameCount = 0;
  let runCount = 0;
  fc.assert(
    fc.property(history, commands, ({ facts, ticks, price, recurring, seed }, given) => {
      const all = facts.map(factOf);
      // Half an hour apart from any fact: what happens in one instant is in the order of its becoming known.
      const asked = given.map(({ hours, command }): Step => ({ at: instantAfter(hours + 0.5), command }));
      const timers = ticks.map((hours): Step => ({ at: instantAfter(hours) }));
      const known = all.map((each): Step => ({ at: each.occurredAt, fact: each }));
      const late = shuffled([...all, ...all], seed).map((each, index): Step => ({
        at: new Date(Date.parse(each.occurredAt) + ((seed >>> index) % 39) * 24 * hour).toISOString(),
        fact: each,
      }));
      const inTime = deliver(inOrder([...known, ...asked]), price, recurring);
      const mixed = deliver(inOrder([...late, ...asked, ...timers]), price, recurring);
      runCount += 1;
      // A command is decided on what is known: where that made a difference there is nothing to compare.
      if (JSON.stringify(accepted(inTime)) !== JSON.stringify(accepted(mixed))) return;
      sameCount += 1;
      assert.equal(outcome(mixed), outcome(inTime));
    }),
    { numRuns: 150 },
  );
  assert.ok(sameCount > runCount / 4, `${sameCount} of ${runCount} could be compared`);
});

test('of two payments at one instant the same one comes first, also when commands were accepted before the other is known', () => {
  const [first, second] = ['in_1', 'in_2'].map((id) => fact('settled', instantAfter(0), { id }));
  if (!first || !second) throw new Error('two facts');
  const cancelled: Step[] = [
    { at: instantAfter(1), command: ['cancel-now'] },
    { at: instantAfter(48), command: ['reactivate', { paymentMethod }] },
  ];
  const known = (fact: PaymentFact, hours: number): Step => ({ at: instantAfter(hours), fact });
  const expected = outcome(deliver([known(first, 0), known(second, 0), ...cancelled], undefined, true));
  for (const [early, late] of [
    [first, second],
    [second, first],
  ] as const) {
    const subject = deliver([known(early, 0), ...cancelled, known(late, 72)], undefined, true);
    assert.equal(outcome(subject), expected);
  }
});

test('thousands of shuffles and repetitions of one set of facts of every kind end in one header', () => {
  const period = { start: at('2027-02-28T10:00'), end: at('2027-03-31T10:00') };
  const set: PaymentFact[] = [
    fact('action_required', '2027-01-31T11:00', { id: 'in_1' }),
    fact('failed', '2027-01-31T12:00', { id: 'in_1', attempt: 1 }),
    fact('settled', '2027-01-31T13:00', { id: 'in_1' }),
    fact('linked', '2027-01-31T13:00', { id: 'in_1', paymentRef: 'pi_1' }),
    fact('settled', '2027-02-20T10:00', { id: 'in_2', servicePeriod: period }),
    fact('settled', '2027-02-20T10:00', { id: 'in_2', eventId: 'sibling', servicePeriod: period }),
    fact('refunded', '2027-02-25T10:00', { id: 'ch_1', paymentRef: 'pi_1', cumulativeRefunded: 400 }),
    fact('dispute_inquiry', '2027-02-26T10:00', { id: 'dp_1' }),
    fact('dispute_opened', '2027-03-01T10:00', { id: 'dp_1' }),
    fact('dispute_opened', '2027-03-02T10:00', { id: 'dp_2' }),
    fact('dispute_won', '2027-03-10T10:00', { id: 'dp_1' }),
    fact('dispute_won', '2027-03-12T10:00', { id: 'dp_2' }),
    fact('failed', '2027-03-20T10:00', { id: 'in_3', attempt: 1 }),
    fact('voided', '2027-03-21T10:00', { id: 'in_3' }),
    fact('method_updated', '2027-03-22T10:00', { id: 'tok_1', paymentMethod: { expires: '2031-01' } }),
    fact('settled', '2027-04-10T10:00', { id: 'in_4' }),
  ];
  const price = { minor: 1000, currency: 'EUR' };
  const expected = outcome(deliver(inOrder(set.map((each) => ({ at: each.occurredAt, fact: each }))), price, true));
  for (let seed = 1; seed <= 500; seed += 1) {
    // One to four deliveries of each, timers run after every fifth.
    const late = set.flatMap((each, index) => Array.from({ length: 1 + ((seed * 7 + index) % 4) }, () => each));
    const steps = shuffled(late, seed * 2_654_435_761).flatMap((each, index): Step[] => {
      const knownAt = new Date(
        Math.max(start + (index + (seed % 100)) * 12 * hour, Date.parse(each.occurredAt)),
      ).toISOString();
      return [{ at: knownAt, fact: each }, ...(index % 5 === 0 ? [{ at: knownAt }] : [])];
    });
    assert.equal(outcome(deliver(steps, price, true)), expected, `seed ${seed}`);
  }
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
        ...given.map(({ hours, command }): Step => ({ at: instantAfter(hours), command })),
        ...ticks.map((hours): Step => ({ at: instantAfter(hours) })),
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
