/**
 * Calendar arithmetic by search, to compare the real one with: which instants show this wall clock in the zone? It uses the
 * runtime's formatting only, none of the arithmetic under test.
 *
 * @module
 */
import type { Instant } from '@perennial/domain';

const minute = 60_000;
const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known) return known;
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  formats.set(zone, format);
  return format;
}

/** What the clock on the wall shows, written as if it were UTC, in milliseconds. */
export function wallClock(epochMs: number, zone: string): number {
  const parts = new Map(
    formatOf(zone)
      .formatToParts(epochMs)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? Number.NaN;
  const seconds = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
  return seconds + (((epochMs % 1000) + 1000) % 1000);
}

/** That many calendar months later, clamped to the month's last day; a gap is left by its later end, of two take the first. */
export function monthsLater(at: Instant, months: number, zone: string): Instant {
  if (months === 0) return at;
  const from = new Date(wallClock(Date.parse(at), zone));
  const year = from.getUTCFullYear();
  const month = from.getUTCMonth() + months;
  const lastDay = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  const day = Math.min(from.getUTCDate(), lastDay);
  const timeOfDay = from.getTime() - Date.UTC(year, from.getUTCMonth(), from.getUTCDate());
  return firstShowing(Date.UTC(year, month, day) + timeOfDay, zone);
}

/** That many calendar days later, by the same wall clock. */
export function daysLater(at: Instant, days: number, zone: string): Instant {
  return firstShowing(wallClock(Date.parse(at), zone) + days * 24 * 60 * minute, zone);
}

function firstShowing(wall: number, zone: string): Instant {
  // Offsets of all zones are quarters of an hour between -12:00 and +14:00; the largest gives the earliest instant.
  for (let offset = 14 * 60; offset >= -12 * 60; offset -= 15) {
    const candidate = wall - offset * minute;
    if (wallClock(candidate, zone) === wall) return new Date(candidate).toISOString();
  }
  const dayBefore = wall - 26 * 60 * minute;
  const offsetBefore = wallClock(dayBefore, zone) - dayBefore;
  return new Date(wall - offsetBefore).toISOString();
}
