/**
 * The same pipeline over a real PostgreSQL, when its server is installed: one payment through every part, a restart, and
 * the whole database lost and rebuilt.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findPostgres, startTemporaryPostgres } from '@perennial/embedded';
import { Client } from 'pg';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { payment } from './payments.ts';
import { startPerennial, until, type Json, type Perennial } from './perennial.ts';

const test = suite('the pipeline over PostgreSQL');
const installation = await findPostgres();
const directory = mkdtempSync(join(tmpdir(), 'pipeline-postgres-'));

test.after(() => rmSync(directory, { recursive: true, force: true }));

async function renewedSubscription(perennial: Perennial): Promise<Json> {
  return until('the renewed subscription', async () => {
    const { body } = await perennial.get('/tenants/acme/subscriptions/s1');
    return body.termEnd === '2027-03-01T00:00:00.000Z' && body;
  });
}

async function emptyDatabase(url: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ name: string }>(
    `select nspname as name from pg_namespace where nspname like 'perennial%'`,
  );
  for (const { name } of rows) await client.query(`drop schema "${name}" cascade`);
  await client.end();
}

if (installation === undefined) {
  console.log('NOTE no PostgreSQL server is installed here: the pipeline ran over PGlite only');
  // Skipped, because there is nothing to run it on: the note above says so in the runner's output.
  test.skip('over PostgreSQL');
} else {
  test(`over PostgreSQL ${installation.majorVersion}: payments are applied, a restart and an emptied database change nothing`, async () => {
    console.log(`NOTE the pipeline also ran over PostgreSQL ${installation.majorVersion}`);
    const postgres = await startTemporaryPostgres({ directory: join(directory, 'cluster') });
    const options = {
      dataDirectory: join(directory, 'data'),
      env: { DATABASE_URL: postgres.url, PERENNIAL_CLOCK: '2027-01-01T00:00:00Z' },
    };
    let perennial = await startPerennial(options);
    try {
      assert.match(perennial.output(), /database: configured/);
      const body = { subscriptionId: 's1', planId: 'O365_BUSINESS_PREMIUM', seats: 1, term: 'P1M' };
      assert.is((await perennial.post('/tenants/acme/subscriptions', body)).status, 200);
      assert.is((await perennial.post('/tenants/acme/subscriptions/s1/commands/activate', {})).status, 200);
      for (const object of ['in_1', 'in_2']) {
        const event = payment({ object, ref: 'acme/s1', occurredAt: `2027-01-01T00:00:0${object.at(-1)}.000Z` });
        assert.is((await perennial.post('/payments', event)).status, 202);
      }
      const live = await renewedSubscription(perennial);
      assert.is(await perennial.stop(), 0);
      perennial = await startPerennial(options);
      assert.equal(await renewedSubscription(perennial), live);
      assert.is(await perennial.stop(), 0);
      await emptyDatabase(postgres.url);
      perennial = await startPerennial(options);
      assert.equal(await renewedSubscription(perennial), live);
    } finally {
      await perennial.stop();
      await postgres.stop();
    }
  });
}

test.run();
