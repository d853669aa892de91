import { PGlite } from '@electric-sql/pglite';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openPglite } from './pglite.ts';
import type { Sql } from './types.ts';

const test = suite('PGlite behind the common surface');
let database: PGlite;
let sql: Sql;

test.before(async () => {
  database = await PGlite.create();
  sql = openPglite(database);
});
test.after(() => database.close());

test('values come back as they were given, at the first use of a statement and at later ones', async () => {
  const texts = ['a,b', '{}', 'say "no"', 'c:\\d', 'null', '', 'ü€\u{1F600}'];
  const statement = 'select $1::int8 as n, $2::boolean as ok, $3::jsonb as body, $4::text[] as texts, $5::text as none';
  const expected = [{ n: 7, ok: false, body: { a: ['"'] }, texts, none: null }];
  for (let use = 0; use < 8; use += 1) {
    assert.equal(await sql.query(statement, [7, false, '{"a":["\\""]}', texts, null]), expected);
  }
});

test('a statement that failed works afterwards, and its error has the SQLSTATE', async () => {
  const statement = 'select 10 / $1::int as tenth';
  const code = (error: unknown): unknown => (error as { code?: string }).code;
  assert.is(await sql.query(statement, [0]).catch(code), '22012');
  assert.equal(await sql.query(statement, [5]), [{ tenth: 2 }]);
  assert.is(await sql.query(statement, [0]).catch(code), '22012');
  assert.equal(await sql.query(statement, [2]), [{ tenth: 5 }]);
  assert.is(await sql.query('select * from nowhere where 1 = $1', [1]).catch(code), '42P01');
});

test('a statement follows a table that was dropped and made again', async () => {
  await sql.query('create table kept (id int); insert into kept values (1)');
  assert.equal(await sql.query('select id from kept where id < $1', [9]), [{ id: 1 }]);
  await sql.query('drop table kept; create table kept (id int); insert into kept values (2)');
  assert.equal(await sql.query('select id from kept where id < $1', [9]), [{ id: 2 }]);
});

test('a transaction holds other statements back and leaves nothing behind when it fails', async () => {
  await sql.query('create table counted (id int)');
  const refusal = new Error('no');
  const failing = sql.tx(async (query) => {
    await query('insert into counted values ($1)', [1]);
    throw refusal;
  });
  const meanwhile = sql.query('select count(*) as n from counted', []);
  assert.is(await failing.catch((error: unknown) => error), refusal);
  assert.equal(await meanwhile, [{ n: 0 }]);
  await sql.tx((query) => query('insert into counted values ($1)', [2]));
  assert.equal(await sql.query('select id from counted', []), [{ id: 2 }]);
});

test.run();
