import { subscriptionStream } from '@perennial/domain';
import type { Broker } from '@perennial/broker';
import { setTimeout as delay } from 'node:timers/promises';
import { silentLogger, type Logger, type People, type ReadClock, type ReadModelProgress, type Role } from '../ports.ts';
import { erasedPeople } from '../models/erased-people.ts';
import { allProjections } from '../models/index.ts';
import type { Projection } from '../projection/projection.ts';
import { createActiveSet, type ActiveSet, type KnownSet } from '../queries/active-set.ts';
import type { PlanRow } from '../queries/types.ts';
import { noProjectionMetrics, type ProjectionMetrics } from '../runtime/metrics.ts';
import type { Sql } from '../sql/types.ts';
import { keysOfViews } from './bucket-keys.ts';
import { FeedBucket, openViews, purgeView } from './bucket.ts';
import { countMarks, readMarks, removeMarks, spreadToEverybody, type OutboxMark } from './outbox.ts';
import { reconcileFeed } from './reconcile.ts';
import { peopleOf, rowsOf, type FeedRow, type RowSource } from './rows.ts';
import { sweepBucket } from './sweep-bucket.ts';

/** What the publisher needs. */
export type FeedPublisherOptions = {
  readonly sql: Sql;
  readonly broker: Broker;
  readonly clock: ReadClock;
  readonly people: Pick<People, 'userIdsOf' | 'personIdIfKnown'>;
  readonly catalogue?: { readonly plans: readonly PlanRow[] };
  /** Wakes the publisher; without it the outbox is looked at every `pollMs`. */
  readonly progress?: Pick<ReadModelProgress, 'onProgress'>;
  readonly logger?: Logger;
  readonly metrics?: ProjectionMetrics;
  /** Marks handled at once; default 200. */
  readonly pageCountMax?: number;
  /** Rows on their way to the broker; default 64. */
  readonly inFlightCountMax?: number;
  /** Default 1 000. */
  readonly pollMs?: number;
  /** Pages that are not full begin at least this long after one another, so that bursts come together; default 50. */
  readonly pageIntervalMs?: number;
  readonly backoffLastMs?: number;
  /** What this release projects; default all. */
  readonly projections?: readonly Projection[];
};

/** The running publisher. */
export type FeedPublisher = Role & {
  /** Resolves when the outbox is empty; rejects after `timeoutMs`. */
  drained(timeoutMs: number): Promise<void>;
};

/**
 * Publishes changed rows into the bucket `views`, and forgets a mark only after the broker has the row. After a crash it
 * publishes again what was not forgotten; a row that is there already is not sent twice.
 */
export function startFeedPublisher(options: FeedPublisherOptions): FeedPublisher {
  return new FeedPublisherRuntime(options);
}

class FeedPublisherRuntime implements FeedPublisher {
  readonly name = 'feed';
  readonly stopped: Promise<void>;
  readonly #options: FeedPublisherOptions;
  readonly #stopping = new AbortController();
  readonly #activeSet: ActiveSet;
  #wake = new AbortController();
  #status: ReturnType<Role['status']> = { state: 'starting', detail: 'opening the bucket views' };

  constructor(options: FeedPublisherOptions) {
    this.#options = options;
    this.#activeSet = createActiveSet(options.sql, options.projections ?? allProjections);
    this.stopped = this.#run();
    // Whoever awaits `stopped` sees the failure; until then it must not count as unhandled.
    this.stopped.catch(() => undefined);
  }

  status(): ReturnType<Role['status']> {
    return this.#status;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#wake.abort();
    await this.stopped;
  }

  async drained(timeoutMs: number): Promise<void> {
    const until = performance.now() + timeoutMs;
    for (;;) {
      const set = await this.#readableSet();
      const waiting = set === undefined ? 0 : await countMarks(this.#options.sql.query, set.schema);
      if (waiting === 0) return;
      if (performance.now() > until) throw new Error(`${waiting} marks of the feed still wait after ${timeoutMs} ms`);
      this.#wake.abort();
      await delay(10);
    }
  }

  async #run(): Promise<void> {
    const unsubscribe = this.#options.progress?.onProgress(() => this.#wake.abort());
    let backoffMs = 50;
    while (!this.#stopping.signal.aborted) {
      try {
        await this.#publishUntilStopped(() => (backoffMs = 50));
      } catch (error) {
        this.#status = { state: 'failing', detail: error instanceof Error ? error.message : String(error) };
        (this.#options.logger ?? silentLogger).warn({ err: error, backoffMs }, 'the feed pauses and tries again');
        await this.#pause(backoffMs);
        backoffMs = Math.min(backoffMs * 2, this.#options.backoffLastMs ?? 5_000);
      }
    }
    unsubscribe?.();
    this.#status = { state: 'stopped', detail: 'stopped' };
  }

  async #publishUntilStopped(succeeded: () => void): Promise<void> {
    const { sql, broker, pollMs = 1_000, pageCountMax = 200, pageIntervalMs = 50 } = this.#options;
    const views = await openViews(broker);
    const bucket = new FeedBucket(views);
    const isLost = (await views.status()).values === 0;
    let reconciled = !isLost;
    while (!this.#stopping.signal.aborted) {
      this.#wake = new AbortController();
      const set = await this.#readableSet();
      if (set !== undefined && !reconciled) {
        await reconcileFeed(sql.query, set.schema);
        reconciled = true;
      }
      const began = performance.now();
      const count = set === undefined ? 0 : await this.#publishPage(bucket, set);
      this.#status = { state: 'running', detail: count === 0 ? 'up to date' : 'publishing changed rows' };
      succeeded();
      if (count === 0) await this.#pause(pollMs);
      else if (count < pageCountMax) await this.#pace(began + pageIntervalMs - performance.now());
    }
  }

  /** The set to publish from; none while the active set is one that this release cannot read. */
  async #readableSet(): Promise<KnownSet | undefined> {
    this.#activeSet.forget();
    const set = await this.#activeSet.find();
    return set?.unreadable === undefined ? set : undefined;
  }

