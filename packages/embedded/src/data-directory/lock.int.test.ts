import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { DataDirectoryInUseError } from '../engine-error.ts';
import { runScript } from '../testing/script.ts';
import { lockDirectory } from './lock.ts';

const test = suite('data directory');
let root: string;

test.before.each(() => {
  root = mkdtempSync(join(tmpdir(), 'lock-'));
});
test.after.each(() => rmSync(root, { recursive: true, force: true }));

const holder = (directory: string) => `
  const { lockDirectory } = await import(url('data-directory/lock.js'));
  const lock = await lockDirectory(${JSON.stringify(directory)});
  console.log(JSON.stringify({ pid: process.pid }));
  setInterval(() => undefined, 1000);
`;

async function refusal(promise: Promise<unknown>): Promise<DataDirectoryInUseError> {
  try {
    await promise;
  } catch (error) {
    assert.instance(error, DataDirectoryInUseError);
    return error as DataDirectoryInUseError;
  }
  throw new Error('was not refused');
}

test('the second opener in the same process is refused', async () => {
  const lock = await lockDirectory(root);
  const error = await refusal(lockDirectory(root));
  assert.is(error.code, 'DATA_DIRECTORY_IN_USE');
  assert.is(error.ownerPid, process.pid);
  lock.release();
});

test('a released directory can be taken again, also by the same process', async () => {
  for (let turn = 0; turn < 5; turn += 1) (await lockDirectory(root)).release();
  assert.is(readdirSync(root).length, 1, 'one file remains');
});

test('releasing twice does not take the directory from the next owner', async () => {
  const first = await lockDirectory(root);
  first.release();
  const second = await lockDirectory(root);
  first.release();
  await refusal(lockDirectory(root));
  second.release();
});

test('another process that owns the directory is named', async () => {
  const script = runScript(holder(root));
  const { pid } = (await script.firstLine) as { pid: number };
  const error = await refusal(lockDirectory(root));
  assert.is(error.ownerPid, pid);
  assert.match(error.message, `in use by process ${pid}`);
  script.child.kill('SIGKILL');
  await script.exited;
});

test('a killed owner does not block the next one', async () => {
  const script = runScript(holder(root));
  await script.firstLine;
  script.child.kill('SIGKILL');
  await script.exited;
  (await lockDirectory(root)).release();
});

test('an owner that is still ending is waited for', async () => {
  const lock = await lockDirectory(root);
  const waiting = lockDirectory(root, { waitMs: 10_000 });
  lock.release();
  (await waiting).release();
});

test('a process id that was given to another process meanwhile is no owner', async () => {
  const lock = await lockDirectory(root);
  const path = join(root, readdirSync(root)[0] ?? '');
  const record = JSON.parse(readFileSync(path, 'utf8')) as object;
  writeFileSync(path, JSON.stringify({ ...record, startToken: 'another boot:1' }));
  if (process.platform === 'linux') (await lockDirectory(root)).release();
  lock.release();
});

test('a left-over child of a dead owner still counts', async () => {
  const error = await refusal(lockDirectory(root, { leftOver: () => 4711 }));
  assert.is(error.ownerPid, 4711);
  (await lockDirectory(root, { leftOver: () => undefined })).release();
});

test('of many processes that find a dead owner exactly one takes over', async () => {
  const dead = runScript(holder(root));
  await dead.firstLine;
  dead.child.kill('SIGKILL');
  await dead.exited;
  const rivals = Array.from({ length: 4 }, () =>
    runScript(`
      const { lockDirectory } = await import(url('data-directory/lock.js'));
      let won = true;
      await lockDirectory(${JSON.stringify(root)}).catch(() => { won = false; });
      console.log(JSON.stringify({ won }));
      setInterval(() => undefined, 1000);
    `),
  );
  const outcomes = (await Promise.all(rivals.map(({ firstLine }) => firstLine))) as { won: boolean }[];
  for (const { child } of rivals) child.kill('SIGKILL');
  await Promise.all(rivals.map(({ exited }) => exited));
  assert.is(outcomes.filter(({ won }) => won).length, 1);
});

test.run();
