import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import * as fc from 'fast-check';
import { addDuration } from '../calendar/index.ts';
import type { RedeemMode } from '../product-key/events.ts';
import { availableActions } from './actions.ts';
import type { SubscriptionStatus } from './header.ts';
import { lifecycleOf } from './restatement.ts';
import { productKey } from './testing/further-commands.ts';
import { card, inState } from './testing/states.ts';
import { Subject, at, fact } from './testing/subject.ts';

const test = suite('product keys on a subscription (domain.md 2, 6.2)');

const body = (mode: RedeemMode, more: object = {}): object => ({ ...productKey, mode, ...more });
const day = (instant: string | null): string => (instant ?? 'none').slice(0, 10);
const types = (subject: Subject, from: number): string[] => subject.types(from);

const rows: Readonly<Record<RedeemMode, Readonly<Record<SubscriptionStatus, string>>>> = {
  new: {
    pending: '→active',
    active: 'ALREADY_ACTIVE',
    expired: 'ALREADY_EXPIRED',
    disabled: 'ALREADY_DISABLED',
    cancelled: 'ALREADY_CANCELLED',
    reactivated: 'ALREADY_ACTIVE',
    deleted: 'ALREADY_DELETED',
  },
  extend: {
    pending: 'NOT_YET_ACTIVATED',
    active: '→active',
    expired: '→active',
    disabled: '→active',
    cancelled: '→active',
    reactivated: '→active',
    deleted: 'ALREADY_DELETED',
  },
  'add-seats': {
    pending: 'NOT_YET_ACTIVATED',
    active: '→active',
    expired: 'REACTIVATE_FIRST',
    disabled: 'REACTIVATE_FIRST',
    cancelled: 'REACTIVATE_FIRST',
    reactivated: '→reactivated',
    deleted: 'ALREADY_DELETED',
  },
};

for (const [mode, cells] of Object.entries(rows) as [RedeemMode, (typeof rows)[RedeemMode]][]) {
  for (const [status, cell] of Object.entries(cells) as [SubscriptionStatus, string][]) {
    test(`${mode} while ${status}: ${cell}`, () => {
      const subject = inState[status]();
      const decision = subject.command('redeem-key', body(mode));
      if (cell.startsWith('→')) assert.is(subject.header.status, cell.slice(1), JSON.stringify(decision));
      else assert.equal(decision.kind === 'refused' && decision.reasonCodes, [cell]);
    });
  }
}

test('a new one starts at once, is paid, and lasts the term of its key', () => {
  const subject = Subject.created();
  subject.accept('redeem-key', body('new'));
  assert.equal(types(subject, 1), ['ProductKeyApplied', 'SubscriptionActivated']);
  const { termStart, termEnd, termPaid } = subject.header;
  assert.equal([day(termStart), day(termEnd), termPaid], ['2026-06-01', '2027-06-01', true]);
});

test('for all its seats a key is a whole term, and later terms are counted as before', () => {
  const subject = Subject.active({}, '2027-01-31');
  subject.pay(fact('settled', '2027-01-31T01:00', { id: 'first' }));
  subject.accept('redeem-key', body('extend'));
  assert.is(day(subject.header.termEnd), '2029-01-31');
  subject.tick('2029-01-31');
  assert.is(subject.header.status, 'expired');
});

test('for half the seats it is half its term', () => {
  const subject = Subject.active({ seats: 200 });
  subject.accept('redeem-key', body('extend', { seats: 100 }));
  const { termStart, termEnd } = subject.header;
  assert.equal([day(termStart), day(termEnd)], ['2026-06-01', '2027-12-01']);
  assert.is(day(subject.view.nextBilling), '2027-12-01');
});

test('after a key the next paid term begins where the key ends', () => {
  const subject = Subject.active({ seats: 200 });
  subject.accept('redeem-key', body('extend', { seats: 100 }));
  subject.tick('2027-11-01');
  subject.pay(
    fact('settled', '2027-11-01', { id: 'next', servicePeriod: { start: at('2027-12-01'), end: at('2028-12-01') } }),
  );
  const term = (): string[] => [day(subject.header.termStart), day(subject.header.termEnd)];
  assert.equal(term(), ['2027-12-01', '2028-12-01']);
  subject.tick('2027-11-02');
  subject.pay(fact('refunded', '2027-11-02', { id: 'next' }));
  assert.is(day(subject.header.termEnd), '2027-12-01', 'given back, the key still counts');
  subject.tick('2027-11-10');
  for (const [id, end] of [
    ['again', '2028-12-01'],
    ['ahead', '2029-12-01'],
  ] as const) {
    subject.pay(
      fact('settled', '2027-11-10', { id, servicePeriod: { start: at(subject.header.termEnd ?? ''), end: at(end) } }),
    );
    assert.is(day(subject.header.termEnd), end);
  }
});

