import type { Instant } from '../instant.ts';
import type { SubscriptionEvent } from './events.ts';
import { movedSchedule } from './fold-schedule.ts';
import type { SubscriptionHeader } from './header.ts';
import type { Lifecycle } from './lifecycle.ts';
import { indexAt, later, movingHold, termAt, termAtIndex } from './terms.ts';

type EventOf<T extends SubscriptionEvent['type']> = Extract<SubscriptionEvent, { type: T }>;

/** A hold of each kind at most; its first instant counts. */
export function holdPlaced(
  header: SubscriptionHeader,
  { data, effectiveAt }: EventOf<'HoldPlaced'>,
): Pick<Lifecycle, 'holds'> {
  const { kind, movesTermEnd } = data;
  const from = header.holds.find((hold) => hold.kind === kind)?.from ?? effectiveAt;
  const others = header.holds.filter((hold) => hold.kind !== kind);
  return { holds: [...others, { kind, from, until: data.until ?? null, movesTermEnd }] };
}

/** The term ends later by as long as it was paused. */
export function holdReleased(
  header: SubscriptionHeader,
  { data, effectiveAt }: EventOf<'HoldReleased'>,
): Partial<Lifecycle> {
  const holds = header.holds.filter((hold) => hold.kind !== data.kind);
  const moving = movingHold(header);
  if (moving === null || moving.kind !== data.kind) return { holds };
  const ms = Date.parse(effectiveAt) - Date.parse(moving.from);
  return ms <= 0 ? { holds } : { holds, ...moved(header, moving.from, ms) };
}

/** Everything that stood ahead when the pause began moves with the end of the term. */
function moved(header: SubscriptionHeader, from: Instant, ms: number): Partial<Lifecycle> {
  const { cancelAt, pastDue, reactivation, prepaidUntil } = header;
  const shared = {
    prepaidUntil: prepaidUntil === null || prepaidUntil <= from ? prepaidUntil : later(prepaidUntil, ms),
    cancelAt: cancelAt === null ? null : later(cancelAt, ms),
    ...movedSchedule(header, (at) => later(at, ms)),
    pastDue: pastDue === null ? null : { ...pastDue, dunningEndsAt: later(pastDue.dunningEndsAt, ms) },
  };
  if (reactivation !== null) {
    return { ...shared, reactivation: { ...reactivation, newTermEnd: later(reactivation.newTermEnd, ms) } };
  }
  const paused = termAt(header, from);
  const { anchor, termStart, termEnd, termIndex, payments } = header;
  if (paused === null || anchor === null || termStart === null || termEnd === null) return shared;
  const pauses = withPause(header.pauses, paused.index, later(paused.end, ms));
  const counted = { ...header, pauses };
  const last =
    termIndex === paused.index
      ? { start: termStart, end: later(termEnd, ms) }
      : termAtIndex(counted, anchor, termIndex);
  return {
    ...shared,
    cancelAt: cancelAt === termEnd ? last.end : shared.cancelAt,
    ...movedSchedule(header, (at) => (at === termEnd ? last.end : later(at, ms))),
    prepaidUntil: prepaidUntil === termEnd ? last.end : shared.prepaidUntil,
    termStart: last.start,
    termEnd: last.end,
    payments: payments.map((payment) => {
      const index = indexAhead(header, anchor, payment.termStart, paused.index);
      return index === null ? payment : { ...payment, termStart: termAtIndex(counted, anchor, index).start };
    }),
    pauses,
  };
}

/** Which term ahead of the paused one begins there; `null`: none. */
function indexAhead(header: SubscriptionHeader, anchor: Instant, start: Instant, paused: number): number | null {
  if (start === header.termStart) return header.termIndex > paused ? header.termIndex : null;
  const index = indexAt(header, anchor, start);
  return index > paused && termAtIndex(header, anchor, index).start === start ? index : null;
}

/** The end of a term moved: those after it count from there. */
export function withPause(pauses: Lifecycle['pauses'], index: number, end: Instant): Lifecycle['pauses'] {
  return [...pauses.filter((pause) => pause.index <= index), { index: index + 1, anchor: end }];
}
