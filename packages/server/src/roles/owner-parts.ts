/**
 * Everything but intake: relay, projections and their feed, matcher, timers, API; owner of the embedded database.
 *
 * @module
 */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { EmbeddedDatabase } from '@perennial/embedded';
import {
  createErasures,
  createProductKeyService,
  resetRelay,
  startErasures,
  startMatcher,
  startMoves,
  startNotices,
  startRedemptions,
  startRelay,
  startTimers,
  type CommandService,
  type Erasures,
  type Matcher,
  type NoticeService,
  type Notices,
  type ProductKeyService,
  type Role,
  type Timers,
} from '@perennial/handlers';
import {
  ReadModelBehindError,
  createQueries,
  dropReadModels,
  migrate,
  openSql,
  removePersonFromFeed,
  startFeedPublisher,
  startProjections,
  type Projections,
  type Queries,
  type Sql,
} from '@perennial/projections';
import { sqlRoles, type RoleName } from '../configuration/configuration.ts';
import { serveApi } from './api.ts';
import type { StartedParts } from './compose.ts';
import { openCommands } from './intake-part.ts';
import { startDailyRoot } from './daily-root.ts';
import { putCatalogueInForce } from './start-catalogue.ts';
import type { Shared } from './shared.ts';

/** What starting needs besides the shared parts. */
export type OwnerOptions = {
  readonly wanted: ReadonlySet<RoleName>;
  readonly progress: (text: string) => void;
  /** The embedded database, where none is configured. */
  readonly database: Promise<EmbeddedDatabase> | undefined;
};

/** The read side of this process. */
export type ReadSide = {
  readonly sql: Sql;
  readonly queries: Queries;
  /** Undefined in a process that only reads. */
  readonly projections: Projections | undefined;
};

const catchUpReportMs = 2_000;
/** After that the start is announced all the same; /readyz and `asOfPosition` say how far the read models are. */
const catchUpWaitMs = 600_000;

type Started = { readonly roles: Role[]; readonly closers: (() => Promise<void>)[] };

