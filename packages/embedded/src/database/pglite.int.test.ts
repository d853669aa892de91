import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PGlite } from '@electric-sql/pglite';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { EngineError } from '../engine-error.ts';
import { cachePath } from '../testing/checkout.ts';
import { runScript } from '../testing/script.ts';
import { openPglite } from './pglite.ts';

const test = suite('embedded database');
const seedDirectory = cachePath('pglite-seed');
let root: string;
let options: { dataDirectory: string; seedDirectory: string; lockWaitMs: number };

test.before(async () => {
  const scratch = mkdtempSync(join(tmpdir(), 'pglite-seed-'));
  // The first of all makes the seed, which takes seconds and is not what the tests below look at.
  await (await openPglite({ dataDirectory: scratch, seedDirectory })).close();
  rmSync(scratch, { recursive: true, force: true });
});
test.before.each(() => {
  root = mkdtempSync(join(tmpdir(), 'pglite-'));
  options = { dataDirectory: join(root, 'data'), seedDirectory, lockWaitMs: 0 };
});
test.after.each(() => rmSync(root, { recursive: true, force: true }));

test('a new directory is a working database', async () => {
  const began = performance.now();
  const { database, close } = await openPglite(options);
  console.log(`\nNOTE a new PGlite directory opened in ${Math.round(performance.now() - began)} ms`);
  await database.exec('create table t (id int primary key)');
  await close();
});

test('rows are there after a restart', async () => {
  const first = await openPglite(options);
  await first.database.exec('create table t (id int); insert into t values (7)');
  await first.close();
  const second = await openPglite(options);
  assert.equal((await second.database.query('select id from t')).rows, [{ id: 7 }]);
  await second.close();
});

test('int8 is a number and a date is its text', async () => {
  const { database, close } = await openPglite(options);
  const { rows } = await database.query(
    "select count(*) as n, 9007199254740991::int8 as big, date '2026-01-31' as day",
  );
  assert.equal(rows, [{ n: 1, big: Number.MAX_SAFE_INTEGER, day: '2026-01-31' }]);
  await close();
});

test('a second opener is refused, in this process and in another one', async () => {
  const { close } = await openPglite(options);
  const code = (error: unknown) => (error as EngineError).code;
  assert.is(await openPglite(options).catch(code), 'DATA_DIRECTORY_IN_USE');
  const script = runScript(`
    const { openPglite } = await import(url('database/pglite.js'));
    const outcome = await openPglite(${JSON.stringify(options)}).catch(({ code, message }) => ({ code, message }));
    console.log(JSON.stringify(outcome));
  `);
  const outcome = (await script.firstLine) as { code: string; message: string };
  assert.is(outcome.code, 'DATA_DIRECTORY_IN_USE');
  assert.match(outcome.message, `process ${process.pid}`);
  await close();
});

test('the rows of a killed owner are there for the next one', async () => {
  const script = runScript(`
    const { openPglite } = await import(url('database/pglite.js'));
    const { database } = await openPglite(${JSON.stringify(options)});
    await database.exec('create table t (id int); insert into t select generate_series(1, 500)');
    console.log('{}');
    setInterval(() => undefined, 1000);
  `);
  await script.firstLine;
  script.child.kill('SIGKILL');
  await script.exited;
  const { database, close } = await openPglite(options);
  assert.equal((await database.query('select count(*) as n from t')).rows, [{ n: 500 }]);
  await close();
});

test('a directory that was never finished is begun again', async () => {
  mkdirSync(join(options.dataDirectory, 'pgdata', 'base'), { recursive: true });
  writeFileSync(join(options.dataDirectory, 'pgdata', 'PG_VERSION'), '1');
  const { database, close } = await openPglite(options);
  assert.equal((await database.query('select 1 as one')).rows, [{ one: 1 }]);
  await close();
});

test('a directory that cannot be opened says that it may be removed, and stays free', async () => {
  await (await openPglite(options)).close();
  rmSync(join(options.dataDirectory, 'pgdata', 'global'), { recursive: true });
  for (let turn = 0; turn < 2; turn += 1) {
    const error = await openPglite(options).catch((error: unknown) => error as EngineError);
    assert.is((error as EngineError).code, 'DATABASE_OPEN_FAILED');
    assert.match((error as EngineError).message, 'remove the directory');
  }
});

test('what new databases hold is made once for all of them, and those that are there stay what they are', async () => {
  let fillCount = 0;
  const fill = async (database: PGlite): Promise<void> => {
    fillCount += 1;
    await database.exec('create table t (id int); insert into t values (7)');
  };
  const seedContent = () => Promise.resolve({ key: 'sevens', fill });
  const seeded = { ...options, seedDirectory: join(root, 'seeds'), seedContent };
  for (const name of ['one', 'two', 'one']) {
    const { database, close } = await openPglite({ ...seeded, dataDirectory: join(root, name) });
    assert.equal((await database.query('select id from t')).rows, [{ id: 7 }], name);
    await close();
  }
  assert.is(fillCount, 1);
});

test.run();
