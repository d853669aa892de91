import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { PaymentFact } from '../payment/fact.ts';
import { Subject, at, fact } from './testing/subject.ts';

const test = suite('changes that wait for the renewal (domain.md 1.7, 1.3)');

const price = { minor: 1200, currency: 'EUR' };
const renewal = at('2027-06-01');
const pays = (id: string, minor: number, when: string): PaymentFact =>
  fact('settled', when, { id, amount: { minor, currency: 'EUR' } });

/** Five seats for a year at 12 euros, the first term paid. */
function subscription(): Subject {
  const subject = Subject.active({ seats: 5, price });
  subject.pay(pays('first', 6000, '2026-06-01'));
  return subject;
}

function scheduled(): Subject {
  const subject = subscription();
  subject.accept('remove-seats', { count: 2, when: 'renewal' });
  subject.accept('change-plan', { planId: 'basic', price: { minor: 500, currency: 'EUR' }, when: 'renewal' });
  return subject;
}

const shown = ({ header }: Subject) => [header.planId, header.price?.minor, header.seatsPurchased];
const drops = (subject: Subject) =>
  subject.log.flatMap((event) => (event.type === 'ScheduledChangeDropped' ? [event] : []));

test('both are shown until the renewal, cost what was ordered, and take effect at its very instant', () => {
  const subject = scheduled();
  assert.equal(subject.view.scheduledSeats, { remove: 2, at: renewal });
  assert.equal(subject.view.scheduledPlan, { to: 'basic', price: { minor: 500, currency: 'EUR' }, at: renewal });
  subject.now = at('2027-05-20');
  subject.pay(pays('second', 1500, '2027-05-20'));
  assert.is(subject.header.termEnd, at('2028-06-01'), 'three seats at five euros pay the term');
  subject.tick('2027-05-31T23:59:59.999');
  assert.equal(shown(subject), ['business', 1200, 5]);
  subject.tick('2027-08-01');
  assert.equal(shown(subject), ['basic', 500, 3]);
  const applied = subject.log.filter(({ type }) => type === 'SeatsRemoved' || type === 'PlanChanged');
  assert.equal(
    applied.map(({ effectiveAt, data }) => [effectiveAt, 'by' in data && data.by]),
    [
      [renewal, 'schedule'],
      [renewal, 'schedule'],
    ],
  );
  assert.equal([subject.view.scheduledSeats, subject.view.scheduledPlan], [null, null]);
  assert.is(subject.header.balance, null, 'nothing is charged beside the new term');
});

test('a later order takes the place of the first, and says so', () => {
  const subject = scheduled();
  subject.accept('remove-seats', { count: 1, when: 'renewal' });
  subject.accept('change-plan', { planId: 'enterprise', when: 'renewal' });
  assert.equal(subject.view.scheduledSeats?.remove, 1);
  assert.equal(subject.view.scheduledPlan, { to: 'enterprise', at: renewal });
  assert.equal(
    subject.view.droppedChanges.map(({ change, cause }) => [change.kind, cause]),
    [
      ['seats', 'superseded'],
      ['plan', 'superseded'],
    ],
  );
  const last = subject.log.at(-1);
  assert.ok(last?.type === 'PlanChangeScheduled');
  assert.is(last.data.supersedes?.to, 'basic');
  assert.equal(subject.codes('change-plan', { planId: 'enterprise', when: 'renewal' }), ['nothing']);
});

test('turning recurring billing off drops both; without it nothing can be scheduled', () => {
  const subject = scheduled();
  subject.accept('set-recurring-billing', { on: false });
  assert.equal(
    drops(subject).map(({ data }) => [data.change.kind, data.cause]),
    [
      ['seats', 'recurring_billing_off'],
      ['plan', 'recurring_billing_off'],
    ],
  );
  assert.equal([subject.view.scheduledSeats, subject.view.scheduledPlan], [null, null]);
  assert.is(subject.view.droppedChanges.length, 2);
  assert.equal(subject.codes('remove-seats', { count: 1, when: 'renewal' }), ['RECURRING_BILLING_OFF']);
  assert.equal(subject.codes('change-plan', { planId: 'basic', when: 'renewal' }), ['RECURRING_BILLING_OFF']);
  subject.tick('2027-06-02');
  assert.equal(shown(subject), ['business', 1200, 5]);
});

test('whatever ends the subscription drops them, with its cause, before it ends', () => {
  const ways: readonly (readonly [string, (subject: Subject) => void])[] = [
    ['cancelled', (subject) => subject.accept('cancel-now')],
    ['disabled', (subject) => subject.accept('disable', { reason: 'fraud' })],
    [
      'expired',
      (subject) => {
        subject.accept('cancel-at-term-end');
        assert.is(subject.view.scheduledSeats?.remove, 2, 'the cancellation can be undone until then');
        subject.tick('2027-06-01');
      },
    ],
  ];
  for (const [cause, end] of ways) {
    const subject = scheduled();
    end(subject);
    assert.equal(subject.types(-3), [
      'ScheduledChangeDropped',
      'ScheduledChangeDropped',
      `Subscription${cause.slice(0, 1).toUpperCase()}${cause.slice(1)}`,
    ]);
    assert.equal(
      drops(subject).map(({ data }) => data.cause),
      [cause, cause],
    );
    assert.is(subject.header.seatsPurchased, 5);
  }
});

