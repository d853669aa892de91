/**
 * Erasing a person: nothing of them is left in the read models and the change feed, and every count, chain and replay is
 * what it was.
 */
import { streams, viewKey } from '@perennial/broker';
import { subscriptionStream, tenantStream } from '@perennial/domain';
import { createChainVerifier } from '@perennial/event-store';
import {
  createErasures,
  createSystemClock,
  createTenantService,
  openPersonVault,
  startErasures,
  startRelay,
  type Erasures,
  type PersonVault,
  type Role,
  type TenantService,
} from '@perennial/handlers';
import {
  createQueries,
  removePersonFromFeed,
  startFeedPublisher,
  startProjections,
  type FeedPublisher,
  type Projections,
  type Queries,
} from '@perennial/projections';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { startEngines, until, type Engines } from '../handlers/engines.ts';
import { openDatabases, type TestDatabase } from './databases.ts';
import { appendAssignments, appendSubscription, publishCatalogue, signInAs } from './log-writer.ts';

const test = suite('erasing a person');
const waitMs = 60_000;
const clock = { now: () => '2027-01-02T00:00:00.000Z' };
const directory = mkdtempSync(join(tmpdir(), 'perennial-erasure-'));
const by = {
  actor: { type: 'user', id: 'an-administrator', roles: ['user-admin'] },
  commandId: 'erase-1',
  correlationId: 'test',
} as const;
let engines: Engines;
let databases: TestDatabase[] = [];
let relay: Role;
let vault: PersonVault;
let tenants: TenantService;
let erasures: Erasures;

type Running = { projections: Projections; feed: FeedPublisher; queries: Queries };

test.before(async () => {
  engines = await startEngines();
  databases = await openDatabases();
  const { broker, store, logId } = engines;
  relay = startRelay({ broker, store, logId, ensureStreams: async () => undefined });
  vault = openPersonVault({ directory: join(directory, 'vault') });
  tenants = createTenantService({ store, clock: createSystemClock() });
  const removeFromFeed = (tenant: string, userId: string) => removePersonFromFeed(broker, tenant, userId);
  erasures = createErasures({ tenants, vault, removeFromFeed });
  await publishCatalogue(store);
});
test.after(async () => {
  await relay.stop();
  for (const database of databases) await database.close();
  await vault.close();
  await engines.stop();
  rmSync(directory, { recursive: true, force: true });
});

function run({ sql }: TestDatabase): Running {
  const { broker, store } = engines;
  const projections = startProjections({ sql, broker, store });
  const common = { sql, clock, people: vault, progress: projections };
  return { projections, feed: startFeedPublisher({ ...common, broker }), queries: createQueries(common) };
}

async function stop({ projections, feed }: Running): Promise<void> {
  await feed.stop();
  await projections.stop();
}

async function upToDate({ projections, feed }: Running): Promise<void> {
  await projections.waitFor((await engines.store.lastPosition()) ?? 0n, waitMs);
  await feed.drained(waitMs);
}

/** Alice, who signed in, and Bob have a seat each. */
async function tenantWithPeople(tenant: string): Promise<{ alice: string; bob: string }> {
  const alice = await vault.personIdFor(tenant, 'alice@example.org');
  const bob = await vault.personIdFor(tenant, 'bob@example.org');
  await appendSubscription(engines.store, tenant, 'sub', 0);
  await appendAssignments(engines.store, tenant, 'sub', [alice, bob]);
  await signInAs(engines.store, tenant, 'sub', { personId: alice, heldSince: 2, deviceId: 'laptop-of-alice' });
  return { alice, bob };
}

/** Every message of the bucket, with markers and names, as bytes. */
async function bucketBytes(): Promise<string> {
  const { jetstreamManager } = engines.broker;
  const { state } = await jetstreamManager.streams.info(streams.views);
  const all: string[] = [];
  for (let seq = state.first_seq; seq <= state.last_seq && state.messages > 0; seq += 1) {
    const message = await jetstreamManager.streams.getMessage(streams.views, { seq }).catch(() => undefined);
    if (message) all.push(`${message.subject} ${new TextDecoder().decode(message.data)}`);
  }
  return all.join('\n');
}

async function databaseText({ sql }: TestDatabase): Promise<string> {
  const schemas = await sql.query<{ name: string }>(
    `select schema_name as name from perennial.version_sets where status = 'active'`,
  );
  const texts: string[] = [];
  for (const { name } of schemas) {
    for (const table of ['seats', 'seat_uses', 'subscriptions']) {
      const rows = await sql.query<{ row: string }>(`select coalesce(body::text, '') as row from ${name}.${table}`);
      texts.push(...rows.map(({ row }) => row));
    }
  }
  return texts.join('\n');
}

