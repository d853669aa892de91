import { parsePosition, createReader } from './read-at.ts';
import type { People, ReadClock, ReadModelProgress } from '../ports.ts';
import type { Sql } from '../sql/types.ts';
import { catalogueQueries } from './catalogue-queries.ts';
import { deadlineQueries } from './deadline-queries.ts';
import { erasureQueries } from './erasure-queries.ts';
import { keyQueries } from './key-queries.ts';
import { licenseQueries } from './license-queries.ts';
import { noticeQueries } from './notice-queries.ts';
import { paymentQueries } from './payment-queries.ts';
import { peopleQueries } from './people-queries.ts';
import { subscriptionQueries } from './subscription-queries.ts';
import type { PlanRow, Queries } from './types.ts';

/** What the reads need. */
export type QueriesOptions = {
  /** A database that was migrated (`migrate`, which the projections also do). */
  readonly sql: Sql;
  readonly clock: ReadClock;
  readonly people: Pick<People, 'personIdIfKnown'>;
  /** Answers while the log has no published catalogue. */
  readonly catalogue?: { readonly plans: readonly PlanRow[] };
  /** The projections of this process, where there are any: waiting for a position then needs no asking. */
  readonly progress?: ReadModelProgress;
  /** How long a read waits for its `minPosition`; default 5 000 (`contract.md`). */
  readonly waitMs?: number;
};

/**
 * The reads.
 *
 * @example
 * const queries = createQueries({ sql, clock, people: vault, progress: projections });
 * const { subscriptions, asOfPosition } = await queries.subscriptions('acme', { minPosition: result.position });
 */
export function createQueries(options: QueriesOptions): Queries {
  const { sql, clock, people, progress, waitMs = 5_000 } = options;
  const read = createReader({ sql, progress, waitMs });
  const fallback = options.catalogue?.plans ?? [];
  const planOf = (planId: string): PlanRow | null => fallback.find((plan) => plan.planId === planId) ?? null;
  return {
    ...subscriptionQueries(read, clock),
    ...peopleQueries(read, { clock, people, planOf }),
    ...paymentQueries(read, clock),
    ...catalogueQueries(read, fallback),
    ...deadlineQueries(read),
    ...keyQueries(read, clock),
    ...erasureQueries(read),
    ...licenseQueries(read),
    ...noticeQueries(read, clock),
    watermark: async () => parsePosition((await read(() => 'select 1 as one', [])).asOfPosition),
  };
}
