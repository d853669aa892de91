import { closeSync, existsSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
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

  test(`${tie}: children end whose parent is killed while they start`, async () => {
    const scripts = Array.from({ length: 12 }, () =>
      runScript(`
        const { spawnTied } = await import(url('child-process/tied-child.js'));
        const options = { command: 'sleep', args: ['60'], outputFd: 2, deathSignal: 'TERM', tie: '${tie}' };
        const pids = Array.from({ length: 5 }, () => spawnTied(options).groupId);
        (await import('node:fs')).writeSync(1, JSON.stringify({ pids }) + '\\n');
        process.kill(process.pid, 'SIGKILL');
      `),
    );
    const lines = (await Promise.all(scripts.map(({ firstLine }) => firstLine))) as { pids: readonly number[] }[];
    const pids = lines.flatMap((line) => line.pids);
    assert.is(pids.length, 60);
    await eventually('all have ended', () => !pids.some((pid) => isRunning({ pid })));
  });

  test(`${tie}: a child does not belong to the parent's process group`, async () => {
    const child = sleeper(tie);
    assert.is.not(child.groupId, process.pid);
    process.kill(-child.groupId, 0);
    await child.end('SIGTERM', 5_000);
  });

  test(`${tie}: a child that ignores the request is killed after the wait`, async () => {
    const child = sleeper(tie, 'trap "" TERM; while :; do sleep 0.05; done');
    assert.ok(groupLives(child.groupId));
    await child.end('SIGTERM', 200);
    await eventually('the group is gone', () => !groupLives(child.groupId));
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

/** Whether anybody of the group lives: who has ended may wait long to be reaped, where the first process is a busy one. */
function groupLives(groupId: number): boolean {
  try {
    process.kill(-groupId, 0);
  } catch {
    return false;
  }
  if (!existsSync('/proc/self/stat')) return true;
  return readdirSync('/proc').some((pid) => /^\d+$/.test(pid) && livesIn(pid, groupId));
}

function livesIn(pid: string, groupId: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command name stands in brackets and may hold spaces: state, parent and group follow it.
    const [state, , group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return Number(group) === groupId && state !== 'Z' && state !== 'X';
  } catch {
    // It ended between the listing and the look.
    return false;
  }
}

test.run();