async function assertIntact(stream: string): Promise<void> {
  const verifier = createChainVerifier({ stream });
  for await (const event of engines.store.readStreamRaw(stream)) assert.is(verifier.add(event), undefined, stream);
  assert.ok(verifier.end().ok, stream);
}

test('nothing of an erased person is left, every count stays, and a rebuild gives the same', async () => {
  for (const [index, database] of databases.entries()) {
    const tenant = `acme-${index}`;
    const { alice, bob } = await tenantWithPeople(tenant);
    const note = await vault.encrypt({ personId: alice }, 'Alice is on leave');
    const running = run(database);
    await upToDate(running);
    const { queries, projections } = running;
    const licensesBefore = (await queries.licenses(tenant)).licenses;
    assert.is(licensesBefore[0]?.consumed, 2);
    assert.match(await databaseText(database), 'laptop-of-alice');
    assert.match(await bucketBytes(), viewKey('user-licenses', tenant, 'alice@example.org'));

    const erased = await erasures.erase(tenant, 'alice@example.org', by);
    assert.is(erased.erased, true);
    await upToDate(running);
    assert.is(await vault.personIdIfKnown(tenant, 'alice@example.org'), undefined);
    assert.equal(await vault.decrypt(note), { kind: 'erased' });
    assert.not.match(await databaseText(database), 'laptop-of-alice');
    const bucket = await bucketBytes();
    for (const model of ['user-licenses', 'available-apps']) {
      assert.not.match(bucket, viewKey(model, tenant, 'alice@example.org'), 'neither rows nor markers');
      assert.match(bucket, viewKey(model, tenant, 'bob@example.org'));
    }
    assert.equal((await queries.licenses(tenant)).licenses, licensesBefore, 'the seat is consumed as before');
    assert.equal((await queries.userLicenses(tenant, 'alice@example.org')).licenses, []);
    assert.is((await queries.userLicenses(tenant, 'bob@example.org')).licenses.length, 1);
    for (const stream of [tenantStream(tenant), subscriptionStream(tenant, 'sub')]) await assertIntact(stream);

    assert.equal(await erasures.erase(tenant, 'alice@example.org', by), { erased: false, position: null });
    assert.ok((await projections.verify()).equal, database.name);
    const digests = await projections.digests();
    assert.ok((await projections.rebuild()).equal);
    assert.equal(await projections.digests(), digests);
    // Events about somebody who was erased may still come: the seat is given to another, or taken away.
    await signInAs(engines.store, tenant, 'sub', { personId: alice, heldSince: 2, deviceId: 'phone-of-alice' });
    await upToDate(running);
    assert.not.match(await databaseText(database), 'phone-of-alice');
    assert.not.match(await bucketBytes(), viewKey('user-licenses', tenant, 'alice@example.org'));
    assert.ok((await projections.verify()).equal);
    assert.ok(bob);
    await stop(running);
  }
});

test('an erasure whose process ended after it was recorded is finished at the next start', async () => {
  for (const [index, database] of databases.entries()) {
    const tenant = `globex-${index}`;
    const { alice } = await tenantWithPeople(tenant);
    const before = run(database);
    await upToDate(before);
    await stop(before);
    // The event was stored, and nothing else was done.
    await tenants.erasePerson(tenant, alice, by);
    const running = run(database);
    const role = startErasures({ recorded: running.queries, erasures, pollIntervalMs: 50 });
    await until('the vault has forgotten', async () => (await vault.userIdOf(alice)) === undefined, waitMs);
    await upToDate(running);
    assert.not.match(await bucketBytes(), viewKey('user-licenses', tenant, 'alice@example.org'), database.name);
    await role.stop();
    await stop(running);
  }
});

test('an erasure whose process ended before the feed was emptied is finished by the publisher', async () => {
  for (const [index, database] of databases.entries()) {
    const tenant = `initech-${index}`;
    const { alice } = await tenantWithPeople(tenant);
    const before = run(database);
    await upToDate(before);
    await stop(before);
    await tenants.erasePerson(tenant, alice, by);
    await vault.erase(alice);
    assert.match(await bucketBytes(), viewKey('user-licenses', tenant, 'alice@example.org'));
    const running = run(database);
    await upToDate(running);
    assert.not.match(await bucketBytes(), viewKey('user-licenses', tenant, 'alice@example.org'), database.name);
    assert.match(await bucketBytes(), viewKey('user-licenses', tenant, 'bob@example.org'));
    await stop(running);
  }
});

test('the log is not touched: every event of the subscription is there, in its chain', async () => {
  const types: string[] = [];
  for await (const event of engines.store.readStream(subscriptionStream('acme-0', 'sub'))) types.push(event.type);
  assert.equal(types, ['SubscriptionCreated', 'SubscriptionActivated', 'LicenseAssigned', 'LicenseAssigned']);
});

test.run();
