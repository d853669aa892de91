import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { addWorkingDays, calendarDays, endOfMonth } from './working-days.ts';

const test = suite('working days');

test('ten working days from a Wednesday are two weeks', () => {
  assert.is(addWorkingDays('2027-06-02T09:00:00.000Z', 10, 'UTC'), '2027-06-16T09:00:00.000Z');
});

test('the first working day after a Friday, Saturday or Sunday is Monday', () => {
  for (const day of ['04', '05', '06']) {
    assert.is(addWorkingDays(`2027-06-${day}T09:00:00.000Z`, 1, 'UTC'), '2027-06-07T09:00:00.000Z');
  }
});

test('the weekday is the one in the zone, not in UTC', () => {
  // Friday 23:30 in UTC is Saturday in Amsterdam.
  assert.is(addWorkingDays('2027-06-04T23:30:00.000Z', 5, 'UTC'), '2027-06-11T23:30:00.000Z');
  assert.is(addWorkingDays('2027-06-04T23:30:00.000Z', 5, 'Europe/Amsterdam'), '2027-06-10T23:30:00.000Z');
});

test('the wall clock stays, across the change to summer time', () => {
  assert.is(addWorkingDays('2027-03-26T08:00:00.000Z', 1, 'Europe/Amsterdam'), '2027-03-29T07:00:00.000Z');
});

test('the arithmetic equals counting day by day', () => {
  for (let weekday = 1; weekday <= 7; weekday += 1) {
    for (let days = 1; days <= 40; days += 1) assert.is(calendarDays(weekday, days), counted(weekday, days));
  }
});

test('a card is valid to the end of its month in the zone', () => {
  assert.is(endOfMonth('2027-12', 'UTC'), '2028-01-01T00:00:00.000Z');
  assert.is(endOfMonth('2027-06', 'Europe/Amsterdam'), '2027-06-30T22:00:00.000Z');
  assert.throws(() => endOfMonth('2027-13', 'UTC'), /not a month/);
});

function counted(weekday: number, workingDays: number): number {
  let passed = 0;
  let left = workingDays;
  while (left > 0) {
    passed += 1;
    if ((weekday - 1 + passed) % 7 < 5) left -= 1;
  }
  return passed;
}

test.run();
