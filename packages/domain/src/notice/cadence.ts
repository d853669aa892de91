/**
 * When notices are due: a deadline divides the time before it into slots, and each slot has one notice. A notice is due
 * when its slot begins, or when the deadline arises inside the slot; it may be sent until the slot ends, because the next
 * one says it better, and after the last one there is nothing left to warn of.
 *
 * @module
 */
import { addDuration } from '../calendar/index.ts';
import type { Instant } from '../instant.ts';

/** `[from, to)` of one notice about a deadline. */
export type NoticeSlot = {
  /** Which of the deadline's notices, for instance `P30D` before it or `after-P7D`. */
  readonly name: string;
  readonly from: Instant;
  readonly to: Instant;
};

/** More slots than that no dunning window has. */
const slotCountMax = 400;

/** Calendar arithmetic costs a hundred times more than a look-up, and many cards expire at the same month's end. */
const rememberedCountMax = 1_000;
const remembered = new Map<string, readonly NoticeSlot[]>();

/** Slots before a deadline, first things first: `P30D, P14D, …` (`domain.md 6.6`). */
export function slotsBefore(at: Instant, leads: readonly string[], zone: string): readonly NoticeSlot[] {
  const key = `${at} ${zone} ${leads.join()}`;
  const known = remembered.get(key);
  if (known !== undefined) return known;
  const slots = consecutive(
    leads.map((lead) => ({ name: lead, from: addDuration(at, `-${lead}`, zone) })),
    at,
  );
  if (remembered.size >= rememberedCountMax) remembered.clear();
  remembered.set(key, slots);
  return slots;
}

/** Slots from a first failed charge to the end of dunning: D+1, D+7, D+15, then daily (`domain.md 6.6`). */
export function slotsAfter(since: Instant, end: Instant, offsets: readonly string[], zone: string): NoticeSlot[] {
  const begins = offsets.map((offset) => ({ name: `after-${offset}`, from: addDuration(since, offset, zone) }));
  const first = offsets.reduce((days, offset) => Math.max(days, Number(/^P(\d+)D$/.exec(offset)?.[1] ?? 0)), 0);
  for (let day = first + 1; begins.length < slotCountMax; day += 1) {
    const from = addDuration(since, `P${day}D`, zone);
    if (from >= end) break;
    begins.push({ name: `after-P${day}D`, from });
  }
  return consecutive(begins, end);
}

function consecutive(begins: readonly { readonly name: string; readonly from: Instant }[], end: Instant): NoticeSlot[] {
  const inOrder = [...begins].sort((a, b) => (a.from < b.from ? -1 : 1));
  return inOrder
    .map(({ name, from }, index) => ({ name, from, to: inOrder[index + 1]?.from ?? end }))
    .map(({ name, from, to }) => ({ name, from, to: to < end ? to : end }))
    .filter(({ from, to }) => from < to);
}
