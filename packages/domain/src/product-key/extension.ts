import { addDuration } from '../calendar/index.ts';
import type { Instant } from '../instant.ts';
import type { KeyOffer } from './events.ts';

const monthsOf = { P1M: 1, P1Y: 12, P3Y: 36 } as const;

/**
 * Until when a key lasts from an instant on, when its time is spread over all seats: `keyTerm × keySeats / seats`
 * (`domain.md 2.1`). Whole months are calendar months in the zone; what is left is that part of the month after them.
 *
 * @example keyEnd('2027-01-01T00:00:00.000Z', { seats: 100, term: 'P1Y' }, { seats: 200, zone: 'UTC' }) // 2027-07-01
 */
export function keyEnd(
  start: Instant,
  offer: Pick<KeyOffer, 'seats' | 'term'>,
  { seats, zone }: { readonly seats: number; readonly zone: string },
): Instant {
  const monthSeats = monthsOf[offer.term] * offer.seats;
  const months = Math.floor(monthSeats / seats);
  const whole = addDuration(start, `P${months}M`, zone);
  const rest = monthSeats % seats;
  if (rest === 0) return whole;
  const next = addDuration(start, `P${months + 1}M`, zone);
  const length = Date.parse(next) - Date.parse(whole);
  return new Date(Date.parse(whole) + Math.ceil((length * rest) / seats)).toISOString();
}

/** Time of a key that outlasts the running term by less is no time to speak of: seats of one order come some moments apart. */
const surplusMsMin = 86_400_000;

/**
 * Where the term ends when a key adds seats to it: the new seats run to its end like the others, and what is left of the
 * key's time then is spread over all seats, so that none is lost (`domain.md 2.1`). `null`: nothing is left. The end never
 * comes nearer.
 *
 * @example 100 seats with two months left, a key for 100 seats and a year: five months after the end
 */
export function enlargedEnd(
  term: { readonly from: Instant; readonly end: Instant },
  offer: Pick<KeyOffer, 'seats' | 'term'>,
  { seats, zone }: { readonly seats: number; readonly zone: string },
): Instant | null {
  const surplusMs = Date.parse(addDuration(term.from, offer.term, zone)) - Date.parse(term.end);
  if (surplusMs < surplusMsMin) return null;
  const share = Math.ceil((surplusMs * offer.seats) / (seats + offer.seats));
  return new Date(Date.parse(term.end) + share).toISOString();
}
