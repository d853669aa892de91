import {
  applyDeadlines,
  nextDeadline,
  type AsOf,
  type Deadline,
  type DeadlineKind,
  type SubscriptionHeader,
  type SubscriptionStatus,
} from '@perennial/domain';
import type { Log } from '../log/log.ts';
import { scanSubscriptions, type RowPage, type SubscriptionsRequest } from './scan-subscriptions.ts';

/** An automatic transition that lies ahead. */
export type DueRow = {
  readonly tenant: string;
  readonly subscriptionId: string;
  readonly kind: DeadlineKind;
  readonly at: string;
  /** What it leads from and to, if nothing happens before. */
  readonly from: SubscriptionStatus;
  readonly to: SubscriptionStatus;
};

/** Transitions told of one subscription: renewals by themselves could go on for ever. */
const transitionCountMax = 50;

/**
 * What falls due in `[from, to)`, if nothing else happens (`domain.md 6.7`, upcoming): one row per automatic transition of the
 * subscriptions as they stand at `when`.
 */
export async function dueBetween(
  log: Log,
  { from, to, ...request }: SubscriptionsRequest & { readonly from: string; readonly to: string },
  when: AsOf,
): Promise<RowPage<DueRow>> {
  return scanSubscriptions(log, request, { when, rowsOf: ({ header }) => upcoming(header, { from, to }) });
}

function upcoming(start: SubscriptionHeader, { from, to }: { readonly from: string; readonly to: string }): DueRow[] {
  const rows: DueRow[] = [];
  let header = start;
  for (let count = 0; count < transitionCountMax; count += 1) {
    const next: Deadline | null = nextDeadline(header);
    if (next === null || next.at >= to) break;
    const after = applyDeadlines(header, next.at);
    const { tenant, subscriptionId, status } = header;
    if (next.at >= from) {
      rows.push({ tenant, subscriptionId, kind: next.kind, at: next.at, from: status, to: after.status });
    }
    header = after;
  }
  return rows;
}
