import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { allPolicies, nextDeadline, profileId, type Instant } from '@perennial/domain';
import { Life, card, payment, shifted, type CreateBody } from './life.ts';

const test = suite('time: several timers at once, and a sweeper that slept');
const start = '2026-06-01T00:00:00.000Z';
const end = '2027-06-01T00:00:00.000Z';
const day = 86_400_000;

test('a suspension without grace: expired and disabled at one instant, in that order', () => {
  const life = Life.active({ profile: 'marketplace-saas' }, start);
  life.tick(end);
  assert.equal(life.last(2), [`SubscriptionExpired ${end}`, `SubscriptionDisabled ${end}`]);
  assert.is(life.asOf(end)?.status, 'disabled');
  assert.is(life.asOf(shifted(end, -1))?.status, 'active');
});

test('the dunning clock and the term end together: the term ends, and the end of grace says nonpayment', () => {
  const life = Life.active({}, start);
  life.pay(payment('2027-05-02T00:00:00.000Z', { kind: 'failed', providerObjectId: 'renewal' }));
  assert.is(life.header.pastDue?.dunningEndsAt, end);
  life.tick(end);
  assert.equal(life.last(1), [`SubscriptionExpired ${end}`]);
  life.tick('2027-07-01T00:00:00.000Z');
  assert.equal([life.header.status, life.header.disabledReasons], ['disabled', ['nonpayment']]);
});

test('a cancellation dated to the end of the term is its expiry', () => {
  const life = Life.active({}, start);
  life.command('cancel-at-term-end');
  life.tick(end);
  assert.equal(life.last(1), [`SubscriptionExpired ${end}`]);
});

test('a payment at the instant of the end comes before the end, whichever is known first', () => {
  const first = Life.active({}, start);
  first.pay(payment(end));
  first.tick(end);
  assert.equal(first.last(1), [`SubscriptionRenewed ${end}`]);
  const second = Life.active({}, start);
  second.tick(end);
  second.pay(payment(end));
  assert.equal([second.header.status, second.header.termStart], ['active', end]);
  assert.equal([second.header.termEnd, second.header.termIndex], [first.header.termEnd, first.header.termIndex]);
});

test('the last day of a reactivation that is also the last of its term: it fails once', () => {
  const life = Life.active({ term: 'P1M' }, '2027-03-01T00:00:00.000Z');
  // Extended from 1 April to 1 May, with a Boleto to be paid within thirty days.
  life.tick('2027-04-01T00:00:00.000Z');
  life.command('reactivate', { paymentMethod: { ...card, kind: 'boleto' } });
  assert.equal(
    [life.header.reactivation?.confirmBy, life.header.reactivation?.newTermEnd],
    ['2027-05-01T00:00:00.000Z', '2027-05-01T00:00:00.000Z'],
  );
  life.tick('2027-05-01T00:00:00.000Z');
  assert.is(life.events.filter(({ type }) => type === 'ReactivationFailed').length, 1);
  assert.is(life.header.status, 'expired');
});

test('a command after a long sleep writes all that was due before it, each at its instant', () => {
  const life = Life.active({}, start);
  life.now = '2027-08-01T00:00:00.000Z';
  assert.is(life.command('add-payment-method', { paymentMethod: card }).kind, 'accepted');
  assert.equal(life.last(3), [
    `SubscriptionExpired ${end}`,
    'SubscriptionDisabled 2027-07-01T00:00:00.000Z',
    'PaymentMethodChanged 2027-08-01T00:00:00.000Z',
  ]);
  assert.is(life.events.at(-3)?.recordedAt, '2027-08-01T00:00:00.000Z');
});

test('a payment in time after a long sleep finds no gap', () => {
  const life = Life.active({}, start);
  life.now = '2027-08-20T00:00:00.000Z';
  life.pay(payment('2027-05-31T23:59:30.000Z'));
  assert.equal(life.last(1), [`SubscriptionRenewed ${end}`]);
  assert.not.ok(life.events.some(({ type }) => type === 'SubscriptionExpired'));
});

