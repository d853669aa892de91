/**
 * Building read models beside the live ones: what is read meanwhile, who takes over, and what a crash leaves.
 */
import type { EventStore } from '@perennial/event-store';
import {
  allProjections,
  createQueries,
  type Projection,
  type Projections,
  type SetReport,
} from '@perennial/projections';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { until } from '../handlers/engines.ts';
import type { TestDatabase } from './databases.ts';
import { appendSubscription, disable } from './log-writer.ts';
import { setOf, startProjecting, waitMs, type Projecting } from './projecting.ts';

const test = suite('version sets');
let projecting: Projecting;

test.before(async () => {
  projecting = await startProjecting(async (store) => {
    for (let n = 0; n < 12; n += 1) await appendSubscription(store, `tenant-${n % 3}`, `sub-${n}`, n);
    await disable(store, 'tenant-0', 'sub-3');
  });
});
test.after(async () => projecting?.close());
test.after.each(async () => projecting.stopAll());

async function whenBuilt(projections: Projections, isBuilt: (set: SetReport | undefined) => boolean): Promise<void> {
  await until('the set that is built', async () => isBuilt(await setOf(projections, 'building')), waitMs);
}

/** Every row of every table in the canonical form of the database's JSON. */
async function rowsOf({ sql }: TestDatabase, schema: string): Promise<string[]> {
  const rows: string[] = [];
  for (const { table } of allProjections) {
    const found = await sql.query<{ row: string }>(
      `select to_jsonb(t)::text as row from ${schema}.${table.name} t order by stream, key`,
    );
    rows.push(...found.map(({ row }) => `${table.name} ${row}`));
  }
  return rows;
}

/** A log of which readers of all of it see only the first events until it is opened. */
function gated(store: EventStore, eventCount: number): { readonly store: EventStore; readonly open: () => void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return {
    open: () => open(),
    store: {
      ...store,
      readAll: async function* (options) {
        let count = 0;
        for await (const item of store.readAll(options)) {
          if (options?.after === undefined && count === eventCount) await opened;
          count += 1;
          yield item;
        }
      },
    },
  };
}

const refundsVersion = allProjections.find(({ name }) => name === 'refunds-due')?.version ?? 0;
const nextRelease = (change: Partial<Projection> = {}): readonly Projection[] =>
  allProjections.map((projection) =>
    projection.name === 'refunds-due' ? { ...projection, version: projection.version + 1, ...change } : projection,
  );

test('a rebuild is compared, waits, takes over by hand with the same rows byte for byte, and can be taken back', async () => {
  for (const [index, database] of projecting.databases.entries()) {
    const projections = projecting.project(database);
    await projecting.upToDate(projections);
    const before = (await setOf(projections, 'active'))?.set ?? '';
    const { set, isNew } = await projections.startRebuild({ isByHand: true });
    assert.ok(isNew);
    const again = await projections.startRebuild();
    assert.equal([again.set, again.isNew], [set, false], 'one at a time');
    await whenBuilt(projections, (built) => built?.state === 'ready');
    const ready = await setOf(projections, 'building');
    assert.equal([ready?.comparison?.equal, ready?.etaS, ready?.isByHand], [true, 0, true]);
    assert.ok((ready?.eventCount ?? 0) > 80);
    assert.is((await setOf(projections, 'active'))?.set, before, 'it waits');

    await appendSubscription(projecting.store, 'tenant-6', `by-hand-${index}`, 3);
    await projections.switchOver();
    await projecting.upToDate(projections);
    assert.is((await setOf(projections, 'active'))?.set, set);
    await appendSubscription(projecting.store, 'tenant-6', `after-${index}`, 3);
    await projecting.upToDate(projections);
    const end = (await projecting.store.lastPosition())?.toString();
    await until('the kept set is current', async () => (await setOf(projections, 'kept'))?.position === end, waitMs);
    assert.equal(await rowsOf(database, before), await rowsOf(database, set), database.name);

    assert.equal(await projections.switchBack(), { set: before });
    await appendSubscription(projecting.store, 'tenant-6', `back-${index}`, 1);
    await projecting.upToDate(projections);
    assert.equal([(await setOf(projections, 'active'))?.set, (await setOf(projections, 'kept'))?.set], [before, set]);
    assert.ok((await projections.verify()).equal);
    assert.is(await projections.dropKept(), true);
    assert.is(await projections.dropKept(), false);
    assert.is((await projections.sets()).length, 1);
    const refused = await projections.switchBack().catch((error: unknown) => error);
    assert.is((refused as { code?: string }).code, 'PROJECTIONS_NOT_READY');
  }
});

