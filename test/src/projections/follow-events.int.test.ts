import { ensureTopology, parkedSubject, streams, type Broker } from '@perennial/broker';
import { UndecodableEventError, type EventStore, type RecordedEvent } from '@perennial/event-store';
import { startRelay, type Role } from '@perennial/handlers';
import {
  allProjections,
  createQueries,
  startProjections,
  type Projection,
  type Projections,
  type TableDigest,
} from '@perennial/projections';
import { NatsError, type StreamConfig } from 'nats';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { startEngines, until, type Engines } from '../handlers/engines.ts';
import { openDatabases, type TestDatabase } from './databases.ts';
import { appendSubscription, disable, publishCatalogue, signIn } from './log-writer.ts';

const test = suite('read models follow EVENTS');
const quiet = { warn() {} };
const waitMs = 60_000;
let engines: Engines;
let databases: TestDatabase[] = [];
let relay: Role;
let expected: readonly TableDigest[];
let counts: Map<string, number>;

test.before(async () => {
  engines = await startEngines();
  databases = await openDatabases();
  await allowDeleting(engines.broker);
  relay = startTestRelay();
  await publishCatalogue(engines.store);
  for (let n = 0; n < 20; n += 1) await appendSubscription(engines.store, `tenant-${n % 3}`, `sub-${n}`, n);
  await disable(engines.store, 'tenant-0', 'sub-3');
});
test.after(async () => {
  await relay.stop();
  for (const database of databases) await database.close();
  await engines.stop();
});
test.before.each(() => {
  counts = new Map();
});

/** The real stream refuses deletions; here a broker that lost messages is played. */
async function allowDeleting(broker: Broker): Promise<void> {
  const { config } = await broker.jetstreamManager.streams.info(streams.events);
  await broker.jetstreamManager.streams.delete(streams.events);
  const changed: Partial<StreamConfig> & { name: string } = { ...config, deny_delete: false };
  await broker.jetstreamManager.streams.add(changed);
}

function startTestRelay(): Role {
  const { broker, store, logId } = engines;
  return startRelay({
    broker,
    store,
    logId,
    ensureStreams: () => ensureTopology(broker, { logger: quiet }),
    verifyIntervalMs: 200,
    standbyMs: 50,
  });
}

function project(
  database: TestDatabase,
  change: {
    broker?: Broker;
    store?: EventStore;
    batchCountMax?: number;
    projections?: readonly Projection[];
  } = {},
): Projections {
  return startProjections({
    sql: database.sql,
    broker: engines.broker,
    store: engines.store,
    idleCheckMs: 150,
    metrics: {
      count: (name, labels, by = 1) => {
        const key = labels?.['by'] === undefined ? name : `${name} ${labels['by']}`;
        counts.set(key, (counts.get(key) ?? 0) + by);
      },
      observe() {},
      gauge() {},
    },
    ...change,
  });
}

async function head(): Promise<bigint> {
  return (await engines.store.lastPosition()) ?? -1n;
}

/** Digests once everything is in. */
async function settled(projections: Projections): Promise<readonly TableDigest[]> {
  await projections.waitFor(await head(), waitMs);
  return projections.digests();
}

async function deletedSequences(select: (sequence: number) => boolean): Promise<number> {
  const { jetstreamManager } = engines.broker;
  const { state } = await jetstreamManager.streams.info(streams.events);
  let count = 0;
  for (let sequence = state.first_seq; sequence <= state.last_seq; sequence += 1) {
    if (select(sequence) && (await jetstreamManager.streams.deleteMessage(streams.events, sequence))) count += 1;
  }
  return count;
}

test('the same log gives the same rows on every database, whatever the batches, and as a fold of the log says', async () => {
  for (const database of databases) {
    for (const batchCountMax of [500, 7]) {
      await database.wipe();
      const projections = project(database, { batchCountMax });
      const digests = await settled(projections);
      expected ??= digests;
      assert.equal(digests, expected, `${database.name}, batches of ${batchCountMax}`);
      assert.ok((await projections.verify()).equal, 'the live tables are a fold of the log');
      await projections.stop();
    }
  }
  const rows = new Map(expected.map(({ table, rowCount }) => [table, rowCount]));
  assert.equal([rows.get('subscriptions'), rows.get('seats'), rows.get('payments')], [20, 190, 20]);
});

test('a restart goes on at the checkpoint and reads nothing twice', async () => {
  for (const database of databases) {
    const projections = project(database);
    assert.equal(await settled(projections), expected, database.name);
    assert.is(counts.get('projection_events_total') ?? 0, 0);
    await projections.stop();
  }
});

