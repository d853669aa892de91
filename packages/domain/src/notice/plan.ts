/**
 * Which notices there should be by now: a function of a subscription's state and the clock, so that it is the same
 * whatever order facts became known in and however late timers ran. What was recorded of the lifecycle is gone through in
 * valid time; a notice about a deadline is wanted in each stretch of its slot in which the deadline stood.
 *
 * @module
 */
import { addDuration } from '../calendar/index.ts';
import type { Instant } from '../instant.ts';
import { encodePart } from '../streams.ts';
import { chainItems } from '../subscription/chain.ts';
import { paymentKey } from '../subscription/fold-payment.ts';
import type { SubscriptionHeader } from '../subscription/header.ts';
import { ledgerEntry, ledgerKeys, type LedgerEntry } from '../subscription/ledger.ts';
import { effectsOf } from '../subscription/payment-effects.ts';
import type { SubscriptionState } from '../subscription/state.ts';
import { withHeaders, type EntryWithHeader } from '../subscription/timeline.ts';
import type { NoticeDeadline, NoticeKind } from './kinds.ts';
import { cardNotices, compact, lifecycleNotices, replacedKinds, type NoticeAhead } from './noticed-deadlines.ts';

/** From when on a notice was wanted, and until when its cause stood; `null`: to the end of its slot. */
export type NoticeSpan = {
  readonly from: Instant;
  readonly to: Instant | null;
  /** The plan at its beginning. */
  readonly planId: string;
};

/** A notice that is or was due. */
export type PlannedNotice = {
  readonly noticeId: string;
  readonly kind: NoticeKind;
  readonly deadline: NoticeDeadline | null;
  readonly sendBy: Instant;
  /** In order, at least one. */
  readonly spans: readonly [NoticeSpan, ...NoticeSpan[]];
};

/** News has no deadline to be told before; after a week it is old. */
const newsWindow = 'P7D';

type Stretch = { readonly header: SubscriptionHeader; readonly from: Instant; readonly to: Instant | null };

/** See the module's description. Nothing for a subscription that does not exist. */
export function planNotices(state: SubscriptionState, now: Instant): PlannedNotice[] {
  const { header } = state;
  if (header === null) return [];
  const plan = new Map<string, PlannedNotice>();
  const stretches = stretchesOf(state, header);
  for (const stretch of stretches) {
    for (const notice of lifecycleNotices(withoutBeside(stretch.header))) {
      want(plan, notice, untilReplaced(stretch, notice, header), now);
    }
  }
  for (const [notice, since] of besideNotices(state, header)) {
    const from = since > notice.from ? since : notice.from;
    want(plan, notice, { header: stretchAt(stretches, from)?.header ?? header, from, to: null }, now);
  }
  for (const { notice, header: then, until } of [...chargesOpen(state, stretches), ...credits(state)]) {
    want(plan, notice, { header: then, from: notice.from, to: until }, now);
  }
  return [...plan.values()];
}

function want(
  plan: Map<string, PlannedNotice>,
  {
    noticeId,
    kind,
    deadline,
    from: slotFrom,
    to: sendBy,
  }: Omit<NoticeAhead, 'deadline'> & { deadline: NoticeDeadline | null },
  stretch: Stretch,
  now: Instant,
): void {
  const from = stretch.from > slotFrom ? stretch.from : slotFrom;
  const to = stretch.to !== null && stretch.to < sendBy ? stretch.to : null;
  if (from > now || from >= (to ?? sendBy)) return;
  const { planId } = stretch.header;
  const spans = withSpan(plan.get(noticeId)?.spans ?? [], { from, to, planId });
  plan.set(noticeId, { noticeId, kind, deadline, sendBy, spans });
}

/** Stretches that touch are one. */
function withSpan(spans: readonly NoticeSpan[], next: NoticeSpan): [NoticeSpan, ...NoticeSpan[]] {
  const last = spans.at(-1);
  const [first, ...rest] =
    last?.to === next.from ? [...spans.slice(0, -1), { ...last, to: next.to }] : [...spans, next];
  return [first ?? next, ...rest];
}

/** How the lifecycle stood, in valid time. */
function stretchesOf({ timeline }: SubscriptionState, header: SubscriptionHeader): Stretch[] {
  const stretches: Stretch[] = [];
  let from = header.createdAt;
  for (const { before, place } of withHeaders(chainItems(timeline))) {
    if (place <= from) continue;
    stretches.push({ header: before, from, to: place });
    from = place;
  }
  return [...stretches, { header, from, to: null }];
}

function stretchAt(stretches: readonly Stretch[], at: Instant): Stretch | undefined {
  return stretches.find(({ to }) => to === null || at < to);
}

