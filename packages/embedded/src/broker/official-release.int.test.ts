import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fetchOfficialRelease } from './official-release.ts';

const test = suite('official release');
const name = 'nats-server-v2.10.27-linux-amd64';
let root: string;
let server: Server;
let archive: Buffer;
const asked: string[] = [];

test.before(async () => {
  root = mkdtempSync(join(tmpdir(), 'release-'));
  mkdirSync(join(root, name));
  writeFileSync(join(root, name, 'nats-server'), '#!/bin/sh\necho "nats-server: v2.10.27"\n', { mode: 0o755 });
  execFileSync('tar', ['-czf', join(root, 'archive.tar.gz'), '-C', root, name]);
  archive = readFileSync(join(root, 'archive.tar.gz'));
  server = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.end(archive);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
test.after(() => {
  server.close();
  rmSync(root, { recursive: true, force: true });
});

const fetchInto = (directory: string, sha256: string) => {
  mkdirSync(directory);
  const { port } = server.address() as AddressInfo;
  const release = { version: '2.10.27', target: 'linux-amd64', sha256 };
  return fetchOfficialRelease(release, directory, 5_000, `http://127.0.0.1:${port}`);
};

test('an archive with the pinned hash is unpacked', async () => {
  const sha256 = createHash('sha256').update(archive).digest('hex');
  const path = await fetchInto(join(root, 'good'), sha256);
  assert.match(readFileSync(path, 'utf8'), 'v2.10.27');
  assert.is(asked[0], `/v2.10.27/${name}.tar.gz`);
});

test('an archive with another hash is not even written', async () => {
  try {
    await fetchInto(join(root, 'bad'), '0'.repeat(64));
    assert.unreachable();
  } catch (error) {
    assert.match((error as Error).message, 'not the pinned');
  }
  assert.equal(readdirSync(join(root, 'bad')), []);
});

test.run();