test('messages that EVENTS lost in the middle are read from the log', async () => {
  const lost = await deletedSequences((sequence) => sequence % 5 === 2);
  assert.ok(lost > 10);
  for (const database of databases) {
    await emptied(database);
    const projections = project(database);
    assert.equal(await settled(projections), expected, database.name);
    assert.ok((counts.get('gaps_healed_total log') ?? 0) > 0);
    await projections.stop();
  }
});

test('when EVENTS lacks its beginning, an empty database is built from the log', async () => {
  const { state } = await engines.broker.jetstreamManager.streams.info(streams.events);
  await engines.broker.jetstreamManager.streams.purge(streams.events, { seq: state.last_seq - 5 });
  for (const database of databases) {
    await emptied(database);
    const projections = project(database);
    assert.equal(await settled(projections), expected, database.name);
    await projections.stop();
  }
});

test('EVENTS is deleted and published again while projections run: nothing changes, and new events arrive', async () => {
  for (const [index, database] of databases.entries()) {
    const projections = project(database);
    await settled(projections);
    await engines.broker.jetstreamManager.streams.delete(streams.events);
    const position = await appendSubscription(engines.store, 'tenant-9', `late-${index}`, 2);
    await projections.waitFor(position, waitMs);
    await until('EVENTS is back', async () => {
      const info = await engines.broker.jetstreamManager.streams.info(streams.events).catch(() => undefined);
      return (info?.state.messages ?? 0) > 50;
    });
    const again = await appendSubscription(engines.store, 'tenant-9', `later-${index}`, 2);
    await projections.waitFor(again, waitMs);
    await until('the projections follow EVENTS again', () => projections.status().state === 'running');
    assert.ok((await projections.verify()).equal, database.name);
    await projections.stop();
  }
});

test('without a relay the log is followed all the same', async () => {
  await relay.stop();
  try {
    for (const [index, database] of databases.entries()) {
      const projections = project(database);
      await settled(projections);
      const position = await appendSubscription(engines.store, 'tenant-8', `alone-${index}`, 2);
      await projections.waitFor(position, waitMs);
      assert.ok((await projections.verify()).equal, database.name);
      await projections.stop();
    }
  } finally {
    relay = startTestRelay();
  }
});

test('the broker is killed and comes back: the projections go on without help', async () => {
  const [database] = databases;
  if (database === undefined) return;
  const projections = project(database);
  await settled(projections);
  await engines.restartBroker();
  const position = await appendSubscription(engines.store, 'tenant-7', 'after-crash', 3);
  await projections.waitFor(position, waitMs);
  assert.ok((await projections.verify()).equal);
  await projections.stop();
});

test('a rebuild takes over with the same rows, and events go on arriving in the new tables', async () => {
  for (const [index, database] of databases.entries()) {
    const projections = project(database);
    const before = await settled(projections);
    const schema = await activeSchema(database);
    const result = await projections.rebuild();
    assert.ok(result.equal);
    assert.is.not(await activeSchema(database), schema);
    assert.equal(await projections.digests(), before);
    const position = await appendSubscription(engines.store, 'tenant-6', `rebuilt-${index}`, 1);
    await projections.waitFor(position, waitMs);
    assert.ok((await projections.verify()).equal);
    await projections.stop();
  }
});

test('a start over the tables of an older release builds its own from the log, and answers what the older one did not know', async () => {
  const older = allProjections
    .filter(({ name }) => name !== 'seat-uses')
    .map((projection) => (projection.name === 'user-licenses' ? { ...projection, version: 1 } : projection));
  for (const [index, database] of databases.entries()) {
    const id = `upgraded-${index}`;
    await appendSubscription(engines.store, 'tenant-7', id, 2);
    await signIn(engines.store, 'tenant-7', id, { person: 1, deviceId: 'pc' });
    const before = project(database, { projections: older });
    await settled(before);
    await before.stop();
    const schema = await activeSchema(database);
    const upgraded = project(database);
    const position = await signIn(engines.store, 'tenant-7', id, { person: 1, deviceId: 'mac' });
    await upgraded.waitFor(position, waitMs);
    assert.is.not(await activeSchema(database), schema);
    const queries = createQueries({
      sql: database.sql,
      clock: { now: () => '2027-01-02T00:00:00.000Z' },
      people: { personIdIfKnown: async (tenant, userId) => `person-${tenant}-${userId}` },
      progress: upgraded,
    });
    const { apps, devices } = await queries.apps('tenant-7', '1', { minPosition: position });
    const own = devices.filter(({ subscriptionId }) => subscriptionId === id).map(({ deviceId }) => deviceId);
    assert.equal(own.sort(), ['mac', 'pc'], database.name);
    assert.is(apps.find(({ appId }) => appId === 'word')?.needsSignIn, false);
    assert.ok((await upgraded.verify()).equal);
    await upgraded.stop();
  }
});

