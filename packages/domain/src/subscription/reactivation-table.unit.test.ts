/**
 * "Term after reactivation" (`domain.md 6.1`), origin × in-term or out-of-term × profile, and the rest of "`reactivated`,
 * precisely". Every subscription has three seats of 10 EUR a year, from 2026-06-01 to 2027-06-01.
 */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { accessOf } from './access.ts';
import { availableActions } from './actions.ts';
import { policyOf } from './decide.ts';
import { card } from './testing/states.ts';
import { resumption } from './transitions/reactivation.ts';
import { Subject, at, fact } from './testing/subject.ts';

const test = suite('reactivation (domain.md 1.4, 6.1)');

const price = { minor: 1000, currency: 'EUR' } as const;
const eur = (minor: number) => ({ minor, currency: 'EUR' });

type Body = Parameters<typeof Subject.active>[0];

function paid(body: Body = {}): Subject {
  const subject = Subject.active({ price, ...body });
  subject.now = at('2026-06-01T01:00');
  subject.pay(fact('settled', subject.now, { id: 'first', amount: eur(3000) }));
  return subject;
}

/** Where a reactivation can come from, and how it comes about. */
const origins = {
  'cancelled, credit given': (body: Body) => cancelledAt('2026-12-01T12:00', paid(body)),
  'cancelled in the first week': (body: Body) => cancelledAt('2026-06-05', paid(body)),
  'cancelled, never paid': (body: Body) => cancelledAt('2026-12-01', Subject.active({ price, ...body })),
  'cancelled near the end': (body: Body) => cancelledAt('2027-05-10', paid(body)),
  'disabled(nonpayment), first charge failed': (body: Body) => {
    const subject = Subject.active({ price, ...body });
    subject.pay(fact('failed', subject.now, { id: 'first', amount: eur(3000) }));
    subject.tick('2026-07-02');
    return subject;
  },
  'disabled(nonpayment), seats and renewal unpaid': (body: Body) => {
    const subject = paid({ ...body, recurringBilling: true });
    subject.tick('2026-12-01T12:00');
    subject.roles = ['global-admin'];
    subject.accept('add-seats', { count: 1 });
    subject.tick('2027-05-25');
    subject.pay(fact('failed', '2027-05-25', { id: 'renewal', amount: eur(4000) }));
    subject.tick('2027-09-05');
    return subject;
  },
  expired: (body: Body) => ticked('2027-06-11', paid(body)),
  'disabled(grace_elapsed)': (body: Body) => ticked('2027-09-01', paid(body)),
} as const;

function ticked(now: string, subject: Subject): Subject {
  subject.tick(now);
  return subject;
}

function cancelledAt(now: string, subject: Subject): Subject {
  subject.now = at(now);
  subject.command('cancel-now');
  return subject;
}

type Row = readonly [origin: keyof typeof origins, profile: string, when: string, expected: string];

const mosa = 'direct-mosa-2020';
const multiyear = 'enterprise-multiyear';
const mca = 'direct-mca-2024';
const saas = 'marketplace-saas';

