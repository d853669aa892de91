import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { availableActions } from './actions.ts';
import { headerAsOf } from './as-of.ts';
import { pagedGet } from './paged-map.ts';
import { Subject, at, fact } from './testing/subject.ts';
import { applyDeadlines } from './view.ts';

const test = suite('seats and plan (domain.md 1.7, 6.2; scenario 24)');

const price = { minor: 1200, currency: 'EUR' };

/** A yearly subscription, its first term paid where it has a price. */
function withSeats(seats: number, assigned = 0, options: Parameters<typeof Subject.active>[0] = {}): Subject {
  const subject = Subject.active({ seats, ...options });
  if (options.price) {
    const paid = { minor: options.price.minor * seats, currency: 'EUR' };
    subject.pay(fact('settled', '2026-06-01', { id: 'first', amount: paid }));
  }
  for (let index = 0; index < assigned; index += 1) {
    subject.now = new Date(Date.parse('2026-06-02T00:00:00Z') + index * 1000).toISOString();
    subject.accept('assign-license', { personId: `p${index}` });
  }
  return subject;
}

test('24: fewer than assigned is refused, and says by how many', () => {
  const subject = withSeats(300, 300);
  const decision = subject.command('remove-seats', { count: 50 });
  assert.is(decision.kind, 'refused');
  if (decision.kind !== 'refused') return;
  assert.equal(decision.reasonCodes, ['SEATS_BELOW_ASSIGNED']);
  assert.match(decision.remedies[0]?.text.en ?? '', 'Unassign 50 licences first');
});

test('24: by the renewal it is a conflict: a deadline of ninety days, and nobody loses access', () => {
  const subject = withSeats(300, 300);
  subject.accept('remove-seats', { count: 50, when: 'renewal' });
  subject.now = at('2027-05-30');
  subject.pay(fact('settled', '2027-05-30', { id: 'renewal' }));
  subject.tick('2027-06-01');
  assert.equal(subject.types(-3).slice(-2), ['SeatsRemoved', 'SeatConflictOpened']);
  assert.equal(subject.view.seats, { purchased: 250, assigned: 300 });
  assert.equal(subject.view.seatConflict, { excess: 50, deadline: at('2027-08-30') });
  assert.equal(subject.codes('assign-license', { personId: 'late' }), ['NO_FREE_SEAT']);
});

test('24: of those who got a seat in one instant the one that got it last is the last', () => {
  const subject = withSeats(5);
  // The order of names would say otherwise.
  const people = ['e', 'c', 'd', 'b', 'a'];
  for (const personId of people) subject.accept('assign-license', { personId });
  subject.accept('remove-seats', { count: 2, when: 'renewal' });
  subject.tick('2027-12-31');
  const left = people.filter((personId) => pagedGet(subject.state.seats, personId) !== undefined);
  assert.equal(left, ['e', 'c', 'd']);
});

test('24: at the deadline whoever got a seat last loses it, as a late tick and a read in memory both say', () => {
  const subject = withSeats(5, 5);
  subject.accept('remove-seats', { count: 2, when: 'renewal' });
  subject.tick('2027-06-01');
  const before = subject.header;
  subject.tick('2027-12-31');
  assert.equal(
    subject.types().filter((type) => type.startsWith('SeatConflict')),
    ['SeatConflictOpened', 'SeatConflictLapsed'],
  );
  const lapsed = subject.log.find(({ type }) => type === 'SeatConflictLapsed');
  assert.is(lapsed?.effectiveAt, at('2027-08-30'));
  assert.equal(
    ['p2', 'p3', 'p4'].map((personId) => pagedGet(subject.state.seats, personId) !== undefined),
    [true, false, false],
  );
  assert.is(applyDeadlines(before, at('2027-09-01')).seatsAssigned, 3);
});

test('of seats given in one instant the last one given goes first', () => {
  const subject = Subject.active({ seats: 3 });
  for (const personId of ['z', 'a', 'm']) subject.accept('assign-license', { personId });
  subject.accept('remove-seats', { count: 2, when: 'renewal' });
  subject.tick('2027-12-31');
  const taken = subject.log.flatMap((event) => (event.type === 'LicenseUnassigned' ? [event.data.personId] : []));
  assert.equal(taken, ['m', 'a']);
});

