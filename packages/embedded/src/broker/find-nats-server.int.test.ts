import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { EngineError } from '../engine-error.ts';
import { runScript } from '../testing/script.ts';
import { findNatsServer } from './find-nats-server.ts';
import { serverArchitecture } from './installed-servers.ts';

const test = suite('finding a nats-server');
let root: string;

test.before.each(() => {
  root = mkdtempSync(join(tmpdir(), 'find-'));
});
test.after.each(() => rmSync(root, { recursive: true, force: true }));

function fakeServer(path: string, version: string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `#!/bin/sh\necho "nats-server: v${version}"\n`, { mode: 0o755 });
  return path;
}

const cache = () => join(root, 'cache');
const cached = (version: string) =>
  fakeServer(join(cache(), `${version}-${serverArchitecture()}`, 'nats-server'), version);
const onPath = (version: string) => fakeServer(join(root, 'bin', 'nats-server'), version);
const find = (env: NodeJS.ProcessEnv = {}) =>
  findNatsServer({ env: { PATH: join(root, 'bin'), ...env }, cacheDirectory: cache(), suites: [] });

async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return 'found';
  } catch (error) {
    return (error as EngineError).code;
  }
}

test('NATS_SERVER_BIN is taken as it is, whatever else there is', async () => {
  cached('2.99.0');
  const path = fakeServer(join(root, 'mine'), '2.9.10');
  assert.equal(await find({ NATS_SERVER_BIN: path }), { path, version: '2.9.10' });
});

test('a NATS_SERVER_BIN that does not work stops the search with its name', async () => {
  cached('2.99.0');
  assert.is(await codeOf(find({ NATS_SERVER_BIN: join(root, 'missing') })), 'NATS_SERVER_BIN_INVALID');
  writeFileSync(join(root, 'text'), 'not executable');
  assert.is(await codeOf(find({ NATS_SERVER_BIN: join(root, 'text') })), 'NATS_SERVER_BIN_INVALID');
  const other = join(root, 'other');
  writeFileSync(other, '#!/bin/sh\necho "redis 7.0.0"\n', { mode: 0o755 });
  assert.is(await codeOf(find({ NATS_SERVER_BIN: other })), 'NATS_SERVER_BIN_INVALID');
  assert.is(await codeOf(find({ NATS_SERVER_BIN: fakeServer(join(root, 'old'), '2.8.4') })), 'NATS_SERVER_TOO_OLD');
});

test('a server on PATH is found', async () => {
  const path = onPath('2.10.1');
  assert.equal(await find(), { path, version: '2.10.1' });
});

test('a newer one in the cache is preferred to an older one on PATH, and the other way round', async () => {
  onPath('2.9.10');
  const path = cached('2.10.27');
  assert.equal(await find(), { path, version: '2.10.27' });
  assert.is((await find({ PATH: dirname(onPath('2.11.0')) })).version, '2.11.0');
});

test('a server that is too old for the engine is not found', async () => {
  onPath('2.9.3');
  assert.is(await codeOf(find()), 'NATS_SERVER_NOT_FOUND');
});

test('without any way the error says what to do', async () => {
  try {
    await find();
    assert.unreachable();
  } catch (error) {
    const { code, message } = error as EngineError;
    assert.is(code, 'NATS_SERVER_NOT_FOUND');
    assert.match(message, 'NATS_SERVER_BIN');
    assert.match(message, 'NATS_URL');
  }
});

test('processes that fetch at the same time fetch once, and what a killed one left behind goes', async () => {
  mkdirSync(join(cache(), 'partial-killed'), { recursive: true });
  const log = join(root, 'fetched');
  const fetcher = () =>
    runScript(`
      import { appendFileSync, writeFileSync } from 'node:fs';
      const { fetchNatsServer } = await import(url('broker/fetch-nats-server.js'));
      const { newestInstalled } = await import(url('broker/installed-servers.js'));
      const source = { label: 'a test', fetch: async (directory) => {
        appendFileSync(${JSON.stringify(log)}, 'x');
        await new Promise((resolve) => setTimeout(resolve, 200));
        writeFileSync(directory + '/fake', '#!/bin/sh\\necho "nats-server: v2.10.27"\\n', { mode: 0o755 });
        return directory + '/fake';
      } };
      const cacheDirectory = ${JSON.stringify(cache())};
      const result = await fetchNatsServer({ cacheDirectory, sources: [source], alreadyThere: () => newestInstalled('', cacheDirectory) });
      console.log(JSON.stringify(result));
    `);
  const results = await Promise.all([fetcher(), fetcher(), fetcher()].map(({ firstLine }) => firstLine));
  const path = join(cache(), `2.10.27-${serverArchitecture()}`, 'nats-server');
  for (const result of results) assert.equal(result, { server: { path, version: '2.10.27' } });
  assert.is(readFileSync(log, 'utf8'), 'x');
  assert.ok(existsSync(path));
  assert.not(readdirSync(cache()).some((name) => name.startsWith('partial-')));
});

test.run();