/** Starts the wanted roles in the order in which data flows; stops them the other way round. */
export async function startOwnerParts(shared: Shared, options: OwnerOptions): Promise<StartedParts> {
  const { wanted, progress, database } = options;
  const started: Started = { roles: [], closers: [] };
  const stop = async (): Promise<void> => {
    for (const close of started.closers.toReversed()) await close();
  };
  const run = <R extends Role>(role: R): R => {
    started.roles.push(role);
    started.closers.push(() => role.stop());
    return role;
  };
  try {
    await putCatalogueInForce(shared, progress);
    if (wanted.has('relay')) run(await openRelay(shared, progress));
    if (![...wanted].some((role) => sqlRoles.has(role))) return { roles: started.roles, stop };

    const readSide = await openReadSide(shared, { wanted, started, run, database });
    const { commands, notices } = openCommands(shared, readSide.queries);
    started.closers.push(() => commands.close());
    const productKeys = openProductKeys(shared, commands);
    started.closers.push(() => productKeys.close());
    const erasures = openErasures(shared);
    const timers = wanted.has('timers') ? startTimeRoles(shared, { commands, notices }, readSide, run) : undefined;
    // A virtual clock belongs to a test or a simulation: nobody keeps its roots.
    if (wanted.has('timers') && !shared.virtualClock) run(startDailyRoot(shared));
    if (wanted.has('timers')) {
      run(startMoves({ moves: readSide.queries, commands, log: shared.log }));
      run(startErasures({ recorded: readSide.queries, erasures, log: shared.log }));
      run(startRedemptions({ ledger: readSide.queries, keys: productKeys, clock: shared.clock, log: shared.log }));
    }
    const caughtUp = (signal: AbortSignal): Promise<void> => untilCaughtUp(shared, readSide, { progress, signal });
    if (!wanted.has('api')) return { roles: started.roles, caughtUp, stop };
    const api = await serveApi({
      shared,
      commands,
      productKeys,
      erasures,
      noticeService: notices,
      readSide,
      ...timers,
    });
    started.closers.push(() => api.close());
    return { roles: started.roles, address: { url: api.url, port: api.port }, caughtUp, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function openErasures({ tenants, vault, broker }: Shared): Erasures {
  return createErasures({
    tenants,
    vault,
    removeFromFeed: (tenant, userId) => removePersonFromFeed(broker, tenant, userId),
  });
}

/** The secret of the keys lies in the vault's directory: whoever saves the vault saves it too. */
function openProductKeys(shared: Shared, commands: CommandService): ProductKeyService {
  const { configuration, store, clock, vault, tenants, catalogue, log, metrics } = shared;
  return createProductKeyService({
    store,
    clock,
    commands,
    plans: catalogue,
    tenants,
    vault,
    secretPath: join(configuration.dataDirectory, 'vault', 'product-key-secret'),
    newId: randomUUID,
    log,
    metrics,
  });
}

async function openRelay(shared: Shared, progress: (text: string) => void): Promise<Role> {
  if (shared.configuration.relayReset) {
    progress('relay: reset as asked for; EVENTS and the read models begin anew');
    await resetRelay(shared.broker);
  }
  return startRelay(shared);
}

/** Reads are served from the beginning, but a start counts as ready only when they answer what the log holds. */
async function untilCaughtUp(
  { store }: Shared,
  { projections }: ReadSide,
  { progress, signal }: { readonly progress: (text: string) => void; readonly signal: AbortSignal },
): Promise<void> {
  const end = await store.lastPosition();
  if (end === undefined || projections === undefined) return;
  const deadline = performance.now() + catchUpWaitMs;
  for (;;) {
    try {
      return await projections.waitFor(end, catchUpReportMs);
    } catch (error) {
      if (!(error instanceof ReadModelBehindError)) throw error;
      const live = (await projections.sets()).find(({ status }) => status === 'active');
      const percent = (BigInt(live?.position ?? 0) * 100n) / end;
      progress(`read models: ${percent < 0n ? 0n : percent} % of the log (${projections.status().detail})`);
      if (signal.aborted || performance.now() > deadline) return;
    }
  }
}

async function openReadSide(
  shared: Shared,
  {
    wanted,
    started,
    run,
    database,
  }: Pick<OwnerOptions, 'wanted' | 'database'> & {
    readonly started: Started;
    readonly run: <R extends Role>(role: R) => R;
  },
): Promise<ReadSide> {
  const { broker, store, clock, vault, catalogue, log, metrics } = shared;
  const sql = await openDatabase(shared, started, database);
  if (shared.configuration.relayReset) await dropReadModels(sql);
  await migrate(sql);
  const plans = catalogue.current()?.plans ?? [];
  const projections = wanted.has('projections')
    ? run(startProjections({ sql, broker, store, clock, logger: log, metrics }))
    : undefined;
  const progress = projections && { progress: projections };
  if (projections)
    run(
      startFeedPublisher({
        sql,
        broker,
        clock,
        people: vault,
        catalogue: { plans },
        logger: log,
        metrics,
        ...progress,
      }),
    );
  return { sql, projections, queries: createQueries({ sql, clock, people: vault, catalogue: { plans }, ...progress }) };
}

async function openDatabase(
  { engines }: Shared,
  { closers }: Started,
  database: Promise<EmbeddedDatabase> | undefined,
): Promise<Sql> {
  if (engines.databaseUrl !== null) {
    const sql = await openSql({ databaseUrl: engines.databaseUrl });
    closers.push(() => sql.close());
    return sql;
  }
  if (database === undefined) throw new Error('no database is configured and none was opened');
  const embedded = await database;
  closers.push(() => embedded.close());
  const sql = await openSql({ pglite: embedded.database });
  closers.push(() => sql.close());
  return sql;
}

function startTimeRoles(
  shared: Shared,
  { commands, notices: noticeService }: { readonly commands: CommandService; readonly notices: NoticeService },
  { queries, projections }: ReadSide,
  run: <R extends Role>(role: R) => R,
): { readonly matcher: Matcher; readonly timers: Timers; readonly notices: Notices } {
  const { store, broker, clock, log, metrics } = shared;
  const progress = projections && { progress: projections };
  const matcher = run(startMatcher({ pairs: queries.matchable, store, commands, clock, log, metrics, ...progress }));
  const timers = run(startTimers({ due: queries, commands, store, broker, clock, log, metrics, ...progress }));
  const notices = run(startNotices({ due: queries, notices: noticeService, store, clock, log, ...progress }));
  return { matcher, timers, notices };
}
