import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { availableActions } from './actions.ts';
import { headerAsOf, stateAsOf } from './as-of.ts';
import { pagedEntries } from './paged-map.ts';
import { histories as anyHistories, replay } from './testing/histories.ts';
import { Subject, at, fact } from './testing/subject.ts';
import { applyDeadlines } from './view.ts';

const test = suite('as of a valid time, as known at a system time (domain.md 6.8)');

/** Scenario 3 of domain.md 7: paid half a minute before the end, delivered a day and a half after it. */
function paidInTimeDeliveredLate(): Subject {
  const subject = Subject.active({ term: 'P1Y' }, '2026-06-01');
  subject.pay(fact('settled', '2026-06-01', { id: 'in_first' }));
  subject.tick('2027-06-01');
  subject.now = at('2027-06-02T10:00');
  subject.pay(fact('settled', '2027-05-31T23:59:30', { id: 'in_renewal' }));
  return subject;
}

test('a payment in time and delivered late: it was active, and we did not know', () => {
  const { log } = paidInTimeDeliveredLate();
  const noon = at('2027-06-01T12:00');
  assert.is(headerAsOf(log, { at: noon })?.status, 'active');
  assert.is(headerAsOf(log, { at: noon, knownAt: noon })?.status, 'expired');
});

test('before it was created there is nothing', () => {
  const { log } = Subject.active({}, '2026-06-01');
  assert.is(headerAsOf(log, { at: at('2026-05-31') }), null);
  assert.is(headerAsOf(log, { at: at('2026-06-01'), knownAt: at('2026-05-31') }), null);
});

test('the term is [start, end): active to the last millisecond, expired at the end (domain.md 7, 2)', () => {
  const { log } = Subject.active({ term: 'P1Y', recurringBilling: false }, '2026-06-01');
  assert.is(headerAsOf(log, { at: '2027-05-31T23:59:59.999Z' })?.status, 'active');
  assert.is(headerAsOf(log, { at: '2027-06-01T00:00:00.000Z' })?.status, 'expired');
});

const payment = fc.record({
  hours: fc.integer({ min: 0, max: 120 * 24 }),
  lateHours: fc.integer({ min: 0, max: 40 * 24 }),
  object: fc.constantFrom('in_1', 'in_2', 'in_3'),
  kind: fc.constantFrom('settled' as const, 'failed' as const, 'refunded' as const),
});

const histories = fc.array(payment, { maxLength: 6 });
const start = Date.parse('2027-01-31T10:00:00.000Z');

function hoursAfterStart(hours: number): string {
  return new Date(start + hours * 3_600_000).toISOString();
}

function factOf({ kind, object, hours }: typeof payment extends fc.Arbitrary<infer T> ? T : never, index: number) {
  return fact(kind, hoursAfterStart(hours), { id: object, eventId: `evt_${index}`, cumulativeRefunded: 1000 });
}

test('as of now, as known now, is the live state after every step of every history', () => {
  fc.assert(
    fc.property(histories, (payments) => {
      const subject = Subject.active({ term: 'P1M' }, '2027-01-31T10:00');
      const delivered = payments
        .map((given, index) => ({ given, index, arrives: hoursAfterStart(given.hours + given.lateHours) }))
        .sort((a, b) => (a.arrives < b.arrives ? -1 : 1));
      for (const { given, index, arrives } of delivered) {
        subject.now = arrives;
        subject.pay(factOf(given, index));
        subject.tickWithoutDeleting();
        const live = applyDeadlines(subject.header, subject.now);
        const replayed = headerAsOf(subject.log, { at: subject.now, knownAt: subject.now });
        assert.equal(replayed, live);
      }
    }),
    { numRuns: 200 },
  );
});

test('as of an instant is what stood there, had every payment made by then been known by then', () => {
  fc.assert(
    fc.property(histories, fc.integer({ min: 0, max: 150 * 24 }), (payments, hours) => {
      const then = hoursAfterStart(hours);
      const whole = Subject.active({ term: 'P1M' }, '2027-01-31T10:00');
      whole.now = hoursAfterStart(160 * 24);
      for (const [index, given] of payments.entries()) whole.pay(factOf(given, index));
      const ended = Subject.active({ term: 'P1M' }, '2027-01-31T10:00');
      ended.now = then;
      for (const [index, given] of payments.entries()) if (given.hours <= hours) ended.pay(factOf(given, index));
      const replayed = headerAsOf(whole.log, { at: then });
      assert.is(replayed?.status, ended.view.status);
      assert.is(replayed?.termEnd, applyDeadlines(ended.header, then).termEnd);
    }),
    { numRuns: 200 },
  );
});

test('as of now, as known now: state, seats, ledger and actions are the live ones, whatever was commanded and paid', () => {
  fc.assert(
    fc.property(anyHistories, (history) => {
      replay(history, (subject) => {
        const now = subject.now;
        const then = stateAsOf(subject.log, { at: now, knownAt: now });
        if (then === null) throw new Error('it exists');
        assert.equal(then.header, subject.header);
        assert.equal([...pagedEntries(then.seats)], [...pagedEntries(subject.state.seats)]);
        assert.equal([...pagedEntries(then.ledger.entries)], [...pagedEntries(subject.state.ledger.entries)]);
        const context = subject.context();
        assert.equal(availableActions(then, context), availableActions(subject.state, context));
      });
    }),
    { numRuns: 80 },
  );
});

test('a refund of a payment that is not known yet waits for it as of an instant before the payment too', () => {
  const subject = Subject.active({ term: 'P1Y' }, '2026-06-01');
  subject.now = at('2026-08-01');
  subject.pay(fact('refunded', '2026-06-10', { id: 'ch_1', cumulativeRefunded: 100 }));
  subject.pay(fact('settled', '2026-07-10', { id: 'in_1' }));
  const state = stateAsOf(subject.log, { at: at('2026-06-20') });
  assert.equal(state?.ledger.refundedOnly, ['stripe/ch_1']);
  assert.equal(state && [...pagedEntries(state.ledger.entries)].map(([key]) => key), ['stripe/ch_1']);
});

test.run();
