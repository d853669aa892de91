import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { nextDeadline, subscriptionView, type Instant } from '@perennial/domain';
import { Life, card, payment, shifted } from './life.ts';

const test = suite('time: a term is [start, end), and equality belongs to what comes after');
const start = '2026-06-01T00:00:00.000Z';
const end = '2027-06-01T00:00:00.000Z';

/** One way to every automatic transition, and the states before and after it. */
const ways: Readonly<Record<string, readonly [before: string, after: string, life: () => Life]>> = {
  start: ['pending', 'active', () => new Life({ startsAt: '2026-07-01T00:00:00.000Z' }, start)],
  'first-payment': ['pending', 'deleted', () => new Life({}, start)],
  'term-end': ['active', 'expired', () => Life.active({}, start)],
  'grace-end': ['expired', 'disabled', () => at(Life.active({}, start), end)],
  'retention-end': ['disabled', 'deleted', () => at(Life.active({}, start), '2027-07-01T00:00:00.000Z')],
  'dunning-end': ['active', 'disabled', inArrears],
  cancel: ['active', 'cancelled', cancelledAhead],
  'reactivation-confirm': ['reactivated', 'expired', reactivated],
};

for (const [kind, [before, after, life]] of Object.entries(ways)) {
  test(`${kind}: one millisecond before it ${before}, at it ${after}, with and without a timer`, () => {
    const subject = life();
    const deadline = nextDeadline(subject.header);
    if (deadline === null) throw new Error(`nothing lies ahead of a ${before} subscription`);
    assert.is(deadline.kind, kind);
    const early = shifted(deadline.at, -1);
    assert.is(subject.asOf(early)?.status, before);
    assert.is(subject.asOf(deadline.at)?.status, after);
    assert.is(subscriptionView(subject.header, early).status, before);
    assert.is(subscriptionView(subject.header, deadline.at).status, after);
    assert.is(subject.tick(early).kind, 'nothing');
    assert.is(subject.tick(deadline.at).kind, 'accepted');
    assert.equal([subject.header.status, subject.events.at(-1)?.effectiveAt], [after, deadline.at]);
  });
}

test('a payment made at the very end is on time, one millisecond later it is late, whenever it is delivered', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 29 * 24 }), (hours) => {
      const delivered = shifted(end, hours * 3_600_000);
      const onTime = at(Life.active({}, start), delivered);
      onTime.pay(payment(end));
      assert.ok(onTime.events.some(({ type }) => type === 'ExpiryReversed'));
      assert.equal([onTime.header.status, onTime.header.termStart], ['active', end]);
      assert.is(onTime.asOf(end)?.status, 'active');
      const late = at(Life.active({}, start), delivered);
      late.pay(payment(shifted(end, 1)));
      assert.not.ok(late.events.some(({ type }) => type === 'ExpiryReversed'));
      assert.ok(late.events.some(({ type }) => type === 'SubscriptionReactivated'));
      assert.equal([late.asOf(end)?.status, late.asOf(shifted(end, 1))?.status], ['expired', 'active']);
    }),
    { numRuns: 20 },
  );
});

test('the first payment window is open until, not at, its end', () => {
  const window = 23 * 3_600_000;
  const inside = Life.active({}, start);
  inside.pay(payment(shifted(start, window - 1)));
  assert.equal([inside.header.termPaid, inside.header.termStart], [true, start]);
  const outside = Life.active({}, start);
  outside.pay(payment(shifted(start, window)));
  assert.is(outside.header.termStart, end, 'it pays the next term');
});

test('a command at the end of the term finds it over, one millisecond earlier it does not', () => {
  const early = Life.active({}, start);
  early.now = shifted(end, -1);
  assert.is(early.command('cancel-now').kind, 'accepted');
  assert.is(early.header.status, 'cancelled');
  const late = Life.active({}, start);
  late.now = end;
  const refused = late.command('cancel-now');
  assert.equal(refused.kind === 'refused' && refused.reasonCodes, ['ALREADY_EXPIRED']);
});

test('a reactivation in the last millisecond of a cancelled term keeps it, at its end it is a new one', () => {
  const resumed = (now: Instant): string | undefined => {
    const life = Life.active({ price: { minor: 100, currency: 'EUR' } }, start);
    life.now = '2027-05-01T00:00:00.000Z';
    life.command('cancel-now');
    life.now = now;
    life.command('reactivate', { paymentMethod: card });
    const event = life.events.find(({ type }) => type === 'SubscriptionReactivated');
    return event?.type === 'SubscriptionReactivated' ? event.data.resumeKind : undefined;
  };
  assert.equal([resumed(shifted(end, -1)), resumed(end)], ['in_term', 'new_term']);
});

test('terms that follow each other share an instant, and it belongs to the later one', () => {
  const life = Life.active({ term: 'P1M' }, start);
  for (let count = 0; count < 6; count += 1) life.pay(payment(shifted(life.header.termEnd ?? '', -1)));
  for (const { type, data } of life.events) {
    if (type !== 'SubscriptionRenewed' || !('termStart' in data)) continue;
    assert.is(subscriptionView(life.asOf(data.termStart) ?? life.header, data.termStart).termStart, data.termStart);
    const before = shifted(data.termStart, -1);
    const shown = subscriptionView(life.asOf(before) ?? life.header, before);
    assert.ok((shown.termStart ?? '') < data.termStart);
  }
});

function at(life: Life, now: Instant): Life {
  life.tick(now);
  return life;
}

function inArrears(): Life {
  const life = Life.active({}, start);
  const servicePeriod = { start, end };
  life.pay(payment(shifted(start, 3_600_000), { kind: 'failed', servicePeriod }));
  return life;
}

function cancelledAhead(): Life {
  const life = Life.active({}, start);
  life.command('cancel-at-term-end');
  life.pay(payment('2027-05-01T00:00:00.000Z'));
  return life;
}

function reactivated(): Life {
  const life = at(Life.active({}, start), '2027-06-10T00:00:00.000Z');
  life.command('reactivate', { paymentMethod: card });
  return life;
}

test.run();
