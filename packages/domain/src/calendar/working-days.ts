import { Temporal } from 'temporal-polyfill';
import type { Instant } from '../instant.ts';
import { addDuration } from './add-duration.ts';
import { CalendarError } from './calendar-error.ts';

/** Longest stretch of working days that may be asked for: 40 years. */
const workingDayCountMax = 10_000;

/**
 * The same wall clock that many working days later: Monday to Friday in the zone, no public holidays
 * (`contract.md`, paymentMethod: wire). From a Saturday or Sunday, the first working day is Monday.
 */
export function addWorkingDays(at: Instant, days: number, zone: string): Instant {
  if (!Number.isInteger(days) || days < 0 || days > workingDayCountMax) {
    throw new CalendarError(
      'OUT_OF_RANGE',
      `working days must be a whole number from 0 to ${workingDayCountMax}, not ${days}`,
    );
  }
  // Validates instant and zone before the weekday is asked for.
  const start = addDuration(at, 'P0D', zone);
  if (days === 0) return start;
  const weekday = Temporal.Instant.from(start).toZonedDateTimeISO(zone).dayOfWeek;
  return addDuration(start, `P${calendarDays(weekday, days)}D`, zone);
}

/** Calendar days that contain the working days, counted from a weekday (1 = Monday). */
export function calendarDays(weekday: number, workingDays: number): number {
  // From a weekend, count as if from the Friday before it.
  const weekendDays = Math.max(0, weekday - 5);
  const sinceMonday = weekday - weekendDays - 1;
  const weeks = Math.floor((sinceMonday + workingDays) / 5);
  return workingDays + weeks * 2 - weekendDays;
}

/** The first instant after the month `YYYY-MM` in the zone: until then a card that expires in it is valid. */
export function endOfMonth(yearMonth: string, zone: string): Instant {
  const [year, month] = yearMonth.split('-').map(Number);
  if (year === undefined || month === undefined || !(month >= 1 && month <= 12)) {
    throw new CalendarError('INVALID_INSTANT', `"${yearMonth}" is not a month; write YYYY-MM`);
  }
  // Validates the zone with the same error as everything else here.
  addDuration('2000-01-01T00:00:00.000Z', 'P0D', zone);
  const start = Temporal.PlainDate.from({ year, month, day: 1 }).add({ months: 1 }).toZonedDateTime(zone);
  return new Date(start.epochMilliseconds).toISOString();
}
