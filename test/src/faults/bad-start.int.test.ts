/** A start that cannot work says why in one sentence with a code, never with a stack trace, and ends with 1. */
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { startAndFail, startPerennial } from '../pipeline/perennial.ts';

const test = suite('a start that cannot work');
const quiet = { PORT: '0', LOG_LEVEL: 'fatal' };
let scratch: string;
let directory: string;
/** What a Perennial ran in; the tests after it spoil copies of it. */
let used: string;
/** Starts that fail after a bounded wait: they wait side by side. */
let waiting: Readonly<Record<string, ReturnType<typeof startAndFail>>>;

test.before(() => {
  scratch = mkdtempSync(join(tmpdir(), 'bad-start-'));
  used = join(scratch, 'used');
  const start = (env: Record<string, string>): ReturnType<typeof startAndFail> =>
    startAndFail({ ...quiet, PERENNIAL_DATA: mkdtempSync(join(scratch, 'waiting-')), ...env });
  waiting = {
    EVENT_STORE_UNAVAILABLE: start({ EVENTSTORE_URL: 'esdb://127.0.0.1:1?tls=false' }),
    NATS_UNREACHABLE: start({ NATS_URL: 'nats://127.0.0.1:1' }),
    DATABASE_UNREACHABLE: start({ DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' }),
  };
});

test.before.each(() => {
  directory = mkdtempSync(join(scratch, 'one-'));
});

test.after(async () => {
  await Promise.all(Object.values(waiting));
  rmSync(scratch, { recursive: true, force: true });
});

type Ended = Awaited<ReturnType<typeof startAndFail>>;

async function failsWith(env: Record<string, string>, pattern: RegExp): Promise<void> {
  failedWith(await startAndFail({ ...quiet, PERENNIAL_DATA: directory, ...env }), pattern);
}

function failedWith({ code, output }: Ended, pattern: RegExp): void {
  assert.is(code, 1, output);
  assert.match(output, pattern);
  assert.not.match(output, /^\s+at .*\.(js|ts):\d+/m, 'a stack trace is no answer');
}

test('a bad value names its variable', () => failsWith({ PORT: 'eighty' }, /PORT is "eighty", but must be/));

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

test('a port in use is named, before anything is started', async () => {
  const server = await new Promise<Server>((resolve) => {
    const listening = createServer().listen(0, '127.0.0.1', () => resolve(listening));
  });
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  await failsWith({ PORT: String(port) }, new RegExp(`ADDRESS_UNAVAILABLE.*port ${port} .* is in use`));
  server.close();
  assert.equal(
    readdirSync(directory).filter((name) => !name.startsWith('owner-')),
    [],
    'no engine has been there',
  );
});

for (const [code, what] of [
  ['EVENT_STORE_UNAVAILABLE', 'an event store'],
  ['NATS_UNREACHABLE', 'a broker'],
  ['DATABASE_UNREACHABLE', 'a database'],
] as const) {
  test(`${what} that does not answer is named`, async () => {
    const ended = await waiting[code];
    assert.ok(ended);
    failedWith(ended, new RegExp(code));
  });
}

for (const stopAt of [/nats: /, /event store: /, /intake running/]) {
  test(`a start that is stopped at "${stopAt.source}" ends with 0`, async () => {
    const { code, output } = await startAndFail({ ...quiet, PERENNIAL_DATA: used }, stopAt);
    assert.is(code, 0, output);
    assert.match(output, stopAt, 'the start before it has left the directory free');
    assert.not.match(output, /perennial ready/);
  });
}

test('after all of them the directory is free, and who owns it then is named to whoever comes second', async () => {
  const first = await startPerennial({ dataDirectory: used });
  await failsWith({ PERENNIAL_DATA: used }, new RegExp(`DATA_DIRECTORY_IN_USE.*process ${first.pid}`));
  assert.is(await first.stop(), 0);
});

test('a corrupt event store file is named', async () => {
  cpSync(join(used, 'event-store'), join(directory, 'event-store'), { recursive: true });
  const files = readdirSync(join(directory, 'event-store'), { recursive: true }).map(String);
  const data = files.find((name) => name.endsWith('.mdb'));
  assert.ok(data, `no data file among ${files.join(', ')}`);
  writeFileSync(join(directory, 'event-store', data), Buffer.alloc(64 * 1024, 0x5a));
  await failsWith({}, /^perennial: DATA_FILE_DAMAGED: .*restore it from a backup/m);
});

test('a corrupt vault is named instead of being opened again and again', async () => {
  for (const part of ['event-store', 'nats', 'vault']) {
    cpSync(join(used, part), join(directory, part), { recursive: true });
  }
  writeFileSync(join(directory, 'vault', 'data.mdb'), Buffer.alloc(64 * 1024, 0x5a));
  await failsWith({}, /^perennial: \w*DAMAGED: .*backup/m);
});

test.run();
