import {
  evolveHeader,
  nextDeadline,
  noticesAhead,
  type SubscriptionHeader,
  asSubscriptionEvent,
} from '@perennial/domain';
import { defineProjection, rootKey } from '../projection/projection.ts';
import { subscriptionPrefix } from './subscription-event.ts';

/**
 * Every subscription's header: what *Your products*, the licence counts, access to apps and the timers are computed from.
 * `deadline_at` is the next automatic transition (`domain.md 6.6`), so that what is due is found by an index; `notice_from`
 * is when people have to be told of one, `notice_slots` which notices and when.
 */
export const subscriptions = defineProjection<SubscriptionHeader>({
  name: 'subscriptions',
  version: 8,
  // Headers before lack what the rules and the rows look at.
  rowsReadableSince: 7,
  table: {
    name: 'subscriptions',
    columns: [
      { name: 'tenant', type: 'text' },
      { name: 'subscription_id', type: 'text' },
      { name: 'plan_id', type: 'text' },
      { name: 'status', type: 'text' },
      { name: 'deadline_at', type: 'text' },
      { name: 'deadline_kind', type: 'text' },
      { name: 'notice_from', type: 'text' },
      { name: 'notice_slots', type: 'text' },
    ],
    indexes: [
      '(tenant, subscription_id)',
      '(tenant, plan_id)',
      '(deadline_at, tenant, subscription_id) where deadline_at is not null',
      '(tenant, deadline_at) where deadline_at is not null',
      '(notice_from) where notice_from is not null',
      '(stream) where parked_revision is not null',
    ],
  },
  handles: { streamPrefix: subscriptionPrefix, types: 'all' },
  root: true,
  keys: () => [rootKey],
  apply: (event, header) => evolveHeader(header, asSubscriptionEvent(event)),
  columns: (header) => {
    // A new subscription that is half made is due at once: the timers go on with it.
    const { successor } = header;
    const isOpen = successor !== null && !successor.started;
    const deadline = isOpen ? { kind: 'successor', at: successor.since } : nextDeadline(header);
    const ahead = noticesAhead(header);
    return {
      tenant: header.tenant,
      subscription_id: header.subscriptionId,
      plan_id: header.planId,
      status: header.status,
      deadline_at: deadline?.at ?? null,
      deadline_kind: deadline?.kind ?? null,
      notice_from: ahead[0]?.from ?? null,
      notice_slots:
        ahead.length === 0 ? null : JSON.stringify(ahead.map(({ noticeId, from, to }) => ({ id: noticeId, from, to }))),
    };
  },
});