  async #publishPage(bucket: FeedBucket, { schema, projections }: KnownSet): Promise<number> {
    const { sql, metrics = noProjectionMetrics, pageCountMax = 200 } = this.#options;
    const marks = await readMarks(sql.query, schema, pageCountMax);
    metrics.gauge('feed_outbox_rows', marks.length);
    const source: RowSource = {
      query: sql.query,
      schema,
      knowsErased: projections.has(erasedPeople.name),
      clock: this.#options.clock,
      people: this.#options.people,
      planOf: (planId) => this.#options.catalogue?.plans.find((plan) => plan.planId === planId) ?? null,
    };
    for (const group of groups(marks)) {
      const [first] = group;
      if (first === undefined || this.#stopping.signal.aborted) return 0;
      if (first.model === 'bucket') {
        await this.#sweep(bucket, source, group);
        continue;
      }
      await this.#publishGroup(bucket, source, first.model, group);
    }
    return marks.length;
  }

  async #sweep(bucket: FeedBucket, source: RowSource, marks: readonly OutboxMark[]): Promise<void> {
    const { people, sql, pageCountMax = 200 } = this.#options;
    const { signal } = this.#stopping;
    const purge = (name: string): Promise<void> => purgeView(this.#options.broker, name);
    await sweepBucket({ keys: keysOfViews(this.#options.broker), purge, bucket, source, people, pageCountMax, signal });
    if (!signal.aborted) await removeMarks(sql.query, source.schema, marks);
  }

  async #publishGroup(
    bucket: FeedBucket,
    source: RowSource,
    model: OutboxMark['model'],
    group: readonly OutboxMark[],
  ): Promise<void> {
    const { sql } = this.#options;
    if (model === 'everybody') {
      for (const mark of group) await spreadToEverybody(sql, source.schema, mark);
      return;
    }
    if (model === 'people-of') {
      for (const mark of group) await this.#publishPeople(bucket, source, mark);
    } else {
      await this.#publishRows(bucket, await rowsOf(source, group));
    }
    if (!this.#stopping.signal.aborted) await removeMarks(sql.query, source.schema, group);
  }

  /** The people of a subscription, page by page: however many there are, few are in memory. */
  async #publishPeople(bucket: FeedBucket, source: RowSource, mark: OutboxMark): Promise<void> {
    const { pageCountMax: limit = 200 } = this.#options;
    const stream = subscriptionStream(mark.tenant, mark.key);
    for (let after = ''; !this.#stopping.signal.aborted;) {
      const personIds = await peopleOf(source, { stream, after, limit });
      const marks = personIds.map((key) => ({ model: 'person', tenant: mark.tenant, key }) as const);
      await this.#publishRows(bucket, await rowsOf(source, marks));
      const last = personIds.at(-1);
      if (last === undefined || personIds.length < limit) return;
      after = last;
    }
  }

  async #publishRows(bucket: FeedBucket, rows: readonly FeedRow[]): Promise<void> {
    const { metrics = noProjectionMetrics, inFlightCountMax = 64 } = this.#options;
    const waiting = rows.values();
    const worker = async (): Promise<void> => {
      for (const row of waiting) {
        if (await bucket.publish(row)) metrics.count('feed_rows_total', { model: row.model });
      }
    };
    await Promise.all(Array.from({ length: Math.min(inFlightCountMax, rows.length) }, worker));
  }

  /** The first mark after a silence is published at once; those of a burst are collected meanwhile. */
  async #pace(waitMs: number): Promise<void> {
    if (waitMs > 0) await delay(waitMs, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
  }

  async #pause(waitMs: number): Promise<void> {
    const signal = AbortSignal.any([this.#stopping.signal, this.#wake.signal]);
    await delay(waitMs, undefined, { signal }).catch(() => undefined);
  }
}

/** Marks of one model and tenant are read in one statement. */
function groups(marks: readonly OutboxMark[]): OutboxMark[][] {
  const found = new Map<string, OutboxMark[]>();
  for (const mark of marks) {
    const name = `${mark.model} ${mark.tenant}`;
    const group = found.get(name);
    if (group) group.push(mark);
    else found.set(name, [mark]);
  }
  return [...found.values()];
}
