/**
 * What people are told about a subscription, in its stream `notices-…`. A look brings the stream to what the domain plans;
 * senders report what became of a notice.
 *
 * @module
 */
import {
  evolveNotices,
  noNotices,
  noticesStream,
  reportNotice,
  reviewNotices,
  type Instant,
  type NoticeEvent,
  type NoticeReport,
  type NoticeStatus,
  type NoticesState,
} from '@perennial/domain';
import type { EventStore, NewEvent, RecordedEvent } from '@perennial/event-store';
import type { Clock } from '../clock/clock.ts';
import type { Cause, CommandService } from '../command-handling/command-service.ts';
import { metadataOf } from '../command-handling/metadata.ts';
import { createLruCache } from '../state-cache/state-cache.ts';
import { createStreamHandler } from '../command-handling/stream-handler.ts';
import { createLanes } from '../lanes/lanes.ts';
import { noMetrics, type Metrics } from '../role/metrics.ts';
import type { TenantService } from '../tenants/tenant-service.ts';

/** Whom a notice is about. */
export type NoticeTarget = { readonly tenant: string; readonly subscriptionId: string };

/** What a sender says of a notice, and who it is. */
export type NoticeReportRequest = NoticeTarget & {
  readonly noticeId: string;
  readonly report: NoticeReport;
  readonly cause: Cause & { readonly commandId: string };
};

/** How a report ended. `repeated`: it was known, or comes too late to matter. */
export type NoticeReportResult =
  | { readonly kind: 'recorded' | 'repeated'; readonly status: NoticeStatus; readonly position: bigint | undefined }
  | { readonly kind: 'not-found' };

/** See the module's description. */
export type NoticeService = {
  /** Queues, withdraws and lets lapse what the subscription's state asks for now; answers how many events that took. */
  review(target: NoticeTarget): Promise<{ readonly eventCount: number }>;
  report(request: NoticeReportRequest): Promise<NoticeReportResult>;
};

/** What the service needs. */
export type NoticeServiceOptions = {
  readonly store: EventStore;
  readonly clock: Pick<Clock, 'now'>;
  readonly commands: Pick<CommandService, 'loadState'>;
  readonly tenants: Pick<TenantService, 'factsOf'>;
  readonly metrics?: Metrics;
  /** Subscriptions whose notices are kept in memory; default 5 000. */
  readonly cacheEntryCountMax?: number;
};

const timersCause: Cause = { actor: { type: 'system', id: 'notices' }, roles: [], correlationId: 'notices' };

/** See {@link NoticeService}. */
export function createNoticeService(options: NoticeServiceOptions): NoticeService {
  const { store, clock, commands, tenants, metrics = noMetrics } = options;
  const notices = createStreamHandler<NoticesState>({
    store,
    aggregate: { initial: noNotices, evolve: (state, event) => evolveNotices(state, asNoticeEvent(event)) },
    cache: createLruCache({ cacheEntryCountMax: options.cacheEntryCountMax ?? 5_000 }),
    lanes: createLanes({ inFlightCountMax: 64, waitingCountMax: 4_096 }),
    metrics,
  });

  return {
    review: async ({ tenant, subscriptionId }) => {
      const { appended } = await notices.transact(noticesStream(tenant, subscriptionId), async ({ state }) => {
        // Read inside every attempt: a look that lost a race is made anew on what the subscription says then.
        const [subscription, { language }] = await Promise.all([
          commands.loadState(tenant, subscriptionId),
          tenants.factsOf(tenant),
        ]);
        const now = clock.now();
        const decided = reviewNotices(state, subscription, { now, language });
        const policy = subscription.header?.policy;
        const sealed = decided.map((event) => {
          const commandId = `notice:${event.data.noticeId}`;
          return envelope(event, {
            tenant,
            now,
            policy,
            cause: { ...timersCause, correlationId: commandId, commandId },
          });
        });
        return { events: sealed, answer: 'reviewed' };
      });
      for (const { type } of appended) metrics.count('notice_events_total', { type });
      return { eventCount: appended.length };
    },
    report: async ({ tenant, subscriptionId, noticeId, report, cause }) => {
      const { answer, view, appended } = await notices.transact(noticesStream(tenant, subscriptionId), ({ state }) => {
        const now = clock.now();
        const decided = reportNotice(state, noticeId, report, now);
        if (decided === null) return { events: [], answer: 'not-found' as const };
        const sealed = decided.map((event) => envelope(event, { tenant, now, policy: undefined, cause }));
        return { events: sealed, answer: decided.length > 0 ? ('recorded' as const) : ('repeated' as const) };
      });
      for (const { type } of appended) metrics.count('notice_events_total', { type });
      const known = view.state.get(noticeId);
      if (answer === 'not-found' || known === undefined) return { kind: 'not-found' };
      return { kind: answer, status: known.status, position: view.position };
    },
  };
}

function asNoticeEvent({ type, data, metadata }: RecordedEvent): NoticeEvent {
  // The door validated the data against the schema of its type; only notice events are in notice streams.
  return { type, data, effectiveAt: metadata.effectiveAt } as NoticeEvent;
}

function envelope(
  { type, data, effectiveAt }: NoticeEvent,
  about: {
    readonly tenant: string;
    readonly now: Instant;
    readonly policy: string | undefined;
    readonly cause: Cause & { readonly commandId: string };
  },
): NewEvent {
  const { cause } = about;
  return {
    type,
    data,
    metadata: {
      ...metadataOf({ ...cause, now: about.now, tenant: about.tenant }),
      effectiveAt,
      ...(about.policy === undefined ? {} : { policy: about.policy }),
    },
  };
}
