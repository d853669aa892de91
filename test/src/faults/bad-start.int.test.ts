/** A start that cannot work says why in one sentence with a code, never with a stack trace, and ends with 1. */
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { startAndFail, startPerennial } from '../pipeline/perennial.ts';

const test = suite('a start that cannot work');
let directory: string;

test.before.each(() => {
  directory = mkdtempSync(join(tmpdir(), 'bad-start-'));
});

test.after.each(() => rmSync(directory, { recursive: true, force: true }));

async function failsWith(env: Record<string, string>, pattern: RegExp): Promise<void> {
  const { code, output } = await startAndFail({ PERENNIAL_DATA: directory, PORT: '0', LOG_LEVEL: 'fatal', ...env });
  assert.is(code, 1, output);
  assert.match(output, pattern);
  assert.not.match(output, /^\s+at .*\.(js|ts):\d+/m, 'a stack trace is no answer');
}

test('a bad value names its variable', () => failsWith({ PORT: 'eighty' }, /PORT is "eighty", but must be/));

test('an event store that does not answer is named', () =>
  failsWith({ EVENTSTORE_URL: 'esdb://127.0.0.1:1?tls=false' }, /EVENT_STORE_UNAVAILABLE/));

test('a broker that does not answer is named', () => failsWith({ NATS_URL: 'nats://127.0.0.1:1' }, /NATS_UNREACHABLE/));

test('a database that does not answer is named', () =>
  failsWith({ DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' }, /DATABASE_UNREACHABLE/));

test('a port in use is named', async () => {
  const server = await new Promise<Server>((resolve) => {
    const listening = createServer().listen(0, '127.0.0.1', () => resolve(listening));
  });
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  await failsWith({ PORT: String(port) }, new RegExp(`ADDRESS_UNAVAILABLE.*port ${port} .* is in use`));
  server.close();
});

test('a data directory that another Perennial owns is named, with the owner', async () => {
  const first = await startPerennial({ dataDirectory: directory });
  await failsWith({}, new RegExp(`DATA_DIRECTORY_IN_USE.*process ${first.pid}`));
  await first.stop();
});

test('a file where the data directory should be is named', () => {
  writeFileSync(join(directory, 'file'), '');
  return failsWith({ PERENNIAL_DATA: join(directory, 'file') }, /PERENNIAL_DATA.*not a file/);
});

test('a data directory that cannot be written is named', async () => {
  if (process.getuid?.() === 0) {
    console.log('NOTE the read-only data directory is not tried: root may write everywhere');
    return;
  }
  const readOnly = join(directory, 'read-only');
  mkdirSync(readOnly);
  chmodSync(readOnly, 0o500);
  await failsWith({ PERENNIAL_DATA: readOnly }, /PERENNIAL_DATA/);
});

test('a corrupt event store file is named', async () => {
  const first = await startPerennial({ dataDirectory: directory });
  await first.stop();
  const files = readdirSync(join(directory, 'event-store'), { recursive: true }).map(String);
  const data = files.find((name) => name.endsWith('.mdb'));
  assert.ok(data, `no data file among ${files.join(', ')}`);
  writeFileSync(join(directory, 'event-store', data), Buffer.alloc(64 * 1024, 0x5a));
  await failsWith({}, /^perennial: DATA_FILE_DAMAGED: .*restore it from a backup/m);
});

test('a corrupt vault is named instead of being opened again and again', async () => {
  const first = await startPerennial({ dataDirectory: directory });
  await first.stop();
  writeFileSync(join(directory, 'vault', 'data.mdb'), Buffer.alloc(64 * 1024, 0x5a));
  await failsWith({}, /^perennial: \w*DAMAGED: .*backup/m);
});

for (const stopAt of [/nats: /, /event store: /, /intake running/]) {
  test(`a start that is stopped at "${stopAt.source}" ends with 0 and leaves the directory free`, async () => {
    const env = { PERENNIAL_DATA: directory, PORT: '0', LOG_LEVEL: 'fatal' };
    const { code, output } = await startAndFail(env, stopAt);
    assert.is(code, 0, output);
    assert.not.match(output, /perennial ready/);
    const next = await startPerennial({ dataDirectory: directory });
    assert.is(await next.stop(), 0);
  });
}

test.run();