/** Resumption, next billing, amount due; then the status. Refused: the codes. */
const rows: readonly Row[] = [
  // cancelled: in-term unchanged and what was given back, else a new term from now
  ['cancelled, credit given', mosa, '2027-01-15', 'in_term until 2027-06-01, 14.91 EUR: reactivated'],
  ['cancelled, never paid', mosa, '2027-01-15', 'in_term until 2027-06-01, 0.00 EUR: active'],
  ['cancelled near the end', mosa, '2027-05-20', 'in_term until 2027-06-01, 1.80 EUR: reactivated'],
  ['cancelled near the end', mosa, '2027-07-01', 'new_term until 2028-07-01, 30.00 EUR: reactivated'],
  // disabled for non-payment: in-term unchanged and the balance, else a new term from now and the balance
  ['disabled(nonpayment), first charge failed', mosa, '2026-07-05', 'in_term until 2027-06-01, 30.00 EUR: reactivated'],
  [
    'disabled(nonpayment), seats and renewal unpaid',
    mosa,
    '2027-09-10',
    'new_term until 2028-09-10, 44.97 EUR: reactivated',
  ],
  // expired: from the old end by one term
  ['expired', mosa, '2027-06-11', 'new_term until 2028-06-01, 30.00 EUR: reactivated'],
  ['expired', multiyear, '2027-08-25', 'new_term until 2028-06-01, 30.00 EUR: reactivated'],
  // grace ran out: a new term from now
  ['disabled(grace_elapsed)', mosa, '2027-09-02', 'new_term until 2028-09-02, 30.00 EUR: reactivated'],
  ['disabled(grace_elapsed)', multiyear, '2027-09-02', 'new_term until 2028-09-02, 30.00 EUR: reactivated'],
  // under a customer agreement a new subscription, from now and at its price, whatever the old one was
  ['cancelled in the first week', mca, '2026-07-01', 'another until 2027-07-01, 30.00 EUR: cancelled'],
  ['disabled(nonpayment), first charge failed', mca, '2026-07-05', 'another until 2027-07-05, 30.00 EUR: disabled'],
  ['expired', mca, '2027-06-11', 'another until 2028-06-11, 30.00 EUR: expired'],
  ['disabled(grace_elapsed)', mca, '2027-09-02', 'another until 2028-09-02, 30.00 EUR: disabled'],
  // nobody reactivates what a partner or volume licensing sold
  ['expired', 'csp-nce', '2027-06-11', 'NOT_REACTIVATABLE_BY_CHANNEL'],
  ['disabled(grace_elapsed)', 'csp-nce', '2027-09-02', 'NOT_REACTIVATABLE_BY_CHANNEL'],
  ['expired', 'vl-enterprise', '2027-06-11', 'NOT_REACTIVATABLE_BY_CHANNEL'],
  ['disabled(grace_elapsed)', 'vl-enterprise', '2027-09-02', 'NOT_REACTIVATABLE_BY_CHANNEL'],
  ['cancelled, never paid', 'open-value', '2027-01-15', 'NOT_REACTIVATABLE_BY_CHANNEL'],
  ['expired', 'open-value', '2027-06-11', 'NOT_REACTIVATABLE_BY_CHANNEL'],
  // a marketplace reinstates what it suspended, and nothing that is cancelled
  ['disabled(nonpayment), first charge failed', saas, '2026-07-05', 'in_term until 2027-06-01, 30.00 EUR: reactivated'],
  ['expired', saas, '2027-06-11', 'new_term until 2028-06-11, 30.00 EUR: reactivated'],
  ['cancelled, never paid', saas, '2026-12-05', 'NOT_REACTIVATABLE_BY_CHANNEL'],
];

function outcome([origin, profile, when]: Row): string {
  const subject = origins[origin]({ profile });
  if (at(when) > subject.now) subject.tick(when);
  const listed = availableActions(subject.state, subject.context()).find(({ command }) => command === 'reactivate');
  const decision = subject.command('reactivate', { paymentMethod: card });
  if (decision.kind === 'refused') return decision.reasonCodes.join(' ');
  if (subject.header.successor !== null) {
    const { newTermEnd = '', amount } = listed?.effectPreview ?? {};
    return `another until ${newTermEnd.slice(0, 10)}, ${moneyText(amount)}: ${subject.header.status}`;
  }
  const opened = subject.log.findLast(({ type }) => type === 'SubscriptionReactivated');
  if (opened?.type !== 'SubscriptionReactivated') return decision.kind;
  const { resumeKind, newTermEnd, amountDue } = opened.data;
  return `${resumeKind} until ${newTermEnd.slice(0, 10)}, ${moneyText(amountDue)}: ${subject.header.status}`;
}

function moneyText(money: { readonly minor: number; readonly currency: string } | undefined): string {
  return money === undefined ? 'nothing known' : `${(money.minor / 100).toFixed(2)} ${money.currency}`;
}

