import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { PaymentFact } from '../payment/fact.ts';
import { chainItems } from './chain.ts';
import { evolveHeader } from './evolve-header.ts';
import type { SubscriptionHeader } from './header.ts';
import { propertyRuns } from './testing/property-runs.ts';
import { instantAfter, outcome, shuffled } from './testing/shuffling.ts';
import { Subject, fact } from './testing/subject.ts';

const test = suite('payments that become known after others which they stand before (domain.md 6.10, rules 8 and 11)');

const price = { minor: 1000, currency: 'EUR' };

function paid(facts: readonly PaymentFact[], sold: { readonly price?: typeof price } = {}): Subject {
  const subject = Subject.active({ seats: 1, term: 'P1M', ...sold }, '2027-01-31T10:00');
  subject.checksEvents = facts.length < 100;
  subject.now = instantAfter(24 * 5);
  for (const each of facts) subject.pay(each);
  return subject;
}

/** Which payment paid which term, by the header and by what is recorded. */
function terms(subject: Subject): unknown {
  return chainItems(subject.state.timeline).map(({ type, data, effectiveAt, place }) => {
    const { command: _command, ...rest } = data as Record<string, unknown>;
    return { type, effectiveAt, place, ...rest };
  });
}

for (const [name, hoursBetween] of [
  ['at one instant', 0],
  ['one after the other', 0.01],
] as const) {
  test(`three hundred payments ${name}: one event each, whatever order they become known in`, () => {
    const facts = Array.from({ length: 300 }, (_, index) =>
      fact('settled', instantAfter(1 + index * hoursBetween), { id: `in_${String(index).padStart(3, '0')}` }),
    );
    const inOrder = paid(facts);
    for (const order of [[...facts].reverse(), shuffled(facts, 7)]) {
      const subject = paid(order);
      assert.is(subject.log.length, 2 + facts.length);
      assert.equal(outcome(subject), outcome(inOrder));
      assert.equal(terms(subject), terms(inOrder), 'and what is recorded is the same');
    }
  });
}

test('the payment of the running term is the first one, whenever that becomes known', () => {
  const facts = ['in_1', 'in_2', 'in_3'].map((id, index) => fact('settled', instantAfter(1 + index), { id }));
  const subject = paid([...facts].reverse());
  assert.equal(
    subject.header.payments.map(({ payment, termStart }) => `${payment} ${termStart.slice(0, 10)}`),
    ['stripe/in_1 2027-01-31', 'stripe/in_2 2027-02-28', 'stripe/in_3 2027-03-31'],
  );
  // A refund of what pays the running term now, and seemed to pay a later one, ends the subscription.
  subject.pay(fact('refunded', instantAfter(24 * 4), { id: 'in_1', cumulativeRefunded: 1000 }));
  assert.is(subject.header.status, 'cancelled');
});

const events = fc.array(
  fc.record({
    kind: fc.constantFrom(
      'settled',
      'settled',
      'settled',
      'settled',
      'settled',
      'failed',
      'refunded',
      'dispute_opened',
    ),
    id: fc.integer({ min: 1, max: 9 }),
    hours: fc.constantFrom(1, 2, 2, 2, 3, 30),
    minor: fc.constantFrom(1000, 1000, 1000, 1000, 500, 2500),
    period: fc.constantFrom(null, null, null, null, null, '2027-03-31T10:00:00.000Z'),
  } as const),
  { minLength: 2, maxLength: 12 },
);

test('with whatever else happens to them, any order leads to the same, and every header follows from the events', () => {
  fc.assert(
    fc.property(events, fc.boolean(), fc.integer({ min: 0 }), (given, hasPrice, seed) => {
      const facts = given.map(({ kind, id, hours, minor, period }, index) =>
        fact(kind, instantAfter(hours), {
          id: `in_${id}`,
          eventId: `evt_${index}`,
          amount: { minor, currency: 'EUR' },
          ...(period === null ? {} : { servicePeriod: { start: period, end: period } }),
        }),
      );
      const sold = hasPrice ? { price } : {};
      const inOrder = paid(facts, sold);
      for (const order of [[...facts].reverse(), shuffled(facts, seed)]) {
        const subject = paid(order, sold);
        assert.equal(outcome(subject), outcome(inOrder));
        const folded = subject.log.reduce<SubscriptionHeader | null>(
          (header, event) => evolveHeader(header, event),
          null,
        );
        assert.equal(folded, subject.header);
      }
    }),
    propertyRuns(60),
  );
});

test.run();
