import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import * as fc from 'fast-check';
import { addDuration, addInUtc, addInZone } from './add-duration.ts';
import { CalendarError } from './calendar-error.ts';
import { isZone, tzdataVersion } from './zone.ts';

const test = suite('addDuration');
const amsterdam = 'Europe/Amsterdam';

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof CalendarError) return error.code;
    throw error;
  }
  return 'nothing thrown';
}

test('thirty days are calendar days in the zone, across the change to summer time (scenario 29)', () => {
  assert.is(addDuration('2027-03-10T08:00:00.000Z', 'P30D', amsterdam), '2027-04-09T07:00:00.000Z');
});

test('hours are exact time, across the change to summer time', () => {
  assert.is(addDuration('2027-03-27T12:00:00.000Z', 'PT23H', amsterdam), '2027-03-28T11:00:00.000Z');
  assert.is(addDuration('2027-03-27T12:00:00.000Z', 'PT24H', amsterdam), '2027-03-28T12:00:00.000Z');
  assert.is(addDuration('2027-03-27T12:00:00.000Z', 'P1D', amsterdam), '2027-03-28T11:00:00.000Z');
});

test('a wall clock in the gap becomes the later instant, one that exists twice the first', () => {
  assert.is(addDuration('2027-03-27T01:30:00.000Z', 'P1D', amsterdam), '2027-03-28T01:30:00.000Z');
  assert.is(addDuration('2027-10-30T00:30:00.000Z', 'P1D', amsterdam), '2027-10-31T00:30:00.000Z');
});

test('leap days are clamped and found again', () => {
  assert.is(addDuration('2028-02-29T12:00:00.000Z', 'P1Y', 'UTC'), '2029-02-28T12:00:00.000Z');
  assert.is(addDuration('2028-02-29T12:00:00.000Z', 'P4Y', 'UTC'), '2032-02-29T12:00:00.000Z');
  assert.is(addDuration('2027-12-31T00:00:00.000Z', 'P2M', 'UTC'), '2028-02-29T00:00:00.000Z');
});

test('windows before a deadline are negative durations', () => {
  assert.is(addDuration('2027-03-31T08:00:00.000Z', '-P15D', amsterdam), '2027-03-16T09:00:00.000Z');
  assert.is(addDuration('2027-03-31T08:00:00.000Z', '-P1M', 'UTC'), '2027-02-28T08:00:00.000Z');
});

test('a bad duration, zone or instant and a result that cannot be stored are refused by code', () => {
  assert.is(
    codeOf(() => addDuration('2027-01-01T00:00:00.000Z', 'P', 'UTC')),
    'INVALID_DURATION',
  );
  assert.is(
    codeOf(() => addDuration('2027-01-01T00:00:00.000Z', 'P1DT', 'UTC')),
    'INVALID_DURATION',
  );
  assert.is(
    codeOf(() => addDuration('2027-01-01T00:00:00.000Z', 'P1.5D', 'UTC')),
    'INVALID_DURATION',
  );
  assert.is(
    codeOf(() => addDuration('2027-01-01T00:00:00.000Z', 'P99999999D', 'UTC')),
    'INVALID_DURATION',
  );
  assert.is(
    codeOf(() => addDuration('2027-01-01T00:00:00.000Z', 'P1D', 'Mars/Olympus')),
    'UNKNOWN_ZONE',
  );
  assert.is(
    codeOf(() => addDuration('today', 'P1D', 'UTC')),
    'INVALID_INSTANT',
  );
  assert.is(
    codeOf(() => addDuration('2027-01-01T00:00:00.000Z', 'P9000Y', 'UTC')),
    'OUT_OF_RANGE',
  );
  assert.is(
    codeOf(() => addDuration('2027-01-01T00:00:00.000Z', 'P1000000Y', amsterdam)),
    'OUT_OF_RANGE',
  );
});

test('zones are IANA names, not offsets', () => {
  assert.ok(isZone('UTC') && isZone(amsterdam) && isZone('America/Argentina/Buenos_Aires'));
  assert.not.ok(isZone('+01:00') || isZone('') || isZone('Europe/Atlantis') || isZone('[u-ca=iso8601]'));
  assert.match(tzdataVersion, /^\d{4}[a-z]/);
});

test('plain arithmetic in UTC equals Temporal for every duration', () => {
  const part = (max: number): fc.Arbitrary<number> => fc.integer({ min: 0, max });
  const duration = fc.record({
    years: part(30),
    months: part(60),
    weeks: part(20),
    days: part(800),
    hours: part(1000),
    minutes: part(90),
    seconds: part(90),
  });
  const start = fc.date({ min: new Date('1970-01-01'), max: new Date('2120-01-01'), noInvalidDate: true });
  const monthEnd = fc
    .tuple(fc.integer({ min: 1990, max: 2100 }), fc.integer({ min: 1, max: 12 }))
    .map(([year, month]) => new Date(Date.UTC(year, month, 0, 10, 30)));
  fc.assert(
    fc.property(fc.oneof(start, monthEnd), duration, fc.constantFrom(1, -1), (from, parts, sign) => {
      const scale = (value: number): number => value * sign || 0;
      const signed = {
        years: scale(parts.years),
        months: scale(parts.months),
        weeks: scale(parts.weeks),
        days: scale(parts.days),
        hours: scale(parts.hours),
        minutes: scale(parts.minutes),
        seconds: scale(parts.seconds),
      };
      assert.is(addInUtc(from.getTime(), signed), addInZone(from.getTime(), signed, 'UTC'));
    }),
    { numRuns: 500 },
  );
});

test.run();