for (const row of rows) {
  const [origin, profile, when, expected] = row;
  test(`${origin}, ${profile}, on ${when}: ${expected}`, () => assert.is(outcome(row), expected));
}

test('an extension from the old end that would be over already starts now', () => {
  const subject = Subject.active({ profile: multiyear, term: 'P1M' });
  subject.tick('2026-08-15');
  assert.is(subject.header.status, 'expired');
  subject.accept('reactivate', { paymentMethod: card });
  assert.is(subject.view.nextBilling, at('2026-09-15'));
});

test('a new subscription in its place is never in term, and is made once', () => {
  const cancelled = origins['cancelled in the first week']({ profile: mca });
  const body = { paymentMethod: card };
  assert.equal(cancelled.codes('reactivate', { ...body, requireInTerm: true }), ['REACTIVATION_NOT_IN_TERM']);
  assert.equal(cancelled.codes('reactivate'), ['PAYMENT_METHOD_REQUIRED'], 'it has a price of its own');
  cancelled.accept('reactivate', body);
  assert.equal(cancelled.types().slice(-2), ['PaymentMethodChanged', 'SuccessorReserved']);
  assert.equal(cancelled.codes('reactivate', body), ['REACTIVATED_AS_NEW']);
  assert.equal(cancelled.codes('support-reactivate', { reason: 'r', ticket: 't' }), ['REACTIVATED_AS_NEW']);
});

test('requireInTerm refuses what would be charged anew, and nothing else', () => {
  const body = { paymentMethod: card, requireInTerm: true };
  for (const [origin, when] of [
    ['expired', '2027-06-11'],
    ['disabled(grace_elapsed)', '2027-09-02'],
    ['cancelled near the end', '2027-07-01'],
  ] as const) {
    const subject = origins[origin]({});
    if (at(when) > subject.now) subject.tick(when);
    assert.equal(subject.codes('reactivate', body), ['REACTIVATION_NOT_IN_TERM'], origin);
  }
  origins['cancelled, credit given']({}).accept('reactivate', body);
});

test('the money, or its waiver, makes it final; recurring billing stays off if it was off', () => {
  for (const [origin, body] of [
    ['cancelled, credit given', {}],
    ['expired', { recurringBilling: false }],
    ['disabled(grace_elapsed)', {}],
    ['disabled(nonpayment), first charge failed', {}],
  ] as const) {
    const subject = origins[origin](body);
    const before = subject.header.recurringBilling;
    subject.accept('reactivate', { paymentMethod: card });
    const due = subject.header.reactivation?.amountDue?.minor ?? 0;
    assert.ok(due > 0, origin);
    subject.pay(fact('settled', subject.now, { id: 'short', amount: eur(due - 1) }));
    assert.is(subject.header.status, 'reactivated', 'not enough');
    subject.pay(fact('settled', subject.now, { id: 'rest', amount: eur(1) }));
    const { status, balance, disabledReasons, recurringBilling } = subject.header;
    assert.equal([status, balance, disabledReasons, recurringBilling], ['active', null, [], before], origin);
  }
});

/** Until when it must be settled, from Friday 2027-06-11 10:00 in Amsterdam. */
const windows = {
  card: '2027-06-12T07:00',
  bank: '2027-06-25T08:00',
  invoice: '2027-06-25T08:00',
  boleto: '2027-07-11T08:00',
} as const;

for (const kind of ['card', 'bank', 'invoice', 'boleto'] as const) {
  test(`by ${kind}: unpaid at ${windows[kind]}Z it falls back to its origin, with what was left, seven days at least`, () => {
    const subject = paid({ zone: 'Europe/Amsterdam' });
    subject.tick('2027-06-11T08:00');
    const { status, stateEndsAt } = subject.header;
    subject.accept('reactivate', { paymentMethod: { ...card, kind } });
    assert.equal(subject.view.deadline, { kind: 'reactivation-confirm', at: at(windows[kind]) });
    assert.is(accessOf(subject.header, subject.now).service, 'full', 'provisional access');
    subject.tick(windows[kind]);
    const left = new Date(Date.parse(at(windows[kind])) + 7 * 86_400_000).toISOString();
    const expected = stateEndsAt !== null && stateEndsAt > left ? stateEndsAt : left;
    assert.equal([subject.header.status, subject.header.stateEndsAt], [status, expected]);
    const failed = subject.log.at(-1);
    assert.ok(failed?.type === 'ReactivationFailed' && failed.data.cause === 'expired');
    subject.accept('reactivate', { paymentMethod: card });
  });
}

