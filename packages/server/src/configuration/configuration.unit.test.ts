import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ConfigurationError, readConfiguration } from './configuration.ts';

const test = suite('configuration');
const directory = mkdtempSync(join(tmpdir(), 'configuration-'));

test.after(() => rmSync(directory, { recursive: true, force: true }));

test('an empty environment means embedded engines, every role, the system clock and loopback', () => {
  const configuration = readConfiguration({}, directory);
  assert.is(configuration.host, '127.0.0.1');
  assert.is(configuration.port, 8080);
  assert.is(configuration.dataDirectory, join(directory, '.perennial'));
  assert.is(configuration.eventStoreUrl, null);
  assert.is(configuration.nats, null);
  assert.is(configuration.databaseUrl, null);
  assert.is(configuration.virtualClockStart, null);
  assert.equal([...configuration.roles], ['intake', 'relay', 'projections', 'timers', 'api']);
});

test('an empty variable counts as absent', () => {
  assert.is(readConfiguration({ PORT: '', DATABASE_URL: ' ' }, directory).port, 8080);
});

test('a virtual clock starts at the given instant, in UTC with milliseconds', () => {
  const configuration = readConfiguration({ PERENNIAL_CLOCK: '2027-06-01T02:00:00+02:00' }, directory);
  assert.is(configuration.virtualClockStart, '2027-06-01T00:00:00.000Z');
});

const refusals: readonly (readonly [variable: string, env: Record<string, string>])[] = [
  ['PORT', { PORT: 'eighty' }],
  ['PORT', { PORT: '70000' }],
  ['PORT', { PORT: '-1' }],
  ['EVENTSTORE_URL', { EVENTSTORE_URL: 'http://127.0.0.1:2113' }],
  ['EVENTSTORE_URL', { EVENTSTORE_URL: 'esdb://' }],
  ['NATS_URL', { NATS_URL: 'http://127.0.0.1' }],
  ['NATS_CREDS', { NATS_CREDS: '/nowhere/at.all' }],
  ['NATS_TLS_CA', { NATS_URL: 'tls://127.0.0.1', NATS_TLS_CA: '/nowhere/at.all' }],
  ['DATABASE_URL', { DATABASE_URL: 'mysql://127.0.0.1/db' }],
  ['PERENNIAL_ROLES', { PERENNIAL_ROLES: 'intake,everything' }],
  ['PERENNIAL_CLOCK', { PERENNIAL_CLOCK: 'tomorrow' }],
  ['PERENNIAL_AUTH', { PERENNIAL_AUTH: 'basic' }],
  ['PERENNIAL_AUTH', { HOST: '0.0.0.0' }],
  ['PERENNIAL_JWT_SECRET', { PERENNIAL_AUTH: 'jwt' }],
  ['PERENNIAL_JWT_SECRET', { PERENNIAL_AUTH: 'jwt', PERENNIAL_JWT_SECRET: 'short' }],
  ['PERENNIAL_CATALOGUE', { PERENNIAL_CATALOGUE: 'nowhere.csv' }],
  ['PERENNIAL_RELAY_RESET', { PERENNIAL_RELAY_RESET: 'perhaps' }],
  ['LOG_LEVEL', { LOG_LEVEL: 'loud' }],
];
for (const [variable, env] of refusals) {
  test(`${JSON.stringify(env)} is refused in one sentence that names ${variable}`, () => {
    try {
      readConfiguration(env, directory);
      assert.unreachable('the value was accepted');
    } catch (error) {
      assert.instance(error, ConfigurationError);
      assert.match((error as ConfigurationError).message, new RegExp(variable));
      assert.match((error as ConfigurationError).message, /^[^\n]+\.$/);
    }
  });
}

test('a file in the place of the data directory is refused', () => {
  writeFileSync(join(directory, 'file'), '');
  assert.throws(() => readConfiguration({ PERENNIAL_DATA: 'file' }, directory), /PERENNIAL_DATA.*not a file/);
});

test('a database password is not repeated in the refusal', () => {
  assert.throws(
    () => readConfiguration({ DATABASE_URL: 'mysql://root:secret@127.0.0.1/db' }, directory),
    (error: Error) => !error.message.includes('secret'),
  );
});

test.run();
