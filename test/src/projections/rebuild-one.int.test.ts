/**
 * Rebuilding one projection beside the live ones: what is folded with it, what is taken over, and what happens meanwhile.
 */
import type { EventStore } from '@perennial/event-store';
import type { Projections, ProjectionsOptions } from '@perennial/projections';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { until } from '../handlers/engines.ts';
import type { TestDatabase } from './databases.ts';
import { appendSubscription, signIn } from './log-writer.ts';
import { setOf, startProjecting, waitMs, type Projecting } from './projecting.ts';

const test = suite('rebuilding one projection');
const ofPayments = ['payment-inbox', 'payment-references', 'reference-steps'];
let projecting: Projecting;

test.before(async () => {
  projecting = await startProjecting(async (store) => {
    for (let n = 0; n < 8; n += 1) await appendSubscription(store, `tenant-${n % 2}`, `sub-${n}`, n);
    await signIn(store, 'tenant-1', 'sub-5', { person: 1, deviceId: 'laptop' });
  });
});
test.after(async () => projecting?.close());
test.after.each(async () => projecting.stopAll());

async function project(database: TestDatabase, change?: Partial<ProjectionsOptions>): Promise<Projections> {
  const projections = projecting.project(database, change);
  await projecting.upToDate(projections);
  return projections;
}

async function countIn({ sql }: TestDatabase, projections: Projections, what: string): Promise<number> {
  const schema = (await setOf(projections, 'active'))?.set ?? '';
  const [row] = await sql.query<{ count: number }>(`select count(*) as count from ${schema}.${what}`, []);
  return row?.count ?? -1;
}

/** A log whose readers of chosen streams meet `before` first, with the position that they begin behind. */
function watched(store: EventStore, before: (after: bigint | undefined) => Promise<void>): EventStore {
  return {
    ...store,
    readAll: async function* (options) {
      if (options?.streamPrefixes) await before(options.after);
      yield* store.readAll(options);
    },
  };
}

test('what shares its streams is folded, the rest is taken over as it is; it waits, is switched to and taken back', async () => {
  for (const [index, database] of projecting.databases.entries()) {
    const projections = await project(database);
    const schema = (await setOf(projections, 'active'))?.set ?? '';
    const references = await countIn(database, projections, 'payment_references');
    await database.sql.query(`delete from ${schema}.payment_references where stream like '%sub-3%'`);
    await database.sql.query(
      `update ${schema}.subscriptions set body = jsonb_set(body, '{seatsAssigned}', '99') where stream like '%sub-6'`,
    );
    const begun = await projections.startRebuild({ only: 'reference-steps', isByHand: true });
    assert.equal([begun.isNew, begun.folded], [true, ofPayments]);
    assert.is((await projections.startRebuild({ only: 'payment-inbox', isByHand: true })).isNew, false, 'the same');
    await until('it is ready', async () => (await setOf(projections, 'building'))?.state === 'ready', waitMs);
    const ready = await setOf(projections, 'building');
    const { comparison } = ready ?? {};
    assert.equal(
      [ready?.folded, ready?.etaS, ready?.eventCount],
      [ofPayments, 0, 8 + index],
      'one payment per subscription',
    );
    assert.equal(
      comparison?.tables.map(({ table }) => table),
      ['payments', 'payment_references', 'reference_steps'],
    );
    assert.equal(
      comparison?.differences.map(({ table }) => table),
      ['payment_references'],
    );
    assert.match(comparison?.explained.join() ?? '', /taken over as they are: subscriptions, user-licenses/);

    await appendSubscription(projecting.store, 'tenant-7', `by-hand-${index}`, 2);
    await projections.switchOver();
    await projecting.upToDate(projections);
    assert.is(await countIn(database, projections, 'payment_references'), references + 3);
    const { rows } = await projections.verify();
    assert.equal(
      rows.map(({ table, fields }) => [table, fields]),
      [['subscriptions', ['body.seatsAssigned']]],
    );
    assert.equal(await projections.switchBack(), { set: schema });
    assert.is((await projections.verify()).differences.length, 2);
    await projections.dropKept();
    assert.is((await projections.rebuild()).rows.length > 1, true);
    assert.ok((await projections.verify()).equal, 'all of them anew');
    await projections.dropKept();
  }
});

