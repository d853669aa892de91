import { migrate, openSql } from '@perennial/projections';
import { createServer, type AddressInfo } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openDatabases, type TestDatabase } from './databases.ts';

const test = suite('read database');
let databases: TestDatabase[] = [];
test.before(async () => {
  databases = await openDatabases();
});
test.after(async () => {
  for (const database of databases) await database.close();
});

const failure = async (promise: Promise<unknown>): Promise<{ code?: string; message: string }> => {
  try {
    await promise;
  } catch (error) {
    return error as { code?: string; message: string };
  }
  throw new Error('did not fail');
};

test('both engines give the same JavaScript values for the same statement', async () => {
  const statement = `
    select 9007199254740991::int8 as big, count(*) as count, '2027-01-31'::date as day,
           '{"b": [1, null], "a": "é"}'::jsonb as body, $1::text as text, null as nothing, true as yes,
           array_to_string($2::text[], '|') as list`;
  for (const { sql, name } of databases) {
    const rows = await sql.query(statement, ["it's", ['a,b', 'c"d', '{}', '']]);
    assert.equal(
      rows,
      [
        {
          big: 9007199254740991,
          count: 1,
          day: '2027-01-31',
          body: { a: 'é', b: [1, null] },
          text: "it's",
          nothing: null,
          yes: true,
          list: 'a,b|c"d|{}|',
        },
      ],
      name,
    );
  }
});

test('a transaction that fails leaves nothing behind, and the next one works', async () => {
  for (const { sql, name } of databases) {
    await sql.query('create table if not exists scratch (id int primary key)');
    const error = await failure(
      sql.tx(async (query) => {
        await query('insert into scratch values ($1)', [1]);
        await query('insert into scratch values ($1)', [1]);
      }),
    );
    assert.match(error.message, 'duplicate key');
    assert.equal(await sql.query('select id from scratch', []), [], name);
    await sql.tx((query) => query('insert into scratch values ($1)', [2]));
    assert.equal(await sql.query('select id from scratch', []), [{ id: 2 }], name);
    await sql.query('drop table scratch');
  }
});

test('migrating twice, and from two processes at once, is the same as once', async () => {
  for (const database of databases) {
    const { sql, name } = database;
    await database.wipe();
    await Promise.all([migrate(sql), migrate(sql)]);
    await migrate(sql);
    const applied = await sql.query('select number from perennial.migrations order by number', []);
    assert.equal(applied, [{ number: 1 }, { number: 2 }, { number: 3 }], name);
  }
});

test('a database that a newer release migrated is refused with a code', async () => {
  for (const database of databases) {
    const { sql, name } = database;
    await database.wipe();
    await migrate(sql);
    await sql.query(`insert into perennial.migrations (number, name) values (99, 'from the future')`);
    assert.is((await failure(migrate(sql))).code, 'DATABASE_TOO_NEW', name);
  }
});

test('a database that does not answer is refused with one sentence that holds no password', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A listening server answers with an address of this kind.
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  const error = await failure(openSql({ databaseUrl: `postgres://me:secret@127.0.0.1:${port}/db` }));
  assert.is(error.code, 'DATABASE_UNREACHABLE');
  assert.match(error.message, `127.0.0.1:${port}/db`);
  assert.not.match(error.message, 'secret');
});

test.run();