test('a cancellation that is undone in time leaves the order standing', () => {
  const subject = scheduled();
  subject.accept('cancel-at-term-end');
  subject.accept('undo-scheduled-cancel');
  subject.now = at('2027-05-20');
  subject.pay(pays('second', 1500, '2027-05-20'));
  subject.tick('2027-06-01');
  assert.equal(shown(subject), ['basic', 500, 3]);
});

test('paid late, the renewal still is what was ordered: the order stands while its payment is awaited', () => {
  const subject = scheduled();
  subject.tick('2027-06-10');
  assert.is(subject.header.status, 'expired');
  subject.pay(pays('second', 1500, '2027-06-10'));
  assert.equal([subject.header.status, subject.header.termEnd], ['active', at('2028-06-01')]);
  assert.equal(shown(subject), ['basic', 500, 3]);
});

test('when its instant comes and there is nothing to change any more, that is recorded', () => {
  const subject = Subject.active({ seats: 3 });
  subject.accept('remove-seats', { count: 2, when: 'renewal' });
  subject.accept('change-plan', { planId: 'enterprise', when: 'renewal' });
  subject.accept('remove-seats', { count: 2 });
  subject.accept('change-plan', { planId: 'enterprise' });
  subject.tick('2027-06-01');
  assert.equal(
    drops(subject).map(({ data }) => [data.change.kind, data.cause]),
    [
      ['plan', 'obsolete'],
      ['seats', 'obsolete'],
    ],
  );
});

test('what waits for the end of the term waits for its new one, where a pause or a longer trial moved it', () => {
  const paused = scheduled();
  paused.now = at('2026-07-01');
  paused.accept('pause');
  paused.tick('2026-07-11');
  paused.accept('resume', { hold: 'pause' });
  assert.equal([paused.view.scheduledSeats?.at, paused.view.scheduledPlan?.at], [at('2027-06-11'), at('2027-06-11')]);
  const trial = Subject.active({ trial: true, seats: 3 });
  trial.accept('remove-seats', { count: 1, when: 'renewal' });
  trial.tick('2026-06-20');
  trial.accept('extend-trial');
  assert.is(trial.view.scheduledSeats?.at, trial.header.termEnd);
});

test('a plan that the seats left at the renewal do not fit is refused', () => {
  const subject = subscription();
  subject.facts = { plan: { planId: 'small', apps: [], maxSeats: 3 } };
  assert.equal(subject.codes('change-plan', { planId: 'small', when: 'renewal' }), ['SEATS_EXCEED_OFFER_MAX']);
  subject.accept('remove-seats', { count: 2, when: 'renewal' });
  subject.accept('change-plan', { planId: 'small', when: 'renewal' });
});

test('a payment made in time but known late, in any order with others, leads to the same seats, plan and term', () => {
  const moments = fc.record({
    paidDays: fc.integer({ min: -40, max: 25 }),
    lateDays: fc.integer({ min: 0, max: 60 }),
    nextLateDays: fc.integer({ min: 0, max: 60 }),
    ticks: fc.array(fc.integer({ min: -50, max: 80 }), { maxLength: 4 }),
    minor: fc.constantFrom(1500, 1500, 1500, 6000, 100),
    action: fc.constantFrom('none', 'again', 'off', 'cancel', 'pause'),
    swap: fc.boolean(),
  });
  fc.assert(
    fc.property(moments, ({ paidDays, lateDays, nextLateDays, ticks, minor, action, swap }) => {
      const day = (days: number) => new Date(Date.parse(renewal) + days * 86_400_000).toISOString();
      const first = pays('second', minor, day(paidDays));
      const refund = fact('failed', day(paidDays - 1), { id: 'tried', amount: { minor, currency: 'EUR' } });
      const run = (steps: readonly (readonly [number, PaymentFact | null])[]): unknown => {
        const subject = scheduled();
        subject.now = at('2026-09-01');
        if (action === 'again') subject.accept('remove-seats', { count: 3, when: 'renewal' });
        if (action === 'off') subject.accept('set-recurring-billing', { on: false });
        if (action === 'cancel') subject.accept('cancel-at-term-end');
        if (action === 'pause') subject.accept('pause', { until: at('2026-09-11') });
        for (const [days, payment] of [...steps].sort(([a], [b]) => a - b)) {
          if (day(days) > subject.now) subject.now = day(days);
          if (payment) subject.pay(payment);
          else subject.tickWithoutDeleting();
        }
        subject.now = day(90);
        subject.tickWithoutDeleting();
        const { revision: _, statusEventId: __, ...header } = subject.header;
        return header;
      };
      const known = run([
        [paidDays - 1, refund],
        [paidDays, first],
      ]);
      const timers = ticks.map((days) => [days, null] as const);
      const late = run([
        [paidDays + (swap ? lateDays : nextLateDays), refund],
        [paidDays + (swap ? nextLateDays : lateDays), first],
        ...timers,
      ]);
      assert.equal(late, known);
    }),
    { numRuns: 200 },
  );
});

test.run();