test('a final decline falls back at once, an attempt that may be repeated does not', () => {
  const subject = origins['disabled(grace_elapsed)']({});
  const { disabledReasons, stateEndsAt } = subject.header;
  subject.accept('reactivate', { paymentMethod: card });
  subject.pay(fact('failed', subject.now, { id: 'again', nextAttemptAt: at('2027-09-02') }));
  assert.is(subject.header.status, 'reactivated');
  subject.pay(fact('failed', subject.now, { id: 'again', eventId: 'final', nextAttemptAt: null, attempt: 2 }));
  assert.equal(
    [subject.header.status, subject.header.disabledReasons, subject.header.stateEndsAt],
    ['disabled', disabledReasons, stateEndsAt],
  );
});

test("Support's override needs a reason and a ticket, clears the provider's reasons and leaves nothing to pay", () => {
  const subject = origins['disabled(grace_elapsed)']({});
  for (const reason of ['fraud', 'legal', 'policy', 'admin', 'chargeback'] as const)
    subject.accept('disable', { reason });
  assert.equal(subject.codes('reactivate', { paymentMethod: card }), ['DISABLED_BY_PROVIDER']);
  subject.roles = ['support'];
  assert.throws(() => subject.command('support-reactivate', { reason: 'agreed' }), /ticket/);
  assert.throws(() => subject.command('support-reactivate', { ticket: 'T-1' }), /reason/);
  subject.accept('support-reactivate', { reason: 'agreed', ticket: 'T-1' });
  const opened = subject.log.findLast(({ type }) => type === 'SubscriptionReactivated');
  assert.ok(opened?.type === 'SubscriptionReactivated');
  assert.equal([opened.reason, opened.data.ticket, opened.data.amountDue], ['agreed', 'T-1', eur(0)]);
  assert.equal([subject.header.status, subject.header.disabledReasons], ['active', []]);
});

test('where money must be there first, there is no access until it is', () => {
  const subject = origins['expired']({ profile: saas });
  subject.accept('reactivate', { paymentMethod: card });
  assert.is(accessOf(subject.header, subject.now).service, 'none');
  subject.pay(fact('settled', subject.now, { id: 'again', amount: eur(3000) }));
  assert.equal([subject.header.status, accessOf(subject.header, subject.now).service], ['active', 'full']);
});

test('a suspension for non-payment that was tried in vain is still cancelled in its time', () => {
  const subject = origins['expired']({ profile: saas });
  assert.equal(subject.view.deadline, { kind: 'cancel', at: at('2027-07-01') });
  subject.accept('reactivate', { paymentMethod: card });
  subject.tick('2027-06-20');
  assert.equal([subject.header.status, subject.view.deadline?.at], ['disabled', at('2027-07-01')]);
  subject.tick('2027-07-02');
  assert.equal([subject.header.status, subject.view.deadline?.at], ['cancelled', at('2027-07-08')]);
  assert.equal(subject.codes('reactivate', { paymentMethod: card }), ['NOT_REACTIVATABLE_BY_CHANNEL']);
});

test('at the end of the term a new one begins, a millisecond before it the old one goes on', () => {
  const kindAt = (now: string): unknown => {
    const subject = cancelledAt('2026-06-05', paid());
    return resumption({ header: subject.header, at: at(now), policy: policyOf(subject.header) })?.kind;
  };
  assert.is(kindAt('2027-05-31T23:59:59.999Z'), 'in_term');
  assert.is(kindAt('2027-06-01'), 'new_term');
});

test.run();