test('a quantity that nobody holds shrinks at once, also after a late payment and once another plan began', () => {
  const storage = { plan: { planId: 'storage', apps: [], unit: 'storage' as const } };
  const bought = new Subject();
  bought.facts = storage;
  bought.accept('create', { planId: 'storage', seats: 3, term: 'P1Y' });
  bought.accept('activate');
  const changed = Subject.active();
  changed.facts = storage;
  changed.accept('change-plan', { planId: 'storage', when: 'renewal' });
  changed.facts = {};
  for (const subject of [bought, changed]) {
    for (const personId of ['a', 'b', 'c']) subject.accept('assign-license', { personId });
    subject.accept('remove-seats', { count: 1, when: 'renewal' });
    subject.tick('2027-06-03');
    // Made in time: history from the term's end on is decided again, with what the catalogue said then.
    subject.pay(fact('settled', '2027-05-30', { id: 'renewal' }));
    assert.equal([subject.header.unit, subject.header.planId], ['storage', 'storage']);
    subject.tick('2027-06-04');
    assert.equal(subject.view.seats, { purchased: 2, assigned: 2 });
    const lapsed = subject.log.find(({ type }) => type === 'SeatConflictLapsed');
    assert.is(lapsed?.effectiveAt, at('2027-06-01'));
  }
  changed.facts = { plan: { planId: 'business', apps: [] } };
  changed.accept('change-plan', { planId: 'business' });
  assert.is(changed.header.unit, 'user');
});

test('unassigning, or buying, resolves the conflict', () => {
  for (const way of ['unassign', 'buy'] as const) {
    const subject = withSeats(3, 3);
    subject.accept('remove-seats', { count: 1, when: 'renewal' });
    subject.now = at('2027-05-30');
    subject.pay(fact('settled', '2027-05-30', { id: 'renewal' }));
    subject.tick('2027-06-02');
    if (way === 'unassign') subject.accept('unassign-license', { personId: 'p0' });
    else subject.accept('add-seats', { count: 1 });
    assert.is(subject.types().at(-1), 'SeatConflictResolved');
    assert.is(subject.view.seatConflict, null);
  }
});

test('the renewal costs what was ordered for it', () => {
  const subject = withSeats(3, 0, { price });
  subject.accept('remove-seats', { count: 1, when: 'renewal' });
  subject.now = at('2027-05-01');
  subject.pay(fact('settled', '2027-05-01', { id: 'renewal', amount: { minor: 2400, currency: 'EUR' } }));
  assert.is(subject.header.termEnd, at('2028-06-01'));
  subject.tick('2027-06-01');
  assert.equal([subject.view.status, subject.view.seats.purchased], ['active', 2]);
});

test('added seats are charged for the rest of the paid time, and only their payment ends the debt', () => {
  const subject = withSeats(2, 0, { price });
  subject.tick('2026-11-30T12:00');
  subject.accept('add-seats', { count: 2 });
  // Half of the year is left: 182.5 of 365 days.
  assert.equal(subject.header.balance, { minor: 1200, currency: 'EUR' });
  subject.pay(
    fact('settled', '2026-11-30T12:00', {
      id: 'proration',
      amount: { minor: 1200, currency: 'EUR' },
      servicePeriod: { start: at('2026-11-30T12:00'), end: at('2027-06-01') },
    }),
  );
  assert.equal([subject.header.balance, subject.header.credit], [null, null]);
  assert.is(subject.header.termEnd, at('2027-06-01'));
});

test('what was never received is not given back by a cancellation', () => {
  const subject = withSeats(2, 0, { price });
  subject.tick('2026-11-30T12:00');
  subject.accept('add-seats', { count: 2 });
  subject.accept('cancel-now');
  // Half a year of four seats, less the unpaid half year of two.
  assert.equal(subject.header.cancelCredit, { minor: 1200, currency: 'EUR' });
});

test('a window, recurring billing and the last seat: every code at once', () => {
  const subject = withSeats(1, 1, { profile: 'direct-mca-2024' });
  subject.tick('2026-06-07T23:59:59.999');
  assert.equal(subject.codes('remove-seats', { count: 1 }), ['LAST_SEAT', 'SEATS_BELOW_ASSIGNED']);
  subject.accept('set-recurring-billing', { on: false });
  subject.tick('2026-06-08');
  subject.roles = ['license-admin'];
  assert.equal(subject.codes('remove-seats', { count: 1 }), [
    'NOT_BILLING_ADMIN',
    'RECURRING_BILLING_OFF',
    'LAST_SEAT',
    'SEAT_WINDOW_CLOSED',
    'SEATS_BELOW_ASSIGNED',
  ]);
});