test('an end that was scheduled with the term moves with it', () => {
  const subject = Subject.active();
  subject.accept('cancel-at-term-end');
  subject.accept('redeem-key', body('extend', { seats: 6 }));
  assert.is(subject.header.cancelAt, subject.header.termEnd);
});

test('on an expired one it is a reactivation from the old end, confirmed in the same append', () => {
  const subject = inState.expired();
  const before = subject.log.length;
  subject.accept('redeem-key', body('extend'));
  assert.equal(types(subject, before), ['ProductKeyApplied', 'SubscriptionReactivated', 'ReactivationConfirmed']);
  assert.equal([day(subject.header.termStart), day(subject.header.termEnd)], ['2027-06-01', '2028-06-01']);
  assert.equal(subject.header.disabledReasons, []);
});

test('long over, or too short to reach today, it counts from now', () => {
  const disabled = inState.disabled();
  disabled.accept('redeem-key', body('extend'));
  assert.is(day(disabled.header.termStart), day(disabled.now));
  const expired = inState.expired({ seats: 1000 });
  expired.accept('redeem-key', body('extend', { seats: 1, term: 'P1M' }));
  assert.is(expired.header.termStart, expired.now);
  assert.ok((expired.header.termEnd ?? '') > expired.now);
});

test('cancelled within its term it goes on from where that ends', () => {
  const subject = inState.cancelled();
  subject.accept('redeem-key', body('extend'));
  assert.equal([subject.header.status, day(subject.header.termEnd)], ['active', '2028-06-01']);
});

test('a reactivation that waits for its money is settled', () => {
  const subject = inState.reactivated();
  const before = subject.log.length;
  subject.accept('redeem-key', body('extend'));
  assert.equal(types(subject, before), ['ProductKeyApplied', 'ReactivationConfirmed']);
  assert.is(subject.header.reactivation, null);
});

test('added seats are there at once', () => {
  const subject = Subject.active({ seats: 1 });
  subject.accept('assign-license', { personId: 'alice' });
  subject.accept('redeem-key', body('add-seats', { seats: 2 }));
  assert.is(subject.header.seatsPurchased, 3);
  subject.accept('assign-license', { personId: 'bob' });
});

test('no further ahead than five years: to the instant it is allowed', () => {
  const subject = Subject.active();
  subject.accept('redeem-key', body('extend', { term: 'P3Y' }));
  subject.accept('redeem-key', body('extend', { term: 'P1Y' }));
  assert.is(day(subject.header.termEnd), '2031-06-01');
  const refused = subject.command('redeem-key', body('extend', { term: 'P1M', seats: 1 }));
  assert.equal(refused.kind === 'refused' && refused.reasonCodes, ['EXTENSION_CAP_REACHED']);
  assert.ok(refused.kind === 'refused' && refused.remedies.some(({ text }) => text.en.includes('less than 5 years')));
  subject.accept('redeem-key', body('add-seats'));
});

test('only for the plan that it has, the family it belongs to and the seats that are sold', () => {
  const subject = Subject.active({ seats: 9 });
  subject.facts = { plan: { planId: 'business', apps: [], maxSeats: 10, family: 'business' } };
  const key = { planId: 'enterprise', family: 'enterprise' };
  assert.equal(subject.codes('redeem-key', body('extend', key)), ['KEY_WRONG_PRODUCT_FAMILY', 'KEY_PLAN_MISMATCH']);
  assert.equal(subject.codes('redeem-key', body('add-seats', { seats: 2 })), ['KEY_SEATS_EXCEED_OFFER_MAX']);
  subject.accept('redeem-key', body('add-seats', { seats: 1, family: 'business' }));
});

