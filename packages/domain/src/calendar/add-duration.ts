import { Temporal } from 'temporal-polyfill';
import type { Instant } from '../instant.ts';
import { CalendarError } from './calendar-error.ts';
import { parseDuration, type Duration } from './duration.ts';
import { isZone } from './zone.ts';

/**
 * Adds an ISO 8601 duration as the calendar of the zone has it (`domain.md 6.6`, time rules): years, months and days move
 * the wall clock and clamp to the month's last day, hours are exact. A wall clock that does not exist becomes the later
 * instant, one that exists twice the first.
 *
 * @throws CalendarError for a bad duration, zone or instant, and for a result outside the years 0000 to 9999
 * @example addDuration('2027-03-10T08:00:00.000Z', 'P30D', 'Europe/Amsterdam') // 2027-04-09T07:00:00.000Z
 */
export function addDuration(at: Instant, isoDuration: string, zone: string): Instant {
  if (at === last?.at && isoDuration === last.isoDuration && zone === last.zone) return last.result;
  const result = addParts(at, parseDuration(isoDuration), zone);
  last = { at, isoDuration, zone, result };
  return result;
}

/** The guards of one decision ask the same thing one after the other. */
let last: { at: Instant; isoDuration: string; zone: string; result: Instant } | undefined;

/** {@link addDuration} for a duration already read. */
export function addParts(at: Instant, duration: Duration, zone: string): Instant {
  const epochMs = Date.parse(at);
  if (Number.isNaN(epochMs))
    throw new CalendarError('INVALID_INSTANT', `"${at}" is not an instant; use 2027-06-01T00:00:00.000Z`);
  if (!isZone(zone))
    throw new CalendarError('UNKNOWN_ZONE', `"${zone}" is not a time zone; use an IANA name such as Europe/Amsterdam`);
  return instantOf(isUtc(zone) ? addInUtc(epochMs, duration) : addInZone(epochMs, duration, zone));
}

/** Every zone whose clock is UTC by definition, so that plain arithmetic holds. */
function isUtc(zone: string): boolean {
  return zone === 'UTC' || zone === 'Etc/UTC';
}

/** The way of the default zone, some twenty times faster; a property test holds it equal to {@link addInZone}. */
export function addInUtc(epochMs: number, duration: Duration): number {
  const start = new Date(epochMs);
  const year = start.getUTCFullYear() + duration.years;
  const month = start.getUTCMonth() + duration.months;
  const moved = new Date(epochMs);
  moved.setUTCFullYear(year, month, 1);
  moved.setUTCDate(Math.min(start.getUTCDate(), lastDayOfMonth(moved)));
  moved.setUTCDate(moved.getUTCDate() + duration.weeks * 7 + duration.days);
  return moved.getTime() + exactMs(duration);
}

/** The general way, with Temporal. */
export function addInZone(epochMs: number, duration: Duration, zone: string): number {
  try {
    return Temporal.Instant.fromEpochMilliseconds(epochMs).toZonedDateTimeISO(zone).add(duration).epochMilliseconds;
  } catch (error) {
    if (error instanceof RangeError) return Number.NaN;
    throw error;
  }
}

function lastDayOfMonth(date: Date): number {
  const end = new Date(date);
  end.setUTCMonth(end.getUTCMonth() + 1, 0);
  return end.getUTCDate();
}

function exactMs(duration: Duration): number {
  return ((duration.hours * 60 + duration.minutes) * 60 + duration.seconds) * 1000;
}

/** Instants compare as text only while the year has four digits. */
function instantOf(epochMs: number): Instant {
  const date = new Date(epochMs);
  const text = Number.isNaN(date.getTime()) ? '' : date.toISOString();
  if (text.length !== 24)
    throw new CalendarError('OUT_OF_RANGE', 'the result lies outside the years 0000 to 9999; use a shorter duration');
  return text;
}
