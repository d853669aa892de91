import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { addDuration, subscriptionView, type Instant } from '@perennial/domain';
import { Life, payment, shifted, type CreateBody } from './life.ts';
import { daysLater, monthsLater, wallClock } from './wall-clock.ts';

const test = suite('time: zones, month ends, leap days, clock changes');
const amsterdam = 'Europe/Amsterdam';

/** Renews so often, each time in the last millisecond of the term; the starts of the new terms. */
function renewals(body: CreateBody, start: Instant, count: number): Instant[] {
  const life = Life.active(body, start);
  return Array.from({ length: count }, () => {
    const end = life.header.termEnd ?? '';
    life.pay(payment(shifted(end, -1)));
    const event = life.events.at(-1);
    assert.is(event?.type, 'SubscriptionRenewed');
    assert.is(event?.effectiveAt, end);
    return life.header.termStart ?? '';
  });
}

test('27: a month-end start in Amsterdam is kept through four renewals', () => {
  assert.equal(renewals({ term: 'P1M', zone: amsterdam }, '2027-01-31T09:30:00.000Z', 4), [
    '2027-02-28T09:30:00.000Z',
    '2027-03-31T08:30:00.000Z',
    '2027-04-30T08:30:00.000Z',
    '2027-05-31T08:30:00.000Z',
  ]);
});

test('29: half past two in the gap is half past three, the month after it is half past two again', () => {
  const starts = renewals({ term: 'P1M', zone: amsterdam }, '2027-01-28T01:30:00.000Z', 3);
  assert.equal(starts, ['2027-02-28T01:30:00.000Z', '2027-03-28T01:30:00.000Z', '2027-04-28T00:30:00.000Z']);
  assert.equal(
    starts.map((start) => new Date(wallClock(Date.parse(start), amsterdam)).toISOString().slice(0, 16)),
    ['2027-02-28T02:30', '2027-03-28T03:30', '2027-04-28T02:30'],
  );
});

test('29: half past two in the overlap is the first of the two', () => {
  const starts = renewals({ term: 'P1M', zone: amsterdam }, '2027-01-31T01:30:00.000Z', 10);
  assert.equal(starts.slice(8), ['2027-10-31T00:30:00.000Z', '2027-11-30T01:30:00.000Z']);
});

test('29: thirty days of grace are calendar days, not hours', () => {
  const life = Life.active({ term: 'P1M', zone: amsterdam }, '2027-02-10T08:00:00.000Z');
  life.tick('2027-03-10T08:00:00.000Z');
  assert.is(life.header.stateEndsAt, '2027-04-09T07:00:00.000Z');
  assert.is(life.tick('2027-04-09T06:59:59.999Z').kind, 'nothing');
  life.tick('2027-04-09T07:00:00.000Z');
  assert.equal(life.last(1), ['SubscriptionDisabled 2027-04-09T07:00:00.000Z']);
});

test('the first term begins at the very instant of activation, also in the second half of an overlap', () => {
  const life = Life.active({ term: 'P1M', zone: amsterdam }, '2027-10-31T01:30:00.000Z');
  assert.equal([life.header.termStart, life.header.termEnd], ['2027-10-31T01:30:00.000Z', '2027-11-30T01:30:00.000Z']);
});

test('a year from a leap day ends on the 28th, and every fourth year on the 29th again', () => {
  assert.equal(renewals({ term: 'P1Y' }, '2028-02-29T12:00:00.000Z', 4), [
    '2029-02-28T12:00:00.000Z',
    '2030-02-28T12:00:00.000Z',
    '2031-02-28T12:00:00.000Z',
    '2032-02-29T12:00:00.000Z',
  ]);
  assert.equal(renewals({ term: 'P3Y' }, '2028-02-29T12:00:00.000Z', 4), [
    '2031-02-28T12:00:00.000Z',
    '2034-02-28T12:00:00.000Z',
    '2037-02-28T12:00:00.000Z',
    '2040-02-29T12:00:00.000Z',
  ]);
});

test('the 29th, 30th and 31st end in February on its last day, whichever that is', () => {
  for (const [day, common, leap] of [
    ['29', '2027-02-28', '2028-02-29'],
    ['30', '2027-02-28', '2028-02-29'],
    ['31', '2027-02-28', '2028-02-29'],
  ] as const) {
    assert.is(renewals({ term: 'P1M' }, `2027-01-${day}T00:00:00.000Z`, 1)[0], `${common}T00:00:00.000Z`);
    assert.equal(renewals({ term: 'P1M' }, `2028-01-${day}T00:00:00.000Z`, 2), [
      `${leap}T00:00:00.000Z`,
      `2028-03-${day}T00:00:00.000Z`,
    ]);
  }
});

