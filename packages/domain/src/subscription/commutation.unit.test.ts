import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { PaymentFact } from '../payment/fact.ts';
import * as shuffling from './testing/shuffling.ts';
import { deliver, history, inOrder, instantAfter, monthly, outcome, paymentMethod } from './testing/shuffling.ts';
import type { Step } from './testing/shuffling.ts';
import { at, fact } from './testing/subject.ts';

const test = suite('payment facts commute (domain.md 6.10, rule 8)');

/** Another one in every run. Those of a failure are in its message; the whole run repeats with `SHUFFLE_SEED`. */
const seed = Number(process.env['SHUFFLE_SEED'] ?? Date.now() % 2 ** 31);
/** So many sets of facts, each shuffled several times; and so many shuffles of one large set. */
const [setCount, ofLargeSetCount] = [900, 800];
const totalCount = setCount * shuffling.shuffleCount + ofLargeSetCount;
console.log(`NOTE payment facts were shuffled ${totalCount} times with SHUFFLE_SEED=${seed}`);

test('any order and repetition, with timer runs between, ends in the same header', () => {
  fc.assert(
    fc.property(history, (given) => {
      const { known, shuffled } = shuffling.shuffles(given);
      const expected = outcome(known);
      for (const [index, each] of shuffled.entries()) assert.equal(outcome(each), expected, `shuffle ${index}`);
    }),
    { numRuns: setCount, seed },
  );
});

test('a refund that was known before its payment stays where it happened, also when the payment turns out to be earlier', () => {
  const refund = fact('refunded', instantAfter(0), { cumulativeRefunded: 1000 });
  const [early, late] = [0, 2136].map((hours) => fact('settled', instantAfter(hours)));
  if (!early || !late) throw new Error('two facts');
  const sold = { ...monthly, activated: false };
  const inTime = [refund, early, late].map((each): Step => ({ at: each.occurredAt, fact: each }));
  const allLate = [late, refund, early].map((each): Step => ({ at: instantAfter(101 * 24), fact: each }));
  assert.equal(outcome(deliver(allLate, sold)), outcome(deliver(inTime, sold)));
});

const hour = 3_600_000;

test('of two payments at one instant the same one comes first, also when commands were accepted before the other is known', () => {
  const [first, second] = ['in_1', 'in_2'].map((id) => fact('settled', instantAfter(0), { id }));
  if (!first || !second) throw new Error('two facts');
  const cancelled: Step[] = [
    { at: instantAfter(1), command: ['cancel-now'] },
    { at: instantAfter(48), command: ['reactivate', { paymentMethod }] },
  ];
  const known = (fact: PaymentFact, hours: number): Step => ({ at: instantAfter(hours), fact });
  const expected = outcome(deliver([known(first, 0), known(second, 0), ...cancelled], monthly));
  for (const [early, late] of [
    [first, second],
    [second, first],
  ] as const) {
    const subject = deliver([known(early, 0), ...cancelled, known(late, 72)], monthly);
    assert.equal(outcome(subject), expected);
  }
});

test('hundreds of shuffles and repetitions of one set of facts of every kind end in one header', () => {
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
  const sold = { ...monthly, price: { minor: 1000, currency: 'EUR' } };
  const expected = outcome(deliver(inOrder(set.map((each) => ({ at: each.occurredAt, fact: each }))), sold));
  for (let shuffle = seed; shuffle < seed + ofLargeSetCount; shuffle += 1) {
    // One to four deliveries of each, timers run after every fifth.
    const late = set.flatMap((each, index) => Array.from({ length: 1 + ((shuffle * 7 + index) % 4) }, () => each));
    const steps = shuffling.shuffled(late, shuffle * 2_654_435_761).flatMap((each, index): Step[] => {
      const knownAt = new Date(
        Math.max(shuffling.start + (index + (shuffle % 100)) * 12 * hour, Date.parse(each.occurredAt)),
      ).toISOString();
      return [{ at: knownAt, fact: each }, ...(index % 5 === 0 ? [{ at: knownAt }] : [])];
    });
    assert.equal(outcome(deliver(steps, sold)), expected, `shuffle ${shuffle}`);
  }
});

test.run();
