/**
 * Decisions about notices: what is recorded is brought to what is planned, and what a sender reports is recorded.
 *
 * @module
 */
import { languageOf, noticeText } from '../messages/index.ts';
import type { Instant } from '../instant.ts';
import { laterOf } from '../subscription/terms.ts';
import type { SubscriptionHeader } from '../subscription/header.ts';
import type { SubscriptionState } from '../subscription/state.ts';
import type { NoticeEvent } from './events.ts';
import type { NoticeKind } from './kinds.ts';
import { planNotices, type NoticeSpan, type PlannedNotice } from './plan.ts';
import type { NoticeRecord, NoticesState } from './state.ts';

/** What notices are decided on beside what is recorded of them. */
export type NoticeContext = {
  readonly now: Instant;
  /** Language tag of the organisation. */
  readonly language?: string | undefined;
};

/** Waits before the next attempt, by how many have failed; after the last one it is given up. */
const retryWaitsMs = [300_000, 1_800_000, 7_200_000, 18_000_000] as const;

/**
 * Queues what is due, withdraws what is not any more and lets lapse what was not sent in its time, each event at its own
 * instant: a look 200 days late writes what looks in time would have written. What was sent stays sent.
 */
export function reviewNotices(
  notices: NoticesState,
  subscription: SubscriptionState,
  context: NoticeContext,
): NoticeEvent[] {
  const { header } = subscription;
  if (header === null) return [];
  const plan = planNotices(subscription, context.now);
  const wanted = new Set(plan.map(({ noticeId }) => noticeId));
  const events = [
    ...plan.flatMap((planned) => bring(notices.get(planned.noticeId), planned, header, context)),
    ...[...notices.values()].filter(({ noticeId }) => !wanted.has(noticeId)).flatMap(disprove),
  ];
  // Sorting is stable: what one instant brings to one notice keeps its order.
  return events.sort((a, b) => (a.effectiveAt === b.effectiveAt ? 0 : a.effectiveAt < b.effectiveAt ? -1 : 1));
}

function bring(
  known: NoticeRecord | undefined,
  planned: PlannedNotice,
  header: SubscriptionHeader,
  context: NoticeContext,
): NoticeEvent[] {
  if (known !== undefined && isSettled(known)) return [];
  const queue = (at: Instant, planId: string, attempt = 1): NoticeEvent[] =>
    queueing(planned, { ...header, planId }, context, { at, attempt });
  if (known === undefined || known.disproved)
    return planned.spans.flatMap((span) => lived(planned, span, queue, context));
  const last = planned.spans.at(-1) ?? planned.spans[0];
  if (known.status === 'withdrawn') {
    // Wanted again, in a later stretch than the one it was withdrawn at the end of.
    if (last.from >= (known.endedAt ?? '')) return lived(planned, last, queue, context);
    if (last.to === null || last.to > context.now)
      return lived(planned, { ...last, from: known.endedAt ?? last.from }, queue, context);
    return last.to === known.endedAt && last.from === known.dueAt ? [] : [withdrawn(planned.noticeId, last, last.to)];
  }
  const end = endOf(planned, last, context.now);
  if (known.status === 'lapsed') {
    const isAsKnown = end?.type === 'NoticeLapsed' && end.data.dueAt === known.dueAt;
    return end === null || isAsKnown ? [] : [end];
  }
  const isRetryDue =
    known.status === 'failed' && known.retryAt !== null && known.retryAt <= (end?.effectiveAt ?? context.now);
  const retry = isRetryDue ? queue(known.retryAt ?? context.now, last.planId, known.attempt + 1) : [];
  return [...retry, ...(end === null ? [] : [end])];
}

/** Sent, or given up: nothing that becomes known later changes that. */
function isSettled({ status, retryAt }: NoticeRecord): boolean {
  return status === 'sent' || (status === 'failed' && retryAt === null);
}

/** What a stretch in which the notice is wanted writes by now. */
function lived(
  planned: PlannedNotice,
  span: NoticeSpan,
  queue: (at: Instant, planId: string) => NoticeEvent[],
  { now }: NoticeContext,
): NoticeEvent[] {
  const end = endOf(planned, span, now);
  return [...queue(span.from, span.planId), ...(end === null ? [] : [end])];
}

function endOf(
  { noticeId, sendBy }: PlannedNotice,
  span: NoticeSpan,
  now: Instant,
): Extract<NoticeEvent, { type: 'NoticeWithdrawn' | 'NoticeLapsed' }> | null {
  const { from: dueAt, to } = span;
  if (to !== null) return to <= now ? withdrawn(noticeId, span, to) : null;
  return sendBy <= now ? { type: 'NoticeLapsed', data: { noticeId, dueAt }, effectiveAt: sendBy } : null;
}

