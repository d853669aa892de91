import type { Instant } from '../instant.ts';
import type { NoticeEvent, NoticeEventData } from './events.ts';
import type { NoticeStatus } from './kinds.ts';

/** A notice as recorded. */
export type NoticeRecord = Omit<NoticeEventData<'NoticeQueued'>, 'deadline' | 'attempt'> & {
  readonly deadline: NonNullable<NoticeEventData<'NoticeQueued'>['deadline']> | null;
  readonly status: NoticeStatus;
  /** By what is known now it was never due: kept so that it is known to be, shown to nobody. */
  readonly disproved: boolean;
  readonly dueAt: Instant;
  readonly attempt: number;
  /** When it was sent, withdrawn or lapsed; when the last attempt failed. `null` while it is queued. */
  readonly endedAt: Instant | null;
  /** When the next attempt is due; `null` when there is none. */
  readonly retryAt: Instant | null;
  readonly failure: string | null;
  readonly reference: string | null;
};

/** What is recorded of all notices about a subscription, by their ids. */
export type NoticesState = ReadonlyMap<string, NoticeRecord>;

/** Before the first notice. */
export const noNotices: NoticesState = new Map();

/** Folds one event into the whole state. */
export function evolveNotices(state: NoticesState, event: NoticeEvent): NoticesState {
  const { noticeId } = event.data;
  const before = state.get(noticeId) ?? null;
  const after = evolveNotice(before, event);
  return after === null || after === before ? state : new Map(state).set(noticeId, after);
}

/** Folds one event into the notice that it names; `null`: nothing is known of it. */
export function evolveNotice(notice: NoticeRecord | null, event: NoticeEvent): NoticeRecord | null {
  if (event.type === 'NoticeQueued') return queued(notice, event.data, event.effectiveAt);
  if (notice === null) return null;
  const { effectiveAt: endedAt } = event;
  const ended = { ...notice, endedAt, retryAt: null };
  switch (event.type) {
    case 'NoticeWithdrawn':
      return { ...ended, status: 'withdrawn', dueAt: event.data.dueAt, disproved: event.data.disproved };
    case 'NoticeLapsed':
      return { ...ended, status: 'lapsed', dueAt: event.data.dueAt, disproved: false };
    case 'NoticeSent':
      return { ...ended, status: 'sent', disproved: false, reference: event.data.reference ?? null };
    case 'NoticeFailed':
      return { ...ended, status: 'failed', failure: event.data.failure, retryAt: event.data.retryAt ?? null };
    case 'RetentionWarningIssued':
      return notice;
    default:
      return event satisfies never;
  }
}

function queued(
  notice: NoticeRecord | null,
  { deadline, attempt, ...data }: NoticeEventData<'NoticeQueued'>,
  effectiveAt: Instant,
): NoticeRecord {
  return {
    ...data,
    deadline: deadline ?? null,
    status: 'queued',
    disproved: false,
    // An attempt after a failure is the same notice, due when it was.
    dueAt: attempt === 1 ? effectiveAt : (notice?.dueAt ?? effectiveAt),
    attempt,
    endedAt: null,
    retryAt: null,
    failure: notice?.failure ?? null,
    reference: null,
  };
}

/** When time alone will next change the notice: another attempt, or its lapse; `null`: never. */
export function noticeChangesAt({ status, retryAt, sendBy }: NoticeRecord): Instant | null {
  if (status === 'queued') return sendBy;
  return status === 'failed' && retryAt !== null ? retryAt : null;
}