test('an event that this release cannot read is told to operators, holds its stream, and is taken in by the next release', async () => {
  const { broker, store } = engines;
  const stream = 'subscription-acme_from-the-future';
  for (const [index, database] of databases.entries()) {
    const name = `${stream}-${index}`;
    await appendSubscription(store, 'acme', `from-the-future-${index}`, 3);
    const position = await appendSubscription(store, 'acme', `other-${index}`, 1);
    const projections = project(database, { store: withUnreadable(store, name), broker: withoutEvents(broker) });
    await projections.waitFor(position, waitMs);
    assert.equal(
      (await projections.held()).map((held) => [held.stream, held.revision, held.parkedRevision]),
      [[name, 1, 2]],
      database.name,
    );
    const message = await broker.jetstreamManager.streams.getMessage(streams.parked, {
      last_by_subj: parkedSubject('projections'),
    });
    assert.equal([message.header.get('Parked-Stream'), message.header.get('Parked-Revision')], [name, '2']);
    await projections.stop();
    const upgraded = project(database);
    await upgraded.waitFor(position, waitMs);
    assert.equal(await upgraded.held(), []);
    assert.ok((await upgraded.verify()).equal);
    await upgraded.stop();
  }
});

/** A release that cannot read the third event of one stream. */
function withUnreadable(store: EventStore, stream: string): EventStore {
  const isUnreadable = (event: { stream: string; revision: number }) => event.stream === stream && event.revision === 2;
  const errorAt = (event: RecordedEvent) => new UndecodableEventError(event, 'unknown-type', 'made up by this test');
  return {
    ...store,
    readStream: async function* (name, options) {
      for await (const event of store.readStream(name, options)) {
        if (isUnreadable(event)) throw errorAt(event);
        yield event;
      }
    },
    readAll: async function* (options) {
      for await (const item of store.readAll(options)) {
        if (item.kind !== 'event' || !isUnreadable(item.event)) yield item;
        else {
          const rawData = Buffer.from(JSON.stringify(item.event.data));
          const rawMetadata = Buffer.from(JSON.stringify(item.event.metadata));
          yield { kind: 'undecodable', event: { ...item.event, rawData, rawMetadata, error: errorAt(item.event) } };
        }
      }
    },
  };
}

/** A broker whose EVENTS this release does not see, so that it reads the log. */
function withoutEvents(broker: Broker): Broker {
  const streamNotFound = new NatsError('stream not found', '404');
  streamNotFound.api_error = { code: 404, err_code: 10059, description: 'stream not found' };
  return {
    ...broker,
    jetstream: broker.jetstream,
    jetstreamManager: {
      ...broker.jetstreamManager,
      streams: { ...broker.jetstreamManager.streams, info: () => Promise.reject(streamNotFound) },
    },
  };
}

test('two processes on one database write everything once', async () => {
  const database = databases.at(-1);
  if (database === undefined) return;
  await database.wipe();
  const first = project(database, { batchCountMax: 5 });
  const second = project(database, { batchCountMax: 3 });
  const position = await appendSubscription(engines.store, 'tenant-5', 'two-writers', 10);
  await Promise.all([first.waitFor(position, waitMs), second.waitFor(position, waitMs)]);
  assert.ok((await first.verify()).equal);
  await first.stop();
  await second.stop();
});

/** Empties the tables of the active set: they are then filled from EVENTS, as one that is new is not. */
async function emptied(database: TestDatabase): Promise<void> {
  const { sql } = database;
  const schema = await activeSchema(database);
  for (const { table } of allProjections) await sql.query(`delete from ${schema}.${table.name}`);
  await sql.query(`
    delete from ${schema}.feed_outbox;
    update ${schema}.checkpoint set position = -1, stream_sequence = 0, stream_created = '', log_id = '';`);
}

async function activeSchema({ sql }: TestDatabase): Promise<string | undefined> {
  const [row] = await sql.query<{ schema_name: string }>(
    `select schema_name from perennial.version_sets where status = 'active'`,
  );
  return row?.schema_name;
}

test.run();
