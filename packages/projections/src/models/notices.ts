import {
  evolveNotice,
  newsNoticeId,
  noticeChangesAt,
  noticesPrefix,
  parseStream,
  paymentKey,
  placeOf,
  type NoticeEvent,
  type NewsKind,
  type NoticeRecord,
  type PaymentFact,
  dataOf,
  asSubscriptionEvent,
} from '@perennial/domain';
import type { RecordedEvent } from '@perennial/event-store';
import { defineProjection, rootKey } from '../projection/projection.ts';
import { storableText } from '../sql/jsonb.ts';
import { factOf, subscriptionPrefix } from './subscription-event.ts';

/** Guards the rows of a stream of notices. */
export const noticeStreams = defineProjection<object>({
  name: 'notice-streams',
  version: 1,
  table: { name: 'notice_streams', columns: [], indexes: ['(stream) where parked_revision is not null'] },
  handles: { streamPrefix: noticesPrefix, types: 'all' },
  root: true,
  keys: () => [rootKey],
  apply: (_event, body) => body ?? {},
  columns: () => ({}),
});

/** What people are told (`domain.md 6.7`, notices), one row per notice. */
export const notices = defineProjection<NoticeRecord>({
  name: 'notices',
  version: 1,
  table: {
    name: 'notices',
    columns: [
      { name: 'tenant', type: 'text' },
      { name: 'subscription_id', type: 'text' },
      { name: 'status', type: 'text' },
      { name: 'due_at', type: 'text' },
      // Another attempt, or its lapse; only of what can still be sent.
      { name: 'changes_at', type: 'text' },
      { name: 'has_deadline', type: 'boolean' },
      // By what is known now it was never due.
      { name: 'disproved', type: 'boolean' },
    ],
    indexes: [
      '(tenant, due_at, stream, key) where not disproved',
      '(changes_at) where changes_at is not null',
      '(tenant, subscription_id)',
    ],
  },
  handles: {
    streamPrefix: noticesPrefix,
    types: new Set(['NoticeQueued', 'NoticeWithdrawn', 'NoticeLapsed', 'NoticeSent', 'NoticeFailed']),
  },
  root: false,
  keys: (event) => [storableText(toNoticeEvent(event).data.noticeId)],
  apply: (event, notice) => evolveNotice(notice, toNoticeEvent(event)),
  columns: (notice) => ({
    tenant: notice.tenant,
    subscription_id: notice.subscriptionId,
    status: notice.status,
    due_at: notice.dueAt,
    changes_at: noticeChangesAt(notice),
    has_deadline: notice.deadline !== null,
    disproved: notice.disproved,
  }),
});

function toNoticeEvent({ type, data, metadata }: RecordedEvent): NoticeEvent {
  // The door has validated `data` against the schema of `type`; only notice events are in these streams.
  return { type, data, effectiveAt: metadata.effectiveAt } as NoticeEvent;
}

/** Something that happened and has no deadline: a charge that failed or waits for the customer, a credit. */
export type NoticeNews = { readonly tenant: string; readonly subscriptionId: string; readonly at: string };

/** Where a notice about a payment may be missing; whether there should be one, the subscription's stream says. */
export const noticeNews = defineProjection<NoticeNews>({
  name: 'notice-news',
  version: 2,
  table: { name: 'notice_news', columns: [{ name: 'at', type: 'text' }], indexes: ['(at)'] },
  handles: { streamPrefix: subscriptionPrefix, types: new Set(['PaymentFactRecorded', 'ReactivationFailed']) },
  root: false,
  keys: (event) => newsIdOf(event),
  apply: (event, before) => {
    const named = parseStream(event.stream);
    if (before !== null || named?.kind !== 'subscription') return before;
    return { tenant: named.tenant, subscriptionId: named.subscriptionId, at: placeOf(asSubscriptionEvent(event)) };
  },
  columns: ({ at }) => ({ at }),
});

function newsIdOf(event: RecordedEvent): string[] {
  const fact = factOf(event);
  const kind = fact && newsKindOf(fact, dataOf(event, 'PaymentFactRecorded')?.effect);
  if (fact === undefined || kind === undefined) return [];
  return [storableText(newsNoticeId(kind, placeOf(asSubscriptionEvent(event)), paymentKey(fact)))];
}

function newsKindOf({ kind }: PaymentFact, effect: string | undefined): NewsKind | undefined {
  if (effect === 'credit') return 'payment_credited';
  if (kind === 'failed') return 'payment_failed';
  return kind === 'action_required' ? 'payment_action_required' : undefined;
}