test('bringing one back has the guards of a reactivation, but for payment', () => {
  const subject = inState.disabled({ channel: 'reseller', profile: 'csp-nce' });
  subject.accept('disable', { reason: 'fraud' });
  subject.roles = ['license-admin'];
  assert.equal(subject.codes('redeem-key', body('extend')), [
    'NOT_REACTIVATABLE_BY_CHANNEL',
    'NOT_BILLING_ADMIN',
    'DISABLED_BY_PROVIDER',
  ]);
  const trial = Subject.active({ trial: true });
  assert.equal(trial.codes('redeem-key', body('extend')), ['TRIAL_NOT_REACTIVATABLE']);
});

test('a key brings one back also where a customer may not do it without, unless the policy says otherwise', () => {
  const subject = inState.expired({ channel: 'volume' });
  assert.equal(subject.codes('reactivate', { paymentMethod: card }), ['NOT_REACTIVATABLE_BY_CHANNEL']);
  subject.accept('redeem-key', body('extend'));
  const reseller = inState.expired({ channel: 'reseller', profile: 'csp-nce' });
  assert.equal(reseller.codes('redeem-key', body('extend')), ['NOT_REACTIVATABLE_BY_CHANNEL']);
});

/** Three seats for a year from 2026-06-01, paid by a key. */
function prepaid(): Subject {
  const subject = Subject.created({ recurringBilling: false });
  subject.accept('redeem-key', body('new'));
  return subject;
}

test('renewed with fewer seats, the key lasts its whole term for those', () => {
  const subject = prepaid();
  subject.accept('redeem-key', body('extend', { seats: 1, fewerSeats: true }));
  assert.equal([subject.header.seatsPurchased, day(subject.header.termEnd)], [1, '2028-06-01']);
  subject.accept('redeem-key', body('extend', { seats: 2, fewerSeats: true }));
  assert.equal([subject.header.seatsPurchased, day(subject.header.termEnd)], [1, '2030-06-01'], 'no fewer, so shared');
});

test('renewed with fewer seats: whoever is too many has to be unassigned first, and only where that is asked for', () => {
  const subject = prepaid();
  for (const personId of ['a', 'b', 'c']) subject.accept('assign-license', { personId });
  const smaller = { seats: 2, fewerSeats: true };
  const refused = subject.command('redeem-key', body('extend', smaller));
  assert.equal(refused.kind === 'refused' && refused.reasonCodes, ['SEATS_BELOW_ASSIGNED']);
  assert.ok(refused.kind === 'refused' && refused.remedies[0]?.text.en.includes('Unassign 1 licences'));
  subject.accept('unassign-license', { personId: 'c' });
  subject.accept('redeem-key', body('extend', smaller));
  assert.is(subject.header.seatsPurchased, 2);
});

test('renewed with fewer seats where the policy allows a conflict, it is open from then on', () => {
  const subject = Subject.active({ profile: 'vl-enterprise', channel: 'volume' });
  for (const personId of ['a', 'b', 'c']) subject.accept('assign-license', { personId });
  subject.accept('redeem-key', body('extend', { seats: 1, fewerSeats: true }));
  assert.equal(subject.types().slice(-2), ['ProductKeyApplied', 'SeatConflictOpened']);
});

test('an ended one comes back with the seats of a smaller key', () => {
  for (const state of ['expired', 'disabled', 'cancelled', 'reactivated'] as const) {
    const subject = inState[state]();
    subject.accept('redeem-key', body('extend', { seats: 2, fewerSeats: true }));
    assert.equal([subject.header.status, subject.header.seatsPurchased], ['active', 2], state);
  }
});

test('seats paid by a key become fewer only with a smaller key, or with a renewal that is charged', () => {
  const subject = prepaid();
  const removal = (when: string): readonly string[] => subject.codes('remove-seats', { count: 1, when });
  assert.equal(removal('now'), ['PREPAID_SEATS_ONLY_AT_RENEWAL']);
  assert.equal(removal('renewal'), ['PREPAID_SEATS_ONLY_AT_RENEWAL', 'RECURRING_BILLING_OFF']);
  assert.equal(subject.codes('set-recurring-billing', { on: true }), ['PAYMENT_METHOD_REQUIRED']);
  subject.accept('add-payment-method', { paymentMethod: card });
  subject.accept('set-recurring-billing', { on: true });
  assert.equal(removal('now'), ['PREPAID_SEATS_ONLY_AT_RENEWAL']);
  subject.accept('remove-seats', { count: 1, when: 'renewal' });
  const listed = availableActions(subject.state, subject.context()).find(({ command }) => command === 'remove-seats');
  assert.equal([listed?.available, listed?.needs], [true, ['count', 'when']]);
});

