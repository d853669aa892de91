/**
 * Payment facts of every kind in any order, late and repeated, with timer runs and commands between: what the properties
 * about their commuting are made of (`domain.md 6.10` rule 8).
 *
 * @module
 */
import * as fc from 'fast-check';
import type { Instant } from '../../instant.ts';
import { declineKinds, paymentFactKinds, type PaymentFact } from '../../payment/fact.ts';
import { allPolicies, profileId } from '../../policy/index.ts';
import type { SubscriptionCommandName } from '../commands.ts';
import { furtherCommands } from './further-commands.ts';
import { Subject, at, fact } from './subject.ts';

/** The activation of every subscription here. */
export const start = Date.parse('2027-01-31T10:00:00.000Z');
const hour = 3_600_000;
const end = instantAfter(140 * 24);

/** A fact, a command or a run of the timers, at an instant. */
export type Step = {
  readonly at: Instant;
  readonly fact?: PaymentFact;
  readonly command?: readonly [SubscriptionCommandName, unknown?];
};

type Price = { readonly minor: number; readonly currency: string } | undefined;

const often = ['settled', 'settled', 'failed', 'refunded'] as const;

/** A provider's ending counts only while nothing later is paid already: it is no payment, and asks what is known by then. */
const commuting = paymentFactKinds.filter((kind) => kind !== 'ended');

/** Facts of the first months: places from before the activation to the last grace. */
const payment = fc.record({
  kind: fc.constantFrom(...often, ...often, ...commuting),
  object: fc.constantFrom('in_1', 'in_2', 'in_3', 'in_4'),
  dispute: fc.constantFrom('dp_1', 'dp_2'),
  hours: fc.oneof(fc.integer({ min: -30, max: 100 * 24 }), fc.constantFrom(0, 23, 28 * 24, 59 * 24, 89 * 24)),
  minor: fc.constantFrom(1000, 1000, 3000, 6000),
  final: fc.boolean(),
  attempt: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
  decline: fc.constantFrom(undefined, undefined, ...declineKinds),
  period: fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined }),
  reference: fc.constantFrom('none', 'charge', 'payment', 'invoice'),
});

type PaymentGiven = typeof payment extends fc.Arbitrary<infer T> ? T : never;

/** The fact of a random record, the `index`-th of its set. */
export function factOf(given: PaymentGiven, index: number): PaymentFact {
  const months = ['2027-01-31T10:00', '2027-02-28T10:00', '2027-03-31T10:00', '2027-04-30T10:00'];
  return fact(given.kind, instantAfter(given.hours), {
    id: objectOf(given),
    eventId: `evt_${index}`,
    amount: { minor: given.minor, currency: 'EUR' },
    ...(given.kind === 'refunded' ? { cumulativeRefunded: given.minor } : {}),
    ...referenceOf(given),
    ...(given.kind === 'method_updated' ? { paymentMethod: { expires: `20${30 + (index % 60)}-01` } } : {}),
    ...(given.kind === 'failed' && given.attempt !== undefined ? { attempt: given.attempt } : {}),
    ...(given.kind === 'failed' && given.final ? { nextAttemptAt: null } : {}),
    ...(given.kind === 'failed' && given.decline !== undefined ? { decline: given.decline } : {}),
    ...(given.period === undefined || given.kind === 'refunded'
      ? {}
      : { servicePeriod: { start: at(months[given.period] ?? ''), end: at('2027-06-01') } }),
  });
}

/** Disputes and cards are objects of their own; a refund may know its payment only by the charge. */
function objectOf({ kind, object, dispute, reference }: PaymentGiven): string {
  if (kind.startsWith('dispute_')) return dispute;
  if (kind === 'method_updated') return paymentMethod.token;
  return kind === 'refunded' && reference === 'charge' ? `ch_${object}` : object;
}

function referenceOf({ object, reference }: PaymentGiven): Partial<PaymentFact> {
  if (reference === 'charge') return { chargeRef: `ch_${object}` };
  if (reference === 'payment') return { paymentRef: `pi_${object}` };
  return reference === 'invoice' ? { invoiceRef: object } : {};
}

/** A set of facts, when timers run, and how the facts are mixed. */
export const history = fc.record({
  facts: fc.array(payment, { minLength: 1, maxLength: 8 }),
  ticks: fc.array(fc.integer({ min: 0, max: 140 * 24 }), { maxLength: 4 }),
  sold: fc.record({
    price: fc.constantFrom<Price>(undefined, { minor: 1000, currency: 'EUR' }),
    recurringBilling: fc.boolean(),
    trial: fc.constantFrom(false, false, false, true),
    term: fc.constantFrom('P1M' as const, 'P1M' as const, 'P1Y' as const),
    profile: fc.constantFrom('direct-mosa-2020', 'direct-mosa-2020', ...allPolicies().map(profileId)),
    activated: fc.constantFrom(true, true, true, false),
  }),
  seed: fc.integer(),
});

/** See {@link history}. */
export type History = typeof history extends fc.Arbitrary<infer T> ? T : never;

/** How the subscription was sold; not `activated`: it stays pending unless a command activates it. */
export type Sold = History['sold'];

/** An ordinary monthly subscription. */
export const monthly: Sold = {
  price: undefined,
  recurringBilling: true,
  trial: false,
  term: 'P1M',
  profile: 'direct-mosa-2020',
  activated: true,
};

/** The method in use from the activation on. */
export const paymentMethod = { kind: 'card', token: 'tok_1', country: 'NL' };

