import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import * as fc from 'fast-check';
import { addDuration } from '../calendar/index.ts';
import { keyEnd } from './extension.ts';

const test = suite('how long a key lasts');
const start = '2027-01-01T00:00:00.000Z';
const utc = (seats: number) => ({ seats, zone: 'UTC' });

test('for as many seats as there are it lasts its term', () => {
  for (const term of ['P1M', 'P1Y', 'P3Y'] as const) {
    assert.is(keyEnd(start, { seats: 25, term }, utc(25)), addDuration(start, term, 'UTC'));
  }
});

test('for half the seats it lasts half its term, for twice as many twice', () => {
  assert.is(keyEnd(start, { seats: 100, term: 'P1Y' }, utc(200)), '2027-07-01T00:00:00.000Z');
  assert.is(keyEnd(start, { seats: 200, term: 'P1Y' }, utc(100)), '2029-01-01T00:00:00.000Z');
});

test('what is no whole month is that part of the month after', () => {
  // 12 × 100 / 250 = 4.8 months: to 1 May, and 0.8 of its 31 days.
  assert.is(keyEnd(start, { seats: 100, term: 'P1Y' }, utc(250)), '2027-05-25T19:12:00.000Z');
});

test('months are those of the zone, and a month end is kept', () => {
  assert.is(
    keyEnd('2027-01-31T09:30:00.000Z', { seats: 1, term: 'P1M' }, { seats: 1, zone: 'Europe/Amsterdam' }),
    '2027-02-28T09:30:00.000Z',
  );
  assert.is(
    keyEnd('2027-03-15T09:30:00.000Z', { seats: 1, term: 'P1M' }, { seats: 1, zone: 'Europe/Amsterdam' }),
    '2027-04-15T08:30:00.000Z',
  );
});

test('more key never lasts shorter, more seats never longer, and every key adds time', () => {
  const seats = fc.integer({ min: 1, max: 1_000_000 });
  const terms = fc.constantFrom('P1M', 'P1Y', 'P3Y');
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 300 }), seats, terms, (keySeats, held, term) => {
      const end = keyEnd(start, { seats: keySeats, term }, utc(held));
      assert.ok(end > start);
      assert.ok(keyEnd(start, { seats: keySeats + 1, term }, utc(held)) >= end);
      assert.ok(keyEnd(start, { seats: keySeats, term }, utc(held + 1)) <= end);
    }),
  );
});

test.run();