test('a row that was altered, one that was removed and one that was invented are named, and a rebuild puts them right', async () => {
  for (const database of projecting.databases) {
    const { sql, name } = database;
    const projections = projecting.project(database);
    await projecting.upToDate(projections);
    const schema = (await setOf(projections, 'active'))?.set ?? '';
    const [altered, removed, invented] = ['tenant-1_sub-1', 'tenant-2_sub-5', 'tenant-0_sub-6'];
    await sql.query(
      `update ${schema}.subscriptions set body = jsonb_set(body, '{seatsAssigned}', '99') where stream = 'subscription-${altered}'`,
    );
    await sql.query(
      `delete from ${schema}.seats where stream = 'subscription-${removed}' and key = 'person-tenant-2-1'`,
    );
    await sql.query(
      `insert into ${schema}.seats (stream, key, revision, position, body)
         select stream, 'person-nobody', revision, position, body from ${schema}.seats
          where stream = 'subscription-${invented}' and key = 'person-tenant-0-1'`,
    );
    const { equal, rows, differences } = await projections.verify();
    assert.is(equal, false);
    assert.equal(differences.map(({ table }) => table).sort(), ['seats', 'subscriptions'], name);
    assert.equal(rows.map((row) => [row.table, row.stream, row.key, row.kind, row.fields]).sort(), [
      ['seats', `subscription-${invented}`, 'person-nobody', 'unexpected', []],
      ['seats', `subscription-${removed}`, 'person-tenant-2-1', 'missing', []],
      ['subscriptions', `subscription-${altered}`, '', 'different', ['body.seatsAssigned']],
    ]);
    assert.is((await projections.sets()).length, 1, 'what was only compared with is gone');
    const rebuilt = await projections.rebuild();
    assert.is(rebuilt.rows.length, 3);
    assert.ok((await projections.verify()).equal);
  }
});

test('a build that ended with its process goes on where it was', async () => {
  for (const database of projecting.databases) {
    const { store, open } = gated(projecting.store, 30);
    // So little room that some of it is written before the end.
    const interrupted = projecting.project(database, { store, fillPageCountMax: 10, fillRowCountMax: 20 });
    await projecting.upToDate(interrupted);
    const { set } = await interrupted.startRebuild();
    await whenBuilt(interrupted, (built) => (built?.eventCount ?? 0) === 30);
    const stopped = interrupted.stop();
    open();
    await stopped;
    const projections = projecting.project(database);
    await until('the set takes over', async () => (await setOf(projections, 'active'))?.set === set, waitMs);
    assert.ok((await projections.verify()).equal, database.name);
  }
});

test('rows that do not fit into memory are written, read again and changed, with the same result', async () => {
  for (const database of projecting.databases) {
    const bounds = { fillPageCountMax: 7, fillRowCountMax: 16, fillByteCountMax: 20_000 };
    const projections = projecting.project(database, bounds);
    await projecting.upToDate(projections);
    const comparison = await projections.rebuild();
    assert.equal([comparison.equal, comparison.rows], [true, []], database.name);
  }
});

test('while a new release builds its own, reads of the old tables stay current; then it takes over by itself', async () => {
  for (const [index, database] of projecting.databases.entries()) {
    const { sql } = database;
    const older = projecting.project(database);
    await projecting.upToDate(older);
    await older.stop();
    const { store, open } = gated(projecting.store, 10);
    const projections = projecting.project(database, { store, projections: nextRelease(), fillPageCountMax: 5 });
    const queries = createQueries({
      sql,
      clock: { now: () => '2027-01-02T00:00:00.000Z' },
      people: { personIdIfKnown: async () => undefined },
      progress: projections,
    });
    await whenBuilt(projections, (built) => (built?.eventCount ?? 0) >= 10);
    const before = (await setOf(projections, 'active'))?.set;
    const minPosition = await appendSubscription(projecting.store, 'tenant-5', `meanwhile-${index}`, 2);
    const row = await queries.subscription('tenant-5', `meanwhile-${index}`, { minPosition });
    assert.is(row?.seats.assigned, 2, database.name);
    assert.is((await setOf(projections, 'active'))?.set, before);
    const refused = await projections.verify().catch((error: unknown) => error);
    assert.is((refused as { code?: string }).code, 'PROJECTIONS_NOT_READY');
    open();
    await until('the new set takes over', async () => (await setOf(projections, 'active'))?.set !== before, waitMs);
    assert.ok((await projections.verify()).equal);
    assert.is((await setOf(projections, 'kept'))?.state, 'frozen', 'it waits for the older release');
    await projections.stop();
    // Another release has written into the tables that are there now: the older one builds its own again.
    const again = projecting.project(database);
    await until(
      'the older release reads its own',
      async () => {
        const active = await setOf(again, 'active');
        return active?.projections.includes(`refunds-due@${refundsVersion}`) === true && active.set !== before;
      },
      waitMs,
    );
    assert.ok((await again.verify()).equal);
  }
});

test('tables that a release cannot read are left alone: reads wait, and say why', async () => {
  for (const database of projecting.databases) {
    const older = projecting.project(database);
    await projecting.upToDate(older);
    await older.stop();
    const { store, open } = gated(projecting.store, 10);
    // A version of its own: the set that an earlier test kept of the next one would only be followed on.
    const release = nextRelease({ version: refundsVersion + 2, rowsReadableSince: refundsVersion + 1 });
    const projections = projecting.project(database, { store, projections: release });
    await until('it says why', () => /rows of refunds-due@\d+ mean something else/.test(projections.status().detail));
    const minPosition = (await projecting.store.lastPosition()) ?? 0n;
    const late = await projections.waitFor(minPosition, 50).catch((error: unknown) => error);
    assert.is((late as { code?: string }).code, 'READ_MODEL_BEHIND');
    open();
    await projections.waitFor(minPosition, waitMs);
    assert.ok((await projections.verify()).equal, database.name);
    await projections.stop();
    await projecting.project(database).waitFor(minPosition, waitMs);
  }
});

test.run();
