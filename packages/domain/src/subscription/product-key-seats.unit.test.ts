import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { SubscriptionCommand } from './commands.ts';
import { productKey } from './testing/further-commands.ts';
import { card, inState } from './testing/states.ts';
import { Subject, at, fact } from './testing/subject.ts';

const test = suite('product keys that add seats: no time of theirs is lost (domain.md 2.1)');

const addSeats = (more: object = {}): object => ({ ...productKey, mode: 'add-seats', ...more });
const create = { seats: 10, term: 'P1Y', recurringBilling: false } as const;

/** Annual from 2026-06-01, ten seats; now `2027-03-01`, three months before its end. */
function inMarch(body: Partial<Extract<SubscriptionCommand, { name: 'create' }>['body']> = {}): Subject {
  const subject = Subject.active({ ...create, ...body }, '2026-06-01');
  subject.now = at('2027-03-01');
  return subject;
}

const half = at('2027-10-16');

test('what is left of the key at the end of the term moves the end, for all seats', () => {
  const subject = inMarch();
  subject.accept('redeem-key', addSeats({ seats: 10 }));
  const { seatsPurchased, termStart, termEnd, prepaidUntil } = subject.header;
  // A year from 2027-03-01, of which nine months are left: half of them for twenty.
  assert.equal([seatsPurchased, termStart, termEnd, prepaidUntil], [20, at('2026-06-01'), half, half]);
  assert.is(subject.view.nextBilling, half);
});

test('it expires at its new end, and the next term is counted from there', () => {
  const subject = inMarch();
  subject.accept('redeem-key', addSeats({ seats: 10 }));
  subject.tick('2027-06-02');
  assert.is(subject.header.status, 'active');
  subject.now = at('2027-10-01');
  subject.pay(fact('settled', '2027-10-01'));
  assert.equal([subject.header.termStart, subject.header.termEnd], [half, at('2028-10-16')]);
});

test('a key for a term that ends first leaves the end where it is', () => {
  const subject = inMarch();
  subject.accept('redeem-key', addSeats({ seats: 10, term: 'P1M' }));
  assert.equal([subject.header.termEnd, subject.header.prepaidUntil], [at('2027-06-01'), null]);
});

test('an end that was scheduled with the term, and a change that waits for it, move with it', () => {
  const subject = inMarch({ recurringBilling: true });
  subject.accept('remove-seats', { count: 1, when: 'renewal' });
  subject.accept('cancel-at-term-end');
  subject.accept('redeem-key', addSeats({ seats: 10 }));
  assert.equal([subject.header.cancelAt, subject.header.scheduledSeats?.at], [half, half]);
});

test('while a reactivation awaits its payment: the end of its term moves, and stays where it is when it is paid', () => {
  const subject = inState.expired({ ...create, seats: 10 });
  subject.accept('reactivate', { paymentMethod: card });
  const before = subject.header.reactivation?.newTermEnd ?? '';
  subject.accept('redeem-key', addSeats({ seats: 10, term: 'P3Y' }));
  const after = subject.header.reactivation?.newTermEnd ?? '';
  assert.ok(after > before);
  assert.equal([subject.header.status, subject.header.seatsPurchased], ['reactivated', 20]);
  subject.pay(fact('settled', subject.now, { reactivationRef: subject.header.reactivation?.reactivationId }));
  assert.equal([subject.header.status, subject.header.termEnd], ['active', after]);
});

test('a payment that becomes known late stands before it: the time is added to the term that it paid', () => {
  const late = inMarch({ recurringBilling: true });
  late.accept('redeem-key', addSeats({ seats: 10 }));
  late.now = at('2027-03-05');
  late.pay(fact('settled', '2027-02-01', { servicePeriod: { start: at('2027-06-01'), end: at('2028-06-01') } }));
  const inTime = Subject.active({ ...create, recurringBilling: true }, '2026-06-01');
  inTime.now = at('2027-02-01');
  inTime.pay(fact('settled', '2027-02-01', { servicePeriod: { start: at('2027-06-01'), end: at('2028-06-01') } }));
  inTime.now = at('2027-03-01');
  inTime.accept('redeem-key', addSeats({ seats: 10 }));
  assert.equal(
    [late.header.termEnd, late.header.seatsPurchased],
    [inTime.header.termEnd, inTime.header.seatsPurchased],
  );
  assert.is(inTime.header.termEnd, at('2028-06-01'), 'the key is over before the paid time is');
});

test.run();
