import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import * as fc from 'fast-check';
import { termFromAnchor, terms } from './term.ts';

const test = suite('termFromAnchor');
const amsterdam = 'Europe/Amsterdam';

test('a month-end anchor is kept and clamped in each month (scenario 27)', () => {
  const starts = [1, 2, 3, 4].map((index) => termFromAnchor('2027-01-31T09:30:00.000Z', 'P1M', index, amsterdam).start);
  assert.equal(starts, [
    '2027-02-28T09:30:00.000Z',
    '2027-03-31T08:30:00.000Z',
    '2027-04-30T08:30:00.000Z',
    '2027-05-31T08:30:00.000Z',
  ]);
});

test('a monthly anchor of half past two meets the gap and the overlap (scenario 29)', () => {
  const inGap = termFromAnchor('2027-01-28T01:30:00.000Z', 'P1M', 2, amsterdam);
  assert.is(inGap.start, '2027-03-28T01:30:00.000Z', 'the gap becomes 03:30+02');
  assert.is(inGap.end, '2027-04-28T00:30:00.000Z', 'the month after is 02:30+02 again');
  assert.is(termFromAnchor('2027-01-31T01:30:00.000Z', 'P1M', 9, amsterdam).start, '2027-10-31T00:30:00.000Z');
});

test('a leap day comes back every fourth year', () => {
  const starts = [0, 1, 4].map((index) => termFromAnchor('2028-02-29T00:00:00.000Z', 'P1Y', index, 'UTC').start);
  assert.equal(starts, ['2028-02-29T00:00:00.000Z', '2029-02-28T00:00:00.000Z', '2032-02-29T00:00:00.000Z']);
});

test('the first term starts at the anchor itself, also in the second half of an overlap', () => {
  assert.is(termFromAnchor('2027-10-31T01:30:00.000Z', 'P1M', 0, amsterdam).start, '2027-10-31T01:30:00.000Z');
});

test('terms follow each other without gap or overlap, whatever the anchor, the length and the zone', () => {
  const anchor = fc
    .date({ min: new Date('2020-01-01'), max: new Date('2040-01-01'), noInvalidDate: true })
    .map((date) => date.toISOString());
  const zone = fc.constantFrom('UTC', amsterdam, 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu');
  fc.assert(
    fc.property(anchor, fc.constantFrom(...terms), fc.integer({ min: 0, max: 40 }), zone, (at, term, index, where) => {
      const current = termFromAnchor(at, term, index, where);
      assert.ok(current.start < current.end);
      assert.is(current.end, termFromAnchor(at, term, index + 1, where).start);
      if (index === 0) assert.is(current.start, at);
    }),
    { numRuns: 300 },
  );
});

test.run();