/** Commands that are given in between. */
export const commands = fc.array(
  fc.record({
    hours: fc.integer({ min: 0, max: 110 * 24 }),
    command: fc.constantFrom<readonly [SubscriptionCommandName, unknown?]>(
      ['activate'],
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

/** See {@link commands}. */
export type Commands = typeof commands extends fc.Arbitrary<infer T> ? T : never;

/**
 * Takes the steps in this order, each at its instant or when the last one was; then lets everything come due. `answers`
 * takes up how each command was answered.
 */
export function deliver(steps: readonly Step[], { price, activated, ...sold }: Sold, answers: string[] = []): Subject {
  const subject = Subject.created({ seats: 1, ...sold, ...(price === undefined ? {} : { price }) }, '2027-01-31T10:00');
  // The properties about single decisions see to the form of events; here there are too many of them.
  subject.checksEvents = false;
  if (activated) subject.accept('activate');
  subject.accept('add-payment-method', { paymentMethod });
  for (const step of steps) {
    if (step.at > subject.now) subject.now = step.at;
    if (step.fact) subject.pay(step.fact);
    else if (step.command) answers.push(`${step.command[0]} ${subject.command(...step.command).kind}`);
    else subject.tickWithoutDeleting();
  }
  subject.now = end;
  subject.tickWithoutDeleting();
  return subject;
}

/** The same items in an order that the seed alone decides. */
export function shuffled<T>(items: readonly T[], seed: number): T[] {
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

/** So many hours after the activation. */
export function instantAfter(hours: number): Instant {
  return new Date(start + hours * hour).toISOString();
}

/** By instant; those of one instant stay as they are. */
export function inOrder(steps: readonly Step[]): Step[] {
  return [...steps].sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}

/**
 * What must be the same: the header, but for how often and by which events it was written. What a command has deleted does
 * not take in what becomes known later: its money is due for a refund instead (`domain.md 6.3`, deleted).
 */
export function outcome(subject: Subject): unknown {
  const { revision: _, ...header } = subject.header;
  if (header.status === 'deleted') return { status: header.status, since: header.statusSince };
  return {
    ...header,
    statusEventId: '',
    reactivation: header.reactivation && { ...header.reactivation, reactivationId: '' },
    successor: header.successor && { ...header.successor, reactivationId: '', subscriptionId: '' },
    account: [...header.account].sort((a, b) => (a.payment < b.payment ? -1 : 1)),
  };
}

/** How many shuffles of one set of facts {@link shuffles} makes. */
export const shuffleCount = 4;

/**
 * The same facts known at once, and shuffled: in turns all late in a random order with repetitions, and each late by a delay
 * of its own, always with timer runs between. All of these subjects must agree.
 */
export function shuffles({ facts, ticks, sold, seed }: History): {
  readonly known: Subject;
  readonly shuffled: readonly Subject[];
} {
  const all = facts.map(factOf);
  const timers = inOrder(ticks.map((hours): Step => ({ at: instantAfter(hours) })));
  const known = all.map((each): Step => ({ at: each.occurredAt, fact: each }));
  const steps = Array.from({ length: shuffleCount }, (_, index) => {
    const mix = seed + index * 2_654_435_761;
    return index % 2 === 0 ? [...timers, ...allLate(all, mix)] : inOrder([...eachLate(all, mix), ...timers]);
  });
  return { known: deliver(inOrder(known), sold), shuffled: steps.map((each) => deliver(each, sold)) };
}

function allLate(facts: readonly PaymentFact[], seed: number): Step[] {
  const late = instantAfter(101 * 24);
  return shuffled([...facts, ...facts.slice(0, 2)], seed).map((each): Step => ({ at: late, fact: each }));
}

function eachLate(facts: readonly PaymentFact[], seed: number): Step[] {
  return shuffled(facts, seed).map((each, index) => lateBy(each, ((seed >>> index) % 40) * 24));
}

/** The same facts and commands, the facts known at once or late; `null` where a command was answered otherwise. */
export function withCommands({ facts, ticks, sold, seed }: History, given: Commands): readonly Subject[] | null {
  const all = facts.map(factOf);
  // Half an hour apart from any fact: what happens in one instant is in the order of its becoming known.
  const asked = given.map(({ hours, command }): Step => ({ at: instantAfter(hours + 0.5), command }));
  const timers = ticks.map((hours): Step => ({ at: instantAfter(hours) }));
  const known = all.map((each): Step => ({ at: each.occurredAt, fact: each }));
  const late = shuffled([...all, ...all], seed).map((each, index) => lateBy(each, ((seed >>> index) % 39) * 24));
  const [answers, answersLate]: [string[], string[]] = [[], []];
  const inTime = deliver(inOrder([...known, ...asked]), sold, answers);
  const mixed = deliver(inOrder([...late, ...asked, ...timers]), sold, answersLate);
  // A command is decided on what is known: where that made a difference there is nothing to compare.
  if (answers.join() !== answersLate.join()) return null;
  // No fact undoes what was reactivated as a new subscription: once it is ordered, what becomes known is a credit.
  const isSucceeded = [inTime, mixed].some(({ header }) => header.successor !== null);
  return isSucceeded ? null : [inTime, mixed];
}

function lateBy(fact: PaymentFact, hours: number): Step {
  return { at: new Date(Date.parse(fact.occurredAt) + hours * hour).toISOString(), fact };
}
