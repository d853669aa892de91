import { viewKey, viewsBucketName } from '@perennial/broker';
import { startRelay, type Role } from '@perennial/handlers';
import {
  createQueries,
  removePersonFromFeed,
  startFeedPublisher,
  startProjections,
  type FeedMessage,
  type FeedPublisher,
  type Projections,
  type Queries,
} from '@perennial/projections';
import type { KV } from 'nats';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { startEngines, type Engines } from '../handlers/engines.ts';
import { openDatabases, type TestDatabase } from './databases.ts';
import { appendSubscription, disable, publishCatalogue } from './log-writer.ts';

const test = suite('reads and change feed');
const waitMs = 60_000;
const seats = 250;
let engines: Engines;
let databases: TestDatabase[] = [];
let relay: Role;
let views: KV;
let running: { projections: Projections; feed: FeedPublisher; queries: Queries }[] = [];
const erased = new Set<string>();
const clock = { now: () => '2027-01-02T00:00:00.000Z' };
const people = {
  personIdIfKnown: async (tenant: string, userId: string) => `person-${tenant}-${userId}`,
  userIdsOf: async (ids: Iterable<string>) =>
    new Map([...ids].filter((id) => !erased.has(id)).map((id) => [id, id.replace(/^person-[^-]+-/, '')] as const)),
};

test.before(async () => {
  engines = await startEngines();
  databases = await openDatabases();
  const { broker, store, logId } = engines;
  relay = startRelay({ broker, store, logId, ensureStreams: async () => undefined });
  views = await broker.jetstream.views.kv(viewsBucketName, { bindOnly: true });
  running = databases.map(({ sql }) => {
    const projections = startProjections({ sql, broker, store });
    return {
      projections,
      feed: startFeedPublisher({ sql, broker, clock, people, progress: projections }),
      queries: createQueries({ sql, clock, people, progress: projections }),
    };
  });
  await publishCatalogue(store);
  await appendSubscription(store, 'acme', 'sub-1', seats);
  await appendSubscription(store, 'acme', 'sub-2', 3);
});
test.after(async () => {
  for (const { projections, feed } of running) {
    await feed.stop();
    await projections.stop();
  }
  await relay.stop();
  for (const database of databases) await database.close();
  await engines.stop();
});

async function upToDate(): Promise<void> {
  const position = (await engines.store.lastPosition()) ?? 0n;
  for (const { projections } of running) await projections.waitFor(position, waitMs);
  for (const { feed } of running) await feed.drained(waitMs);
}

async function published(model: string, tenant: string, key: string): Promise<FeedMessage | undefined> {
  const entry = await views.get(viewKey(model, tenant, key));
  return entry?.operation === 'PUT' ? entry.json<FeedMessage>() : undefined;
}

test('all reads answer the same on every database, and are what the feed shows', async () => {
  await upToDate();
  const answers = await Promise.all(
    running.map(async ({ queries }) => ({
      list: await queries.subscriptions('acme'),
      one: await queries.subscription('acme', 'sub-1'),
      licenses: await queries.licenses('acme'),
      mine: await queries.userLicenses('acme', '1'),
      apps: await queries.apps('acme', '1'),
      inbox: await queries.paymentInbox(),
      plans: await queries.plans(),
      plan: await queries.plan('E3'),
      due: await queries.dueBefore('2028-01-01T00:00:00.000Z', 100),
      pending: await queries.paymentsPending('acme', 'sub-1'),
      pairs: await queries.matchable.next(100),
    })),
  );
  const [first] = answers;
  for (const other of answers) assert.equal(other, first);
  assert.is(first?.list.subscriptions.length, 2);
  assert.is(first?.pairs.length, 2);
  const feedRow = await published('subscriptions', 'acme', 'sub-1');
  const { asOfPosition: _, ...row } = { ...first?.one };
  assert.equal(feedRow?.current, JSON.parse(JSON.stringify(row)));
  assert.equal((await published('licenses', 'acme', 'E3'))?.current, first?.licenses.licenses[0]);
  assert.equal((await published('available-apps', 'acme', '1'))?.current, { apps: first?.apps.apps });
  assert.equal((await published('user-licenses', 'acme', '1'))?.current, { licenses: first?.mine.licenses });
});

test('everybody with a seat is published, each row once however many publishers run', async () => {
  await upToDate();
  const { values } = await views.status();
  // Two subscriptions, one plan, two rows for each person.
  assert.is(values, 2 + 1 + 2 * seats);
});

test('a subscription that is cut off changes the rows of all its people, with what they were before', async () => {
  await upToDate();
  const before = await published('available-apps', 'acme', '200');
  await disable(engines.store, 'acme', 'sub-1');
  await upToDate();
  const after = await published('available-apps', 'acme', '200');
  assert.equal(after?.previous, before?.current);
  const access = (message: FeedMessage | undefined): string[] | undefined => {
    // The rows of this model hold apps.
    const current = message?.current as { apps: { access: string }[] } | undefined;
    return current?.apps.map((app) => app.access);
  };
  assert.equal(
    [access(before), access(after)],
    [
      ['full', 'full'],
      ['none', 'reduced'],
    ],
  );
  assert.ok(BigInt(after?.position ?? 0) > BigInt(before?.position ?? 0));
  const stillServed = await published('available-apps', 'acme', '2');
  assert.equal(access(stillServed), ['full', 'full'], 'another subscription still licenses this person');
});

test('a publisher that is started again publishes nothing that is there already', async () => {
  await upToDate();
  const { broker } = engines;
  const info = () => broker.jetstreamManager.streams.info('KV_views');
  const before = (await info()).state.last_seq;
  for (const [index, { feed, projections }] of running.entries()) {
    const database = databases[index];
    if (database === undefined) continue;
    await feed.stop();
    await projections.rebuild();
    running[index] = {
      projections,
      queries: createQueries({ sql: database.sql, clock, people }),
      feed: startFeedPublisher({ sql: database.sql, broker, clock, people, progress: projections }),
    };
  }
  await upToDate();
  assert.is((await info()).state.last_seq, before);
});

test('an erased person disappears from the feed and is never published again', async () => {
  erased.add('person-acme-7');
  await removePersonFromFeed(engines.broker, 'acme', '7');
  await appendSubscription(engines.store, 'acme', 'sub-3', 10);
  await upToDate();
  assert.is(await published('available-apps', 'acme', '7'), undefined);
  assert.is(await published('user-licenses', 'acme', '7'), undefined);
  assert.ok(await published('user-licenses', 'acme', '8'));
});

test('a bucket that was lost is filled again at the next start', async () => {
  await upToDate();
  const apps = (await published('available-apps', 'acme', '3'))?.current;
  await engines.broker.jetstreamManager.streams.purge('KV_views');
  for (const [index, { feed, projections, queries }] of running.entries()) {
    const database = databases[index];
    if (database === undefined) continue;
    await feed.stop();
    running[index] = {
      projections,
      queries,
      feed: startFeedPublisher({ sql: database.sql, broker: engines.broker, clock, people, progress: projections }),
    };
  }
  await until(async () => (await published('available-apps', 'acme', '3')) !== undefined);
  await upToDate();
  assert.equal((await published('available-apps', 'acme', '3'))?.current, apps);
});

async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + waitMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error('did not happen in time');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

test.run();