test('what happens to it and to others while it is folded is in it when it takes over', async () => {
  for (const [index, database] of projecting.databases.entries()) {
    let open = (): void => undefined;
    const opened = new Promise<void>((resolve) => (open = resolve));
    const store = watched(projecting.store, async (after) => (after === undefined ? opened : undefined));
    const projections = await project(database, { store });
    const taken = projections.rebuild({ only: 'seat-uses' });
    taken.catch(() => undefined);
    await until('it is filled', async () => (await setOf(projections, 'building'))?.state === 'filling', waitMs);
    await appendSubscription(projecting.store, 'tenant-8', `meanwhile-${index}`, 3);
    await signIn(projecting.store, 'tenant-8', `meanwhile-${index}`, { person: 2, deviceId: 'phone' });
    // Reads of the live set go on.
    await projecting.upToDate(projections);
    open();
    assert.ok((await taken).equal);
    await projecting.upToDate(projections);
    assert.ok((await projections.verify()).equal, database.name);
  }
});

test('a failure after the others were taken over neither copies nor folds anything twice', async () => {
  for (const [index, database] of projecting.databases.entries()) {
    let failures = 0;
    const store = watched(projecting.store, async (after) => {
      if (after === undefined || failures > 0) return;
      failures += 1;
      // The log grows before the build goes on: that part is not for filling any more.
      await appendSubscription(projecting.store, 'tenant-9', `failed-${index}`, 2);
      throw new Error('the log is away');
    });
    const projections = await project(database, { store });
    assert.ok((await projections.rebuild({ only: 'user-licenses' })).equal, database.name);
    assert.is(failures, 1);
    await projecting.upToDate(projections);
    assert.ok((await projections.verify()).equal);
  }
});

test('rows that were forgotten by mistake come back when who was erased is rebuilt', async () => {
  for (const database of projecting.databases) {
    const projections = await project(database);
    const schema = (await setOf(projections, 'active'))?.set ?? '';
    const seats = await countIn(database, projections, 'seats');
    await database.sql.query(
      `insert into ${schema}.erased_people (stream, key, revision, position, body)
         values ('tenant-tenant-1', 'person-tenant-1-1', 0, 1, '{"tenant": "tenant-1"}')`,
    );
    await database.sql.query(`delete from ${schema}.seats where key = 'person-tenant-1-1'`);
    const { differences } = await projections.rebuild({ only: 'erased-people' });
    assert.equal(differences.map(({ table }) => table).sort(), ['erased_people', 'seats']);
    assert.is(await countIn(database, projections, 'seats'), seats);
    assert.ok((await projections.verify()).equal);
  }
});

test('a name that is not there, and another rebuild than the one under way, are refused', async () => {
  for (const database of projecting.databases) {
    const projections = await project(database);
    const codeOf = async (work: Promise<unknown>): Promise<string | undefined> =>
      (
        await work.then(
          () => undefined,
          (error: unknown) => error as { code?: string },
        )
      )?.code;
    assert.is(await codeOf(projections.startRebuild({ only: 'licences' })), 'PROJECTION_UNKNOWN');
    const { set } = await projections.startRebuild({ only: 'key-ledger', isByHand: true });
    assert.is(await codeOf(projections.startRebuild()), 'PROJECTIONS_NOT_READY');
    assert.is(await codeOf(projections.rebuild({ only: 'plans' })), 'PROJECTIONS_NOT_READY');
    await until('it is ready', async () => (await setOf(projections, 'building'))?.state === 'ready', waitMs);
    await projections.switchOver();
    await projecting.upToDate(projections);
    assert.is((await setOf(projections, 'active'))?.set, set);
  }
});

test.run();
