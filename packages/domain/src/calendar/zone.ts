import { Temporal } from 'temporal-polyfill';

/** Version of the time-zone database that calculations use: part of every event decided with it (`domain.md 6.5`). */
export const tzdataVersion: string = process.versions.tz ?? 'unknown';

/** Zone names are remembered, because asking costs some 50 µs; more than these exist nowhere. */
const knownZoneCountMax = 2000;
const known = new Map<string, boolean>();

/** Whether the text is the name of an IANA time zone. Bare offsets (`+01:00`) are not: they know no summer time. */
export function isZone(text: string): boolean {
  const remembered = known.get(text);
  if (remembered !== undefined) return remembered;
  const answer = /^[A-Za-z][A-Za-z0-9_+\-/]{0,63}$/.test(text) && isKnownToRuntime(text);
  if (known.size < knownZoneCountMax) known.set(text, answer);
  return answer;
}

function isKnownToRuntime(name: string): boolean {
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name);
    return true;
  } catch {
    // The runtime has no other way to ask than to try.
    return false;
  }
}
