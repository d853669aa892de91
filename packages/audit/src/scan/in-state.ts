import { applyDeadlines, nextDeadline, type AsOf, type Deadline, type SubscriptionStatus } from '@perennial/domain';
import type { Log } from '../log/log.ts';
import { scanSubscriptions, type RowPage, type SubscriptionsRequest } from './scan-subscriptions.ts';

/** A subscription that was in the state. */
export type InStateRow = {
  readonly tenant: string;
  readonly subscriptionId: string;
  readonly planId: string;
  readonly status: SubscriptionStatus;
  readonly since: string;
  /** The event that put it there; null where only time did and no event was known. */
  readonly statusEventId: string | null;
  readonly deadline: Deadline | null;
};

/** All subscriptions in a state as of an instant (`domain.md 6.8`). */
export async function inState(
  log: Log,
  { status, ...request }: SubscriptionsRequest & { readonly status: SubscriptionStatus },
  when: AsOf,
): Promise<RowPage<InStateRow>> {
  return scanSubscriptions(log, request, {
    when,
    rowsOf: ({ header: recorded }) => {
      const header = applyDeadlines(recorded, when.at);
      if (header.status !== status) return [];
      const { tenant, subscriptionId, planId, statusSince: since, statusEventId } = header;
      return [
        {
          tenant,
          subscriptionId,
          planId,
          status,
          since,
          statusEventId: statusEventId === '' ? null : statusEventId,
          deadline: nextDeadline(header),
        },
      ];
    },
  });
}
