import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isRunning } from '../data-directory/process-identity.ts';
import { eventually } from '../testing/eventually.ts';
import { runScript } from '../testing/script.ts';
import { spawnTied } from './tied-child.ts';

const test = suite('tied child');
let root: string;

test.before(() => {
  root = mkdtempSync(join(tmpdir(), 'tied-'));
});
test.after(() => rmSync(root, { recursive: true, force: true }));

function sleeper(tie: 'auto' | 'pipe', script = 'exec sleep 60') {
  const outputFd = openSync(join(root, 'output'), 'a');
  const child = spawnTied({ command: 'sh', args: ['-c', script], outputFd, deathSignal: 'TERM', tie });
  closeSync(outputFd);
  return child;
}

for (const tie of ['auto', 'pipe'] as const) {
  test(`${tie}: a child ends when its parent is killed`, async () => {
    const script = runScript(`
      const { spawnTied } = await import(url('child-process/tied-child.js'));
      const child = spawnTied({ command: 'sleep', args: ['60'], outputFd: 2, deathSignal: 'TERM', tie: '${tie}' });
      console.log(JSON.stringify({ pid: child.groupId }));
      setInterval(() => undefined, 1000);
    `);
    const { pid } = (await script.firstLine) as { pid: number };
    assert.ok(isRunning({ pid }), 'it runs while its parent does');
    script.child.kill('SIGKILL');
    await eventually('the child has ended', () => !isRunning({ pid }));
  });

  test(`${tie}: a child does not belong to the parent's process group`, async () => {
    const child = sleeper(tie);
    assert.is.not(child.groupId, process.pid);
    process.kill(-child.groupId, 0);
    await child.end('SIGTERM', 5_000);
  });

  test(`${tie}: a child that ignores the request is killed after the wait`, async () => {
    const child = sleeper(tie, 'trap "" TERM; while :; do sleep 0.05; done');
    await child.end('SIGTERM', 200);
    await eventually('the group is gone', () => !groupExists(child.groupId));
  });

  test(`${tie}: the exit code arrives`, async () => {
    assert.equal((await sleeper(tie, 'exit 7').exited).code, 7);
  });
}

test('a command that does not exist ends at once', async () => {
  const outputFd = openSync(join(root, 'output'), 'a');
  const child = spawnTied({ command: '/nowhere/at-all', args: [], outputFd, deathSignal: 'TERM' });
  closeSync(outputFd);
  assert.is.not((await child.exited).code, 0);
});

function groupExists(groupId: number): boolean {
  try {
    process.kill(-groupId, 0);
    return true;
  } catch {
    return false;
  }
}

test.run();