test('once a charge has paid another term, seats become fewer like any others, but not before that term', () => {
  const subject = prepaid();
  subject.tick('2027-05-20');
  const paid = { servicePeriod: { start: at('2027-06-01'), end: at('2028-06-01') } };
  subject.pay(fact('settled', '2027-05-20', { id: 'renewal', ...paid }));
  assert.equal([day(subject.header.termEnd), day(subject.view.prepaidUntil)], ['2028-06-01', '2027-06-01']);
  assert.equal(subject.codes('remove-seats', { count: 1 }), ['PREPAID_SEATS_ONLY_AT_RENEWAL']);
  subject.tick('2027-06-01');
  subject.accept('remove-seats', { count: 1 });
});

test('a prepaid term that is over needs a new key or a card', () => {
  const subject = prepaid();
  subject.tick('2027-06-05');
  assert.is(subject.header.status, 'expired');
  assert.equal(subject.codes('reactivate'), ['PREPAID_NEEDS_KEY_OR_CARD', 'PAYMENT_METHOD_REQUIRED']);
  const listed = availableActions(subject.state, subject.context()).find(({ command }) => command === 'reactivate');
  assert.equal([listed?.available, listed?.needs], [true, ['paymentMethod']]);
  const byKey = prepaid();
  byKey.tick('2027-06-05');
  byKey.accept('redeem-key', body('extend'));
  assert.is(day(byKey.view.prepaidUntil), '2028-06-01');
  subject.accept('reactivate', { paymentMethod: card });
  assert.is(subject.header.status, 'reactivated');
  assert.equal(inState.expired().codes('reactivate'), ['PAYMENT_METHOD_REQUIRED'], 'what no key has paid');
});

test('a pause moves also what the key has paid', () => {
  const subject = prepaid();
  subject.accept('pause');
  subject.tick('2026-07-01');
  subject.accept('resume', { hold: 'pause' });
  assert.equal([day(subject.header.termEnd), subject.header.prepaidUntil], ['2027-07-01', subject.header.termEnd]);
});

test('the list of actions asks for the key and the mode, and promises no date', () => {
  const subject = inState.expired();
  const action = availableActions(subject.state, subject.context()).find(({ command }) => command === 'redeem-key');
  assert.equal(
    [action?.available, action?.needs, action?.effectPreview],
    [true, ['key', 'mode'], { newState: 'active' }],
  );
});

test('a payment that was made in time and becomes known after the key loses neither', () => {
  const late = fact('settled', '2027-05-20', {
    id: 'renewal',
    servicePeriod: { start: at('2027-06-01'), end: at('2028-06-01') },
  });
  const subject = inState.expired();
  subject.accept('redeem-key', body('extend'));
  subject.tick('2027-06-06');
  subject.pay(late);
  const inOrder = Subject.active();
  inOrder.tick('2027-05-20');
  inOrder.pay(late);
  inOrder.tick('2027-06-05');
  inOrder.accept('redeem-key', body('extend'));
  inOrder.tick('2027-06-06');
  assert.is(day(subject.header.termEnd), '2029-06-01');
  const told = ({ header }: Subject) => ({ ...lifecycleOf(header), statusEventId: '' });
  assert.equal(told(subject), told(inOrder));
});

test('whatever came before, a key adds exactly its time, spread over the seats', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 50 }), (keySeats, seats) => {
      const subject = Subject.active({ seats });
      const before = subject.header.termEnd ?? '';
      const decision = subject.command('redeem-key', body('extend', { seats: keySeats, term: 'P1M' }));
      const after = subject.header.termEnd ?? '';
      if (decision.kind === 'refused') return assert.equal(decision.reasonCodes, ['EXTENSION_CAP_REACHED']);
      const months = keySeats / seats;
      assert.ok(after >= addDuration(before, `P${Math.floor(months)}M`, 'UTC'), after);
      assert.ok(after <= addDuration(before, `P${Math.ceil(months)}M`, 'UTC'), after);
      assert.ok(after > before);
    }),
  );
});

test('two keys in any order lead to the same seats', () => {
  for (const order of [
    [1, 2],
    [2, 1],
  ]) {
    const subject = Subject.active({ seats: 3 });
    for (const seats of order) subject.accept('redeem-key', body('add-seats', { seats }));
    assert.is(subject.header.seatsPurchased, 6);
  }
});

test.run();
