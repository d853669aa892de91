import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { RedeemMode } from '../product-key/events.ts';
import { availableActions } from './actions.ts';
import { productKey } from './testing/further-commands.ts';
import { card, inState } from './testing/states.ts';
import { Subject, at, fact } from './testing/subject.ts';

const test = suite('product keys and money: a key pays time, and nothing else (domain.md 2, 6.1)');

const body = (mode: RedeemMode, more: object = {}): object => ({ ...productKey, mode, ...more });
const day = (instant: string | null): string => (instant ?? 'none').slice(0, 10);

/** Cancelled in its paid term, with 1000 cents a seat and term; `owing`: cut off instead, a seat more not paid yet. */
function ended(how: 'cancelled' | 'owing'): Subject {
  const subject = Subject.active({ seats: 2, price: { minor: 1000, currency: 'EUR' } });
  subject.tick('2026-06-02');
  subject.pay(fact('settled', '2026-06-02', { id: 'first', amount: { minor: 2000, currency: 'EUR' } }));
  subject.tick('2026-12-01');
  if (how === 'cancelled') subject.accept('cancel-now');
  else {
    subject.accept('add-seats', { count: 1 });
    subject.accept('disable', { reason: 'admin' });
  }
  return subject;
}

test('what was given back in money does not come back with a key: its time counts from now', () => {
  const subject = ended('cancelled');
  assert.ok((subject.header.cancelCredit?.minor ?? 0) > 0);
  subject.accept('redeem-key', body('extend', { seats: 2 }));
  assert.equal([day(subject.header.termStart), day(subject.header.termEnd)], ['2026-12-01', '2027-12-01']);
  assert.is(subject.header.cancelCredit, null);
});

test('a key pays time and not what is owed: arrears come first', () => {
  const subject = ended('owing');
  const owed = subject.header.balance?.minor ?? 0;
  assert.ok(owed > 0);
  assert.equal(subject.codes('redeem-key', body('extend')), ['OUTSTANDING_BALANCE']);
  const listed = availableActions(subject.state, subject.context()).find(({ command }) => command === 'redeem-key');
  assert.equal(listed?.reasonCodes, ['OUTSTANDING_BALANCE']);
  assert.equal(subject.codes('redeem-key', body('add-seats')), ['REACTIVATE_FIRST']);
  subject.tick('2026-12-02');
  const money = { minor: owed + 50, currency: 'EUR' };
  const servicePeriod = { start: at('2020-01-01'), end: at('2020-02-01') };
  subject.pay(fact('settled', '2026-12-02', { id: 'arrears', amount: money, servicePeriod }));
  assert.equal(subject.header.credit, money);
  subject.accept('redeem-key', body('extend'));
  assert.equal([subject.header.status, subject.header.balance, subject.header.credit?.minor], ['active', null, 50]);
});

test('a key with a card behind it: reactivated with a method, later settled by key, stays recurring as it was', () => {
  const subject = inState.expired({ recurringBilling: false });
  subject.accept('reactivate', { paymentMethod: card });
  subject.accept('redeem-key', body('extend'));
  assert.equal([subject.header.status, subject.header.recurringBilling], ['active', false]);
});

test('a key pays the term that it brings back, and what is on account stays there', () => {
  const onAccount = (): Subject => {
    const subject = inState.active({ price: { minor: 1000, currency: 'EUR' } });
    subject.pay(fact('settled', '2026-06-01', { id: 'in_1', amount: { minor: 6500, currency: 'EUR' } }));
    subject.tick('2027-06-05');
    assert.equal([subject.header.status, subject.header.credit?.minor], ['expired', 3500]);
    return subject;
  };
  const withKey = onAccount();
  withKey.accept('redeem-key', body('extend'));
  assert.equal([withKey.header.status, day(withKey.header.termEnd)], ['active', '2028-06-01']);
  assert.is(withKey.header.credit?.minor, 3500);
  const without = onAccount();
  without.accept('reactivate', { paymentMethod: card });
  assert.equal([without.header.status, without.header.credit?.minor], ['active', 500], 'else it pays the term');
});

test.run();
