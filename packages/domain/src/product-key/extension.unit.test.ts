import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import * as fc from 'fast-check';
import { addDuration } from '../calendar/index.ts';
import { enlargedEnd, keyEnd } from './extension.ts';

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

test('more seats: what is left of the key at the end of the term is shared by all', () => {
  // Month 10 of a year of 100 seats, 100 more for a year: five months more for 200.
  const term = { from: '2027-01-01T00:00:00.000Z', end: '2027-03-01T00:00:00.000Z' };
  const end = enlargedEnd(term, { seats: 100, term: 'P1Y' }, utc(100));
  assert.is(end, new Date((Date.parse(term.end) + Date.parse('2028-01-01T00:00:00.000Z')) / 2).toISOString());
});

test('more seats: a key that ends before the term, or about with it, leaves the end alone', () => {
  const end = '2027-02-01T00:00:00.000Z';
  assert.is(enlargedEnd({ from: start, end }, { seats: 5, term: 'P1M' }, utc(1)), null);
  assert.is(enlargedEnd({ from: '2027-01-01T23:59:59.999Z', end }, { seats: 5, term: 'P1M' }, utc(1)), null);
  assert.ok((enlargedEnd({ from: '2027-01-02T00:00:00.000Z', end }, { seats: 5, term: 'P1M' }, utc(1)) ?? '') > end);
  assert.is(enlargedEnd({ from: start, end: '2029-01-01T00:00:00.000Z' }, { seats: 5, term: 'P1Y' }, utc(1)), null);
});

test('more seats: no seat-time is lost and none is made, to the millisecond per seat', () => {
  const seats = fc.integer({ min: 1, max: 10_000 });
  const msLeft = fc.integer({ min: 1, max: 300 * 86_400_000 });
  fc.assert(
    fc.property(seats, seats, msLeft, (keySeats, held, left) => {
      const end = new Date(Date.parse(start) + left).toISOString();
      const after = enlargedEnd({ from: start, end }, { seats: keySeats, term: 'P1Y' }, utc(held)) ?? end;
      const had = held * left + keySeats * (Date.parse(addDuration(start, 'P1Y', 'UTC')) - Date.parse(start));
      const has = (held + keySeats) * (Date.parse(after) - Date.parse(start));
      assert.ok(has >= had && has < had + held + keySeats, `${has} for ${had}`);
    }),
  );
});

test.run();
