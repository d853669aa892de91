/** What decisions cost where much is known already: counted in steps and in events, not in time. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { PaymentFact } from '../payment/fact.ts';
import type { SubscriptionHeader } from './header.ts';
import { emptyLedger, ledgerEntry, ledgerKeys, mergeFact } from './ledger.ts';
import { pagedSet } from './paged-map.ts';
import { effectsOf } from './payment-effects.ts';
import { countSteps } from './step.ts';
import { termAt } from './terms.ts';
import { instantAfter, outcome, shuffled } from './testing/shuffling.ts';
import { Subject, fact } from './testing/subject.ts';

const test = suite('the cost of decisions');

const termCount = 1000;
const paymentCount = 300;
const createdAt = '2027-01-31T10:00';

/** A thousand monthly terms, each paid a second after the one before. */
function paidAhead(zone: string): Subject {
  const subject = Subject.active({ seats: 1, term: 'P1M', zone }, createdAt);
  subject.checksEvents = false;
  for (let index = 0; index < termCount; index += 1) {
    subject.now = instantAfter(1 + index / 3600);
    subject.pay(fact('settled', subject.now, { id: `in_${index}` }));
  }
  return subject;
}

function stepsOf(subject: Subject, decided: () => unknown): number {
  return countSteps(() => {
    subject.now = new Date(Date.parse(subject.now) + 1000).toISOString();
    decided();
  });
}

test('with a thousand terms paid ahead a decision takes a few steps', () => {
  const subject = paidAhead('UTC');
  assert.is(subject.header.termIndex, termCount - 1);
  const settled = (id: string): PaymentFact => fact('settled', subject.now, { id });
  assert.ok(stepsOf(subject, () => subject.pay(settled('next'))) < 10, 'one more payment');
  assert.ok(stepsOf(subject, () => subject.pay(fact('failed', subject.now, { id: 'x' }))) < 10, 'a failure');
  const refund = fact('refunded', subject.now, { id: 'in_500', cumulativeRefunded: 1000 });
  assert.ok(stepsOf(subject, () => subject.pay(refund)) < 10, 'a refund');
  assert.ok(stepsOf(subject, () => subject.accept('pause')) < 10, 'a pause');
  assert.ok(stepsOf(subject, () => subject.accept('resume', { hold: 'pause' })) < 10, 'its end');
  assert.ok(stepsOf(subject, () => subject.accept('cancel-now')) < 10, 'a cancellation');
});

test('a fact that comes before a thousand others decides each of them once', () => {
  const subject = paidAhead('UTC');
  const events = subject.log.length;
  const early = fact('settled', instantAfter(0.5), { id: 'early' });
  assert.ok(countSteps(() => subject.pay(early)) < termCount + 10);
  assert.ok(subject.log.length - events < termCount + 10);
});

test('the term that runs is found among a thousand in a few looks at the calendar', () => {
  let lookCount = 0;
  const header = new Proxy(paidAhead('Europe/Amsterdam').header, {
    get: (target, name) => {
      if (name === 'pauses') lookCount += 1;
      return target[name as keyof SubscriptionHeader];
    },
  });
  for (const hours of [1, 24 * 365 * 3, 24 * 365 * 40, 24 * 365 * 83]) {
    lookCount = 0;
    const running = termAt(header, instantAfter(hours));
    assert.ok(running && running.start <= instantAfter(hours) && instantAfter(hours) < running.end);
    assert.ok(lookCount < 60, `${lookCount} looks`);
  }
});

test('refunds that wait for their payments look at each payment once', () => {
  let lookCount = 0;
  let ledger = emptyLedger;
  const counted = (key: string): void => {
    const entry = new Proxy(ledgerEntry(ledger, key), {
      get: (target, name) => {
        if (name === 'settled') lookCount += 1;
        return target[name as keyof typeof target];
      },
    });
    ledger = { ...ledger, entries: pagedSet(ledger.entries, key, entry) };
  };
  for (let index = 0; index < paymentCount; index += 1) {
    const place = instantAfter(1 + index);
    const paid = fact('settled', place, { id: `in_${index}`, chargeRef: `ch_${index}` });
    // Half of them name a charge that was paid.
    const refund = fact('refunded', place, { id: `ch_${index * 2}`, cumulativeRefunded: 1000 });
    for (const each of [paid, refund]) ledger = mergeFact(ledger, { fact: each, place, after: 0 });
  }
  for (const key of ledgerKeys(ledger)) counted(key);
  lookCount = 0;
  const effects = effectsOf(ledger, ledgerKeys(ledger));
  assert.is(effects.filter(({ kind }) => kind === 'refunded').length, paymentCount / 2);
  assert.ok(lookCount < 10 * paymentCount, `${lookCount} looks at ${2 * paymentCount} objects`);
});

/** Pays a subscription that waits for its start, and starts it. */
function paidBeforeStart(facts: readonly PaymentFact[]): { readonly subject: Subject; readonly steps: number } {
  const subject = Subject.created({ seats: 1, term: 'P1M' }, createdAt);
  subject.checksEvents = false;
  subject.now = instantAfter(20);
  const steps = countSteps(() => facts.forEach((each) => subject.pay(each)));
  assert.is(subject.log.length, 1 + facts.length, 'one event for each, whatever order they came in');
  subject.accept('activate');
  return { subject, steps };
}

for (const [name, hoursBetween] of [
  ['at one instant', 0],
  ['one after the other', 0.01],
] as const) {
  test(`hundreds of payments ${name} before the start are recorded once each, in any order`, () => {
    const facts = Array.from({ length: paymentCount }, (_, index) =>
      fact('settled', instantAfter(1 + index * hoursBetween), { id: `in_${index}` }),
    );
    const expected = outcome(paidBeforeStart(facts).subject);
    for (const order of [[...facts].reverse(), shuffled(facts, 7)]) {
      const { subject, steps } = paidBeforeStart(order);
      assert.ok(steps <= paymentCount, `${steps} steps`);
      assert.equal(outcome(subject), expected);
    }
  });
}

test.run();