/** What happens before everything is left to timers. */
const beginnings: readonly ((life: Life) => void)[] = [
  () => {},
  (life) => life.command('activate'),
  (life) => {
    life.command('activate');
    life.command('cancel-at-term-end');
  },
  (life) => {
    life.command('activate');
    life.command('set-recurring-billing', { on: false });
  },
  (life) => {
    life.command('activate');
    life.pay(payment(shifted(life.now, 3_600_000), { kind: 'failed' }));
  },
  (life) => {
    life.command('activate');
    life.pay(payment(shifted(life.now, 3_600_000)));
    life.pay(payment(shifted(life.now, 20 * day)));
  },
  (life) => {
    life.command('activate');
    life.now = shifted(life.now, 10 * day);
    life.command('disable', { reason: 'admin' });
  },
  (life) => {
    life.command('activate');
    life.now = shifted(life.now, 3 * day);
    life.command('cancel-now');
    life.now = shifted(life.now, 30 * day);
    life.command('reactivate', { paymentMethod: card });
  },
];

const cases = fc.record({
  body: fc.record({
    profile: fc.constantFrom(...allPolicies().map(profileId)),
    zone: fc.constantFrom('UTC', 'Europe/Amsterdam', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu'),
    term: fc.constantFrom('P1M', 'P1Y'),
    trial: fc.boolean(),
    recurringBilling: fc.boolean(),
  }),
  begins: fc
    .date({ min: new Date('2026-01-01'), max: new Date('2028-12-31'), noInvalidDate: true })
    .map((date) => date.toISOString()),
  beginning: fc.constantFrom(...beginnings),
  sweeps: fc.array(fc.integer({ min: 0, max: 900 * 24 }), { maxLength: 12 }),
});

function begun(body: CreateBody, begins: Instant, beginning: (life: Life) => void): Life {
  const life = new Life(body, begins);
  beginning(life);
  return life;
}

test('a sweeper that slept for months or years writes what one that ran at every deadline wrote', () => {
  fc.assert(
    fc.property(cases, ({ body, begins, beginning, sweeps }) => {
      const punctual = begun(body, begins, beginning);
      for (let count = 0; count < 20; count += 1) {
        const next = nextDeadline(punctual.header);
        if (next !== null) punctual.tick(next.at);
      }
      assert.is(nextDeadline(punctual.header), null, 'whatever nobody pays for ends');

      const asleep = begun(body, begins, beginning);
      asleep.tick('2040-01-01T00:00:00.000Z');
      assert.equal(asleep.history, punctual.history);

      const irregular = begun(body, begins, beginning);
      const { now } = irregular;
      for (const hours of sweeps.toSorted((a, b) => a - b)) irregular.tick(shifted(now, hours * 3_600_000));
      irregular.tick('2040-01-01T00:00:00.000Z');
      assert.equal(irregular.history, punctual.history);
    }),
    { numRuns: 60 },
  );
});

test('what was the case at an instant does not depend on when the timers ran', () => {
  fc.assert(
    fc.property(cases, fc.integer({ min: 0, max: 900 * 24 }), ({ body, begins, beginning, sweeps }, hours) => {
      const swept = begun(body, begins, beginning);
      const asleep = begun(body, begins, beginning);
      const instant = shifted(swept.now, hours * 3_600_000);
      for (const each of sweeps.toSorted((a, b) => a - b)) swept.tick(shifted(asleep.now, each * 3_600_000));
      const [known, unknown] = [swept.asOf(instant), asleep.asOf(instant)];
      const said = (header: typeof known): unknown =>
        header && [header.status, header.statusSince, header.stateEndsAt, header.termEnd, header.disabledReasons];
      assert.equal(said(known), said(unknown));
    }),
    { numRuns: 60 },
  );
});

test('everything is written in the order of its instants, and never before it was due', () => {
  fc.assert(
    fc.property(cases, ({ body, begins, beginning, sweeps }) => {
      const life = begun(body, begins, beginning);
      const from = life.events.length;
      const { now } = life;
      for (const hours of sweeps.toSorted((a, b) => a - b)) life.tick(shifted(now, hours * 3_600_000));
      const fired = life.events.slice(from);
      for (const [index, event] of fired.entries()) {
        assert.ok(event.effectiveAt <= event.recordedAt);
        assert.ok(event.effectiveAt >= (fired[index - 1]?.effectiveAt ?? begins));
      }
    }),
    { numRuns: 60 },
  );
});

test.run();
