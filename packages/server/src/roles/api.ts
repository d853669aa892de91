/**
 * Fills the ports of the HTTP application with the parts of this process.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import { openAudit } from '@perennial/audit';
import { importServicePlanCsv, type Instant } from '@perennial/domain';
import {
  createParkedMessages,
  linkPayments,
  paymentsSettled,
  publishPayment,
  publishRawPayment,
  type CommandService,
  type Erasures,
  type Matcher,
  type NoticeService,
  type Notices,
  type ProductKeyService,
  type Timers,
} from '@perennial/handlers';
import { createHttpApp } from '../http/app.ts';
import type { ApiServices, CataloguePort, ClockPort } from '../http/services.ts';
import { createClockBarrier } from './clock-barrier.ts';
import { serveHttp, type HttpServer } from './http-server.ts';
import type { ReadSide } from './owner-parts.ts';
import { proofPort } from './proof-port.ts';
import { gatherReports, partsOf, renderMetrics, type ProcessReport } from './process-report.ts';
import { projectionPort } from './projection-port.ts';
import type { Shared } from './shared.ts';

/** What the API stands on. */
export type ApiParts = {
  readonly shared: Shared;
  readonly commands: CommandService;
  readonly productKeys: ProductKeyService;
  readonly noticeService: NoticeService;
  readonly erasures: Erasures;
  readonly readSide: ReadSide;
  /** Absent where other processes run them. */
  readonly matcher?: Matcher;
  readonly timers?: Timers;
  readonly notices?: Notices;
};

const catchUpWaitMs = 30_000;
const beginningOfTime: Instant = '0000-01-01T00:00:00.000Z';

/** Serves the API until it is closed. */
export async function serveApi(parts: ApiParts): Promise<HttpServer> {
  const { configuration, metrics, log, broker } = parts.shared;
  const { auth, stripeWebhookSecret } = configuration;
  const app = createHttpApp(apiServices(parts), {
    auth,
    stripe: { secrets: stripeWebhookSecret === null ? [] : [stripeWebhookSecret] },
    metrics: metrics.registry,
    metricsPage: async () => renderMetrics(await gatherReports(broker)),
    log,
  });
  return serveHttp({ fetch: app.fetch, host: configuration.host, port: configuration.port });
}

function apiServices(parts: ApiParts): ApiServices {
  const { shared, commands, readSide } = parts;
  const { broker, store, clock, vault, tenants } = shared;
  const link = linkPayments({ ...shared, commands, find: (eventId) => readSide.queries.paymentOf(eventId) });
  return {
    commands: {
      ...commands,
      execute: (request) => (request.command.name === 'link-payment' ? link(request) : commands.execute(request)),
    },
    queries: readSide.queries,
    vault,
    payments: {
      publish: (event) => publishPayment(broker, event),
      publishRaw: (raw) => publishRawPayment(broker, raw),
    },
    tenants,
    clock: clockPort(parts),
    audit: openAudit({ log: store, clock }),
    logEnd: async () => (await store.lastPosition()) ?? 0n,
    parked: createParkedMessages({ broker, store, clock, vault }),
    projections: projectionPort(parts),
    catalogue: cataloguePort(shared),
    notices: parts.noticeService,
    erasures: parts.erasures,
    productKeys: {
      service: parts.productKeys,
      find: (last5, options) => readSide.queries.productKeys(last5, options),
      familyOf: (planId) => shared.catalogue.current()?.plans.find((plan) => plan.planId === planId)?.family,
    },
    proof: proofPort(shared),
    parts: async () => partsOf(await gatherReports(broker), shared.configuration.rolesOfStart),
  };
}

function clockPort(parts: ApiParts): ClockPort {
  const { clock, virtualClock, broker, store } = parts.shared;
  if (!virtualClock) {
    const standing = (): never => {
      throw new Error('the system clock cannot be moved: the route must have refused this');
    };
    return { now: () => clock.now(), virtual: false, advanceTo: standing };
  }
  const readModelsCaughtUp = async (): Promise<bigint> => {
    const position = await store.lastPosition();
    if (position === undefined) return 0n;
    await parts.readSide.projections?.waitFor(position, catchUpWaitMs);
    return position;
  };
  const barrier = createClockBarrier({
    clock: virtualClock,
    paymentsSettled: () => paymentsSettled(broker),
    readModelsCaughtUp,
    matchesSettled: async () => void (await parts.matcher?.settle()),
    timersRun: async (now) => {
      await parts.timers?.runUntilNoneDue(now);
      await parts.notices?.runUntilNoneDue(now);
    },
    slowestClock: async () => slowestClock(await gatherReports(broker), parts.shared),
  });
  return { now: () => clock.now(), virtual: true, advanceTo: (to) => barrier(to) };
}

/** A process that does not answer has not been seen to move: it counts as the slowest. */
function slowestClock(reports: readonly ProcessReport[], { configuration, clock }: Shared): Instant {
  const isComplete = partsOf(reports, configuration.rolesOfStart).every(({ state }) => state !== 'stopped');
  if (!isComplete) return beginningOfTime;
  return reports.reduce((slowest, { now }) => (now < slowest ? now : slowest), clock.now());
}

function cataloguePort({ catalogue }: Shared): CataloguePort {
  return {
    importCsv: async (text, by) => {
      const imported = importServicePlanCsv(text);
      // The same file is the same version: importing it again changes nothing.
      const version = createHash('sha256').update(text).digest('hex').slice(0, 16);
      const { position } = await catalogue.publish({ ...imported.catalogue, version }, by);
      return { version, planCount: imported.catalogue.plans.length, oddities: imported.oddities, position };
    },
  };
}
