import type { Instant } from '../instant.ts';
import { addParts } from './add-duration.ts';
import { CalendarError } from './calendar-error.ts';

/** Lengths of a term. */
export const terms = ['P1M', 'P1Y', 'P3Y'] as const;

/** See {@link terms}. */
export type Term = (typeof terms)[number];

const monthsOf: Readonly<Record<Term, number>> = { P1M: 1, P1Y: 12, P3Y: 36 };

/**
 * The nth term (from 0) counted from the anchor, never from the term before it: a subscription that started on the 31st
 * ends on 28 February and again on 31 March (`domain.md 6.6`, time rules). A term is `[start, end)`.
 */
export function termFromAnchor(
  anchor: Instant,
  term: Term,
  index: number,
  zone: string,
): { readonly start: Instant; readonly end: Instant } {
  if (last?.anchor === anchor && last.term === term && last.index === index && last.zone === zone) return last.result;
  if (!Number.isInteger(index))
    throw new CalendarError('OUT_OF_RANGE', `a term's index is a whole number, not ${index}`);
  const result = {
    start: afterMonths(anchor, monthsOf[term] * index, zone),
    end: afterMonths(anchor, monthsOf[term] * (index + 1), zone),
  };
  last = { anchor, term, index, zone, result };
  return result;
}

/** The guards of one decision ask for the same term one after the other. */
let last:
  | {
      readonly anchor: Instant;
      readonly term: Term;
      readonly index: number;
      readonly zone: string;
      readonly result: { readonly start: Instant; readonly end: Instant };
    }
  | undefined;

function afterMonths(anchor: Instant, months: number, zone: string): Instant {
  return addParts(anchor, { years: 0, months, weeks: 0, days: 0, hours: 0, minutes: 0, seconds: 0 }, zone);
}
