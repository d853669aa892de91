import {
  stateAsOf,
  type AsOf,
  type ExistingSubscription,
  type SubscriptionEvent,
  asSubscriptionEvent,
} from '@perennial/domain';
import type { Log } from '../log/log.ts';
import { scanLog, type ScanBounds } from '../log/scan-log.ts';
import { subscriptionPrefixOf } from '../log/stream-directory.ts';
import { isInForce } from '../as-of/when.ts';

/** Which subscriptions are looked at. */
export type SubscriptionsRequest = ScanBounds & {
  /** Absent: all tenants. */
  readonly tenant?: string | undefined;
  /** `next` of the page before. */
  readonly after?: bigint | undefined;
  /** Rows after which the page ends; the last subscription may add a few more. */
  readonly limit: number;
};

/** One page. */
export type RowPage<Row> = {
  readonly rows: readonly Row[];
  /** Where to go on; null: every subscription was looked at. A page may be empty and still have one. */
  readonly next: bigint | null;
  /** Events that cannot be decoded and so were not asked. */
  readonly undecodable: number;
};

/** Subscriptions looked at for one page. */
const streamCountMax = 500;
const readTimeMaxMs = 5_000;

/**
 * Asks every subscription the same question as of an instant, in the order in which they were created. Right from the log
 * alone: creations are found by reading it, and one subscription at a time is folded, so that memory does not grow.
 */
export async function scanSubscriptions<Row>(
  log: Log,
  { tenant, after, limit, ...bounds }: SubscriptionsRequest,
  { when, rowsOf }: { readonly when: AsOf; readonly rowsOf: (state: ExistingSubscription) => readonly Row[] },
): Promise<RowPage<Row>> {
  const created = await scanLog(log, {
    ...bounds,
    prefixes: [tenant === undefined ? 'subscription-' : subscriptionPrefixOf(tenant)],
    after,
    limit: streamCountMax,
    wants: ({ type }) => type === 'SubscriptionCreated',
  });
  const until = performance.now() + readTimeMaxMs;
  const rows: Row[] = [];
  for (const first of created.events) {
    if (!isInForce(first, when)) continue;
    const state = stateAsOf(await eventsOf(log, first.stream), when);
    if (state !== null) rows.push(...rowsOf(state));
    if (rows.length >= limit || performance.now() > until) {
      return { rows, next: first.position, undecodable: created.undecodable };
    }
  }
  return { rows, next: created.next, undecodable: created.undecodable };
}

/** Read past the memory of streams: what is looked at once would only push out what is asked for again. */
async function eventsOf(log: Pick<Log, 'readStream'>, stream: string): Promise<readonly SubscriptionEvent[]> {
  const events: SubscriptionEvent[] = [];
  for await (const event of log.readStream(stream)) events.push(asSubscriptionEvent(event));
  return events;
}