test('a day that a zone never had becomes the next one', () => {
  // Samoa went from 29 to 31 December 2011.
  assert.equal(renewals({ term: 'P1M', zone: 'Pacific/Apia' }, '2011-10-30T20:00:00.000Z', 3), [
    '2011-11-30T20:00:00.000Z',
    '2011-12-30T20:00:00.000Z',
    '2012-01-29T20:00:00.000Z',
  ]);
});

test('a renewal never starts the anchor anew: a lapse and a reactivation do', () => {
  const life = Life.active({ term: 'P1M', zone: amsterdam }, '2027-01-31T09:30:00.000Z');
  life.tick('2027-05-05T12:00:00.000Z');
  life.pay(payment('2027-05-05T12:00:00.000Z'));
  assert.equal([life.header.status, life.header.anchor], ['active', '2027-05-05T12:00:00.000Z']);
  assert.is(life.header.termEnd, '2027-06-05T12:00:00.000Z');
});

const zones = [
  'UTC',
  amsterdam,
  'America/New_York',
  'America/St_Johns',
  'America/Sao_Paulo',
  'Australia/Lord_Howe',
  'Asia/Kathmandu',
  'Africa/Casablanca',
  'Antarctica/Troll',
  'Pacific/Apia',
] as const;

const anchors = fc.oneof(
  fc.date({ min: new Date('2010-01-01'), max: new Date('2036-01-01'), noInvalidDate: true }),
  // Month ends and the nights in which clocks change are what matters.
  fc
    .tuple(fc.integer({ min: 2010, max: 2035 }), fc.integer({ min: 0, max: 11 }), fc.integer({ min: 0, max: 96 }))
    .map(([year, month, quarters]) => new Date(Date.UTC(year, month + 1, 0) + quarters * 900_000)),
);

test('every renewal, whatever the anchor, the zone and the term, is where a search through the calendar finds it', () => {
  fc.assert(
    fc.property(
      anchors,
      fc.constantFrom(...zones),
      fc.constantFrom('P1M', 'P1M', 'P1Y', 'P3Y'),
      fc.integer({ min: 1, max: 14 }),
      (anchor, zone, term, count) => {
        const start = anchor.toISOString();
        const months = { P1M: 1, P1Y: 12, P3Y: 36 }[term];
        const expected = Array.from({ length: count }, (_, index) => monthsLater(start, (index + 1) * months, zone));
        assert.equal(renewals({ term, zone }, start, count), expected);
      },
    ),
    { numRuns: 40 },
  );
});

test('every grace and retention, whatever the zone, ends at the same wall clock', () => {
  fc.assert(
    fc.property(anchors, fc.constantFrom(...zones), (anchor, zone) => {
      const life = Life.active({ term: 'P1M', zone }, anchor.toISOString());
      const end = life.header.termEnd ?? '';
      life.tick(shifted(end, 400 * 86_400_000));
      const [expired, disabled, deleted] = life.events.slice(-3).map(({ effectiveAt }) => effectiveAt);
      assert.is(expired, end);
      assert.is(disabled, daysLater(end, 30, zone));
      assert.is(deleted, daysLater(disabled ?? '', 90, zone));
    }),
    { numRuns: 40 },
  );
});

test('windows in hours are exact time, across the change of the clock', () => {
  const start = '2027-03-27T12:00:00.000Z';
  const life = new Life({ zone: amsterdam }, start);
  assert.is(life.header.firstPaymentBy, '2027-03-28T11:00:00.000Z');
  assert.is(addDuration(start, 'P1D', amsterdam), '2027-03-28T11:00:00.000Z', 'a day is as long here as 23 hours');
});

test('the view shows the term of the zone, whatever the zone of whoever looks', () => {
  const life = Life.active({ term: 'P1M', zone: amsterdam }, '2027-02-28T01:30:00.000Z');
  const view = subscriptionView(life.header, '2027-03-01T00:00:00.000Z');
  assert.equal([view.termEnd, view.zone], ['2027-03-28T01:30:00.000Z', amsterdam]);
});

test.run();