function withdrawn(
  noticeId: string,
  { from: dueAt }: NoticeSpan,
  at: Instant,
): Extract<NoticeEvent, { type: 'NoticeWithdrawn' }> {
  return { type: 'NoticeWithdrawn', data: { noticeId, dueAt, disproved: false }, effectiveAt: at };
}

/** By what is known now it was never due; takes the instant at which it seemed to be. */
function disprove(known: NoticeRecord): NoticeEvent[] {
  if (known.disproved || isSettled(known)) return [];
  const { noticeId, dueAt } = known;
  return [{ type: 'NoticeWithdrawn', data: { noticeId, dueAt, disproved: true }, effectiveAt: dueAt }];
}

function queueing(
  { noticeId, kind, deadline, sendBy }: PlannedNotice,
  header: SubscriptionHeader,
  context: NoticeContext,
  { at, attempt }: { readonly at: Instant; readonly attempt: number },
): NoticeEvent[] {
  const { tenant, subscriptionId, planId, zone } = header;
  const language = languageOf(context.language);
  const about = { subscription: subscriptionId, plan: planId, date: deadline?.at ?? null, zone };
  const queued: NoticeEvent = {
    type: 'NoticeQueued',
    data: {
      tenant,
      subscriptionId,
      noticeId,
      kind,
      ...(deadline === null ? {} : { deadline }),
      sendBy,
      attempt,
      language,
      text: noticeText(kind, language, about),
      recipients: recipientsOf(kind, header),
    },
    effectiveAt: at,
  };
  const isDeletion = kind === 'retention_ending' || (kind === 'replaced_ending' && deadline?.kind === 'retention-end');
  if (!isDeletion || deadline === null || attempt > 1) return [queued];
  const warning = { tenant, subscriptionId, noticeId, deletesAt: deadline.at };
  return [{ type: 'RetentionWarningIssued', data: warning, effectiveAt: at }, queued];
}

/** About who has a seat. */
const licenseKinds: ReadonlySet<NoticeKind> = new Set(['seat_conflict', 'seat_change_ahead', 'replaced_ending']);

/** Every global and billing administrator (`domain.md 1.10`), and whoever else has to act. */
function recipientsOf(kind: PlannedNotice['kind'], { channel }: SubscriptionHeader): string[] {
  const others = licenseKinds.has(kind) ? ['license-admin'] : [];
  return ['global-admin', 'billing-admin', ...others, ...(channel === 'reseller' ? ['partner'] : [])];
}

/** What a sender reports of a notice. */
export type NoticeReport =
  | { readonly outcome: 'sent'; readonly reference?: string | undefined }
  | {
      readonly outcome: 'failed';
      /** The sender's own code. */
      readonly failure: string;
      /** Which attempt; absent: the one that is queued. */
      readonly attempt?: number | undefined;
      /** Trying again is of no use. */
      readonly final?: boolean | undefined;
    };

/**
 * Records a report; `null`: nothing is known of the notice. A report is a fact: what was sent was sent, also when the notice
 * had been withdrawn meanwhile. A repetition changes nothing.
 */
export function reportNotice(
  notices: NoticesState,
  noticeId: string,
  report: NoticeReport,
  now: Instant,
): NoticeEvent[] | null {
  const known = notices.get(noticeId);
  if (known === undefined) return null;
  const { attempt } = known;
  if (report.outcome === 'sent') {
    if (known.status === 'sent') return [];
    const { reference } = report;
    return [
      {
        type: 'NoticeSent',
        data: { noticeId, attempt, ...(reference === undefined ? {} : { reference }) },
        effectiveAt: now,
      },
    ];
  }
  if (known.status !== 'queued' || (report.attempt ?? attempt) !== attempt) return [];
  const retryAt = report.final === true ? null : nextAttempt(known, now);
  return [
    {
      type: 'NoticeFailed',
      data: { noticeId, attempt, failure: report.failure, ...(retryAt === null ? {} : { retryAt }) },
      effectiveAt: now,
    },
  ];
}

/** `null` when all attempts were made, or the next one would come too late. */
function nextAttempt({ attempt, sendBy }: NoticeRecord, now: Instant): Instant | null {
  const waitMs = retryWaitsMs[attempt - 1];
  if (waitMs === undefined) return null;
  const at = new Date(Date.parse(now) + waitMs).toISOString();
  return laterOf(at, sendBy) === at ? null : at;
}