test('what the offer allows, sells, and the credit check', () => {
  const subject = withSeats(9);
  const plan = { planId: 'business', apps: [], maxSeats: 10, endOfSale: at('2026-01-01') };
  subject.facts = { plan, tenant: { creditCheck: 'pending' } };
  assert.equal(subject.codes('add-seats', { count: 2 }), [
    'OFFER_END_OF_SALE',
    'CREDIT_CHECK_PENDING',
    'SEATS_EXCEED_OFFER_MAX',
  ]);
  subject.facts = { plan: { planId: 'small', apps: [], maxSeats: 3 } };
  assert.equal(subject.codes('change-plan', { planId: 'small' }), ['SEATS_EXCEED_OFFER_MAX']);
  subject.facts = { plan: { planId: 'gone', apps: [], endOfSale: at('2026-01-01') } };
  assert.equal(subject.codes('change-plan', { planId: 'gone' }), ['OFFER_END_OF_SALE']);
});

test('another plan with its price: the difference is charged; the same plan changes nothing', () => {
  const subject = withSeats(2, 0, { price });
  subject.tick('2026-11-30T12:00');
  assert.equal(subject.codes('change-plan', { planId: 'business' }), ['nothing']);
  subject.accept('change-plan', { planId: 'enterprise', price: { minor: 2400, currency: 'EUR' } });
  assert.equal([subject.header.planId, subject.header.balance?.minor], ['enterprise', 1200]);
  assert.is(headerAsOf(subject.log, { at: at('2026-10-01') })?.planId, 'business');
  assert.is(headerAsOf(subject.log, { at: at('2026-12-01') })?.planId, 'enterprise');
});

test('seats count where a late payment is placed: what was enough then stays enough', () => {
  const subject = withSeats(2, 0, { price, term: 'P1M' });
  subject.tick('2026-06-20');
  subject.accept('add-seats', { count: 8 });
  subject.tick('2026-07-05');
  assert.is(subject.header.status, 'expired');
  subject.pay(fact('settled', '2026-06-10', { id: 'early', amount: { minor: 2400, currency: 'EUR' } }));
  assert.equal([subject.header.status, subject.header.termEnd], ['active', at('2026-08-01')]);
  assert.is(subject.header.seatsPurchased, 10);
});

test('while a reactivation is open, added seats raise what settles it', () => {
  const subject = withSeats(2, 0, { price });
  subject.tick('2027-06-05');
  subject.accept('reactivate', { paymentMethod: { kind: 'card', token: 't', country: 'NL' } });
  subject.accept('add-seats', { count: 1 });
  assert.is(subject.header.reactivation?.amountDue?.minor, 3600);
  subject.pay(fact('settled', '2027-06-05', { id: 'back', amount: { minor: 2400, currency: 'EUR' } }));
  assert.is(subject.header.status, 'reactivated');
  subject.pay(fact('settled', '2027-06-05', { id: 'rest', amount: { minor: 1200, currency: 'EUR' } }));
  assert.is(subject.header.status, 'active');
});

test('every command of the subscription is listed, each once', () => {
  const subject = withSeats(1);
  const listed = availableActions(subject.state, subject.context()).map(({ command }) => command);
  assert.is(new Set(listed).size, listed.length);
  for (const name of ['add-seats', 'remove-seats', 'change-plan', 'pause', 'delete-now', 'correct-fact']) {
    assert.ok(listed.includes(name), name);
  }
});

test('another plan at the same price costs nothing, however far ahead was paid', () => {
  const subject = withSeats(2, 0, { price });
  subject.pay(fact('settled', '2026-06-01', { id: 'ahead', amount: { minor: 2400, currency: 'EUR' } }));
  subject.accept('change-plan', { planId: 'enterprise' });
  const changed = subject.log.at(-1);
  assert.ok(changed?.type === 'PlanChanged');
  assert.equal([changed.data.to, changed.data.charge, changed.data.credit], ['enterprise', undefined, undefined]);
  assert.is(subject.header.balance, null);
});

test('a millisecond after its beginning a term is worth less than the whole, rounded down', () => {
  const subject = withSeats(1, 0, { price });
  subject.now = '2026-06-01T00:00:00.001Z';
  subject.accept('add-seats', { count: 1 });
  assert.equal(subject.header.balance, { minor: 1199, currency: 'EUR' });
});

test.run();