/** How it stood when something happened, not what that led to. */
function stretchBefore(stretches: readonly Stretch[], at: Instant): Stretch | undefined {
  return stretches.find(({ to }) => to === null || at <= to);
}

/** What does not belong to the lifecycle is known as it is now only. */
function withoutBeside(header: SubscriptionHeader): SubscriptionHeader {
  if (header.seatConflict === null && header.successor === null) return header;
  return { ...header, seatConflict: null, successor: null };
}

/** The deadlines of what has ended stood until it was reactivated as another subscription. */
function untilReplaced(stretch: Stretch, { deadline }: NoticeAhead, { successor }: SubscriptionHeader): Stretch {
  if (successor === null || !replacedKinds.has(deadline.kind)) return stretch;
  const isOver = stretch.to !== null && stretch.to <= successor.since;
  return isOver ? stretch : { ...stretch, to: successor.since };
}

function besideNotices({ methodChangedAt }: SubscriptionState, header: SubscriptionHeader): [NoticeAhead, Instant][] {
  const conflictSince = header.seatConflict?.since ?? header.createdAt;
  const replacedSince = header.successor?.since ?? header.createdAt;
  const ahead = lifecycleNotices(header);
  return [
    ...ahead.flatMap((notice): [NoticeAhead, Instant][] =>
      notice.kind === 'seat_conflict'
        ? [[notice, conflictSince]]
        : notice.kind === 'replaced_ending'
          ? [[notice, replacedSince]]
          : [],
    ),
    ...cardNotices(header).map((notice): [NoticeAhead, Instant] => [notice, methodChangedAt]),
  ];
}

type News = {
  readonly notice: Omit<NoticeAhead, 'deadline'> & { readonly deadline: null };
  /** As the subscription stood. */
  readonly header: SubscriptionHeader;
  readonly until: Instant | null;
};

/**
 * A charge failed (`domain.md 1.10`, each failed charge) or waits for the customer (`domain.md 6.3`, action_required), until
 * it goes on in any way.
 */
function chargesOpen({ ledger }: SubscriptionState, stretches: readonly Stretch[]): News[] {
  const open = [...ledgerKeys(ledger)].filter((key) => {
    const { failures, others } = ledgerEntry(ledger, key);
    return failures.length > 0 || others.some(({ fact }) => fact.kind === 'action_required');
  });
  if (open.length === 0) return [];
  return effectsOf(ledger, open).flatMap(({ kind, place, payment }) => {
    if (kind !== 'action_required' && kind !== 'failed') return [];
    const header = stretchBefore(stretches, place)?.header;
    if (header?.status !== 'active' && header?.status !== 'reactivated') return [];
    const until = wentOn(ledgerEntry(ledger, payment), place);
    const told = kind === 'failed' ? 'payment_failed' : 'payment_action_required';
    return [{ notice: news(told, payment, place), header, until }];
  });
}

function wentOn({ settled, failures, others }: LedgerEntry, after: Instant): Instant | null {
  const steps = [...(settled ? [settled] : []), ...failures, ...others.filter(({ fact }) => fact.kind === 'voided')];
  return steps.reduce<Instant | null>(
    (first, { place }) => (place > after && (first === null || place < first) ? place : first),
    null,
  );
}

/** Money for what has ended, kept as a credit (`domain.md 6.3`, cancelled × settled). */
function credits({ timeline }: SubscriptionState): News[] {
  return withHeaders(chainItems(timeline)).flatMap((entry) => {
    const payment = creditedBy(entry);
    return payment === null
      ? []
      : [{ notice: news('payment_credited', payment, entry.place), header: entry.before, until: null }];
  });
}

function creditedBy({ type, data, before }: EntryWithHeader): string | null {
  const isEnded = before.status === 'cancelled' || before.status === 'disabled' || before.status === 'expired';
  if (type !== 'PaymentFactRecorded' || !isEnded || !('effect' in data) || data.effect !== 'credit') return null;
  return paymentKey(data.fact);
}

function news(kind: NewsKind, payment: string, at: Instant): News['notice'] {
  const noticeId = newsNoticeId(kind, at, payment);
  return { noticeId, kind, deadline: null, from: at, to: addDuration(at, newsWindow, 'UTC') };
}

/** News about payments. */
export type NewsKind = 'payment_failed' | 'payment_action_required' | 'payment_credited';

const newsNames: Readonly<Record<NewsKind, string>> = {
  payment_failed: 'charge-failed',
  payment_action_required: 'action-required',
  payment_credited: 'credited',
};

/** Id of a notice about a payment; `payment` is its key in the ledger. */
export function newsNoticeId(kind: NewsKind, at: Instant, payment: string): string {
  return `${newsNames[kind]}-${compact(at)}-${encodePart(payment)}`;
}
