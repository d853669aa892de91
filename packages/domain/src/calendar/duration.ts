import { z } from 'zod';
import { CalendarError } from './calendar-error.ts';

/** An ISO 8601 duration in parts; all of one sign. Days are calendar days, time is exact. */
export type Duration = {
  readonly years: number;
  readonly months: number;
  readonly weeks: number;
  readonly days: number;
  readonly hours: number;
  readonly minutes: number;
  readonly seconds: number;
};

const pattern =
  /^(-)?P(?=\d|T\d)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/;

/** No part of a duration may be larger: terms and windows are years at most, so more is a mistake. */
const partMax = 1_000_000;

/** Accepts an ISO 8601 duration of whole numbers, with an optional leading minus: `P30D`, `PT23H`, `-P15D`. */
export const durationSchema = z.string().regex(pattern, 'an ISO 8601 duration of whole numbers, for instance P30D');

/** Durations come from profiles and terms: a few dozen texts, asked for at every decision. */
const rememberedCountMax = 500;
const remembered = new Map<string, Duration>();

/** Reads an ISO 8601 duration. @throws CalendarError `INVALID_DURATION` */
export function parseDuration(text: string): Duration {
  const known = remembered.get(text);
  if (known) return known;
  const duration = readDuration(text);
  if (remembered.size < rememberedCountMax) remembered.set(text, duration);
  return duration;
}

function readDuration(text: string): Duration {
  const match = pattern.exec(text);
  if (!match) {
    throw new CalendarError(
      'INVALID_DURATION',
      `"${text}" is not an ISO 8601 duration; write for instance P30D or PT23H`,
    );
  }
  const sign = match[1] === '-' ? -1 : 1;
  // `|| 0` keeps a negative zero out of the results.
  const part = (index: number): number => sign * Number(match[index] ?? 0) || 0;
  const duration = {
    years: part(2),
    months: part(3),
    weeks: part(4),
    days: part(5),
    hours: part(6),
    minutes: part(7),
    seconds: part(8),
  };
  if (Object.values(duration).some((value) => Math.abs(value) > partMax)) {
    throw new CalendarError('INVALID_DURATION', `"${text}" is too long; no part may exceed ${partMax}`);
  }
  return duration;
}
