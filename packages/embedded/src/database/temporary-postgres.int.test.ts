import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isRunning } from '../data-directory/process-identity.ts';
import { eventually } from '../testing/eventually.ts';
import { runScript } from '../testing/script.ts';
import { findPostgres } from './find-postgres.ts';
import { startTemporaryPostgres } from './temporary-postgres.ts';
import { unprivilegedUser } from './unprivileged-user.ts';

const test = suite('temporary PostgreSQL');
const installation = await findPostgres();
let root: string;

test.before.each(() => {
  root = mkdtempSync(join(tmpdir(), 'postgres-'));
});
test.after.each(() => rmSync(root, { recursive: true, force: true }));

function answers(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port) });
    socket.once('connect', () => resolve(socket.destroy() !== undefined));
    socket.once('error', () => resolve(false));
  });
}

test('the server is found although packages keep it off PATH', async () => {
  assert.equal((await findPostgres(''))?.majorVersion ?? installation?.majorVersion, installation?.majorVersion);
});

test('a user without rights is chosen only when this process is root', () => {
  const passwd = 'root:x:0:0::/root:/bin/sh\nnobody:x:65534:65534::/:/x\npostgres:x:101:104::/:/x';
  const expected = process.getuid?.() === 0 ? { name: 'postgres', uid: 101, gid: 104 } : undefined;
  assert.equal(unprivilegedUser(passwd), expected);
});

if (installation === undefined) {
  console.log('\nNOTE no PostgreSQL is installed here: its start is not tested');
} else {
  test('starts, answers, and is gone after a stop', async () => {
    const began = performance.now();
    const postgres = await startTemporaryPostgres({ directory: join(root, 'a/b') });
    const tookMs = Math.round(performance.now() - began);
    console.log(`\nNOTE PostgreSQL ${postgres.majorVersion} was ready after ${tookMs} ms`);
    assert.ok(await answers(postgres.url));
    await postgres.stop();
    assert.not(await answers(postgres.url));
  });

  test('ends when its parent is killed', async () => {
    const directory = join(root, 'orphan');
    const script = runScript(`
      const { startTemporaryPostgres } = await import(url('database/temporary-postgres.js'));
      await startTemporaryPostgres({ directory: ${JSON.stringify(directory)} });
      console.log('{}');
    `);
    await script.firstLine;
    const pid = Number(readFileSync(join(directory, 'cluster/postmaster.pid'), 'utf8').split('\n')[0]);
    assert.ok(isRunning({ pid }));
    script.child.kill('SIGKILL');
    await eventually('the server has ended', () => !isRunning({ pid }));
  });
}

test.run();
