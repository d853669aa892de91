import type { Instant, NoticeRecord } from '@perennial/domain';
import type { NoticeRow } from './types.ts';

/** A notice as it is shown: what is over by now is over, whether or not that has been written down. */
export function noticeRow(notice: NoticeRecord, now: Instant): NoticeRow {
  const { noticeId, tenant, subscriptionId, kind, deadline, dueAt, sendBy, attempt, language, text, recipients } =
    notice;
  const isOver = notice.status === 'queued' && sendBy <= now;
  return {
    tenant,
    subscriptionId,
    noticeId,
    kind,
    status: isOver ? 'lapsed' : notice.status,
    deadline,
    dueAt,
    sendBy,
    attempt,
    language,
    text,
    recipients,
    endedAt: isOver ? sendBy : notice.endedAt,
    retryAt: notice.retryAt,
    failure: notice.failure,
    reference: notice.reference,
  };
}
