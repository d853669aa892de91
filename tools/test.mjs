// Runs every built test file with uvu and counts for itself: uvu alone exits 0 when a hook throws, when a test throws
// something that is not an Error, and when `.run()` was forgotten. What was thrown is printed by `uvu/uvu.mjs`.
//
// Unit tests share a few processes. Every other suite (`.int.`, `.sim.`, `.e2e.`) starts engines of its own, so each
// gets a process and a temporary directory of its own: whatever it left behind is found by that, reported as a failure,
// and ended.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const here = dirname(fileURLToPath(import.meta.url));
const { values, positionals } = parseArgs({
  args: process.argv.slice(2),
  allowPositionals: true,
  options: {
    jobs: { type: 'string' },
    timeoutMs: { type: 'string', default: '300000' },
    // The workspace whose tests run: another one only in the test of this runner.
    root: { type: 'string', default: dirname(here) },
  },
});
const root = resolve(values.root);
const jobCount = Number(values.jobs ?? Math.max(2, availableParallelism()));
const timeoutMs = Number(values.timeoutMs);

const leftBehindWaitMs = 10_000;
const broken = [];
const totals = { total: 0, passed: 0, skipped: 0 };
const startedAt = performance.now();
const files = findTests();
for (const file of files) {
  if (!/\.run\(\)/.test(readFileSync(join(root, file), 'utf8'))) broken.push(`${file}: no .run() call`);
}

const shards = [...poolUnits(files.filter(isUnit)), ...files.filter((file) => !isUnit(file)).map((file) => [file])];
const queue = [...shards].sort((a, b) => weight(b) - weight(a));
await Promise.all(Array.from({ length: Math.min(jobCount, queue.length) }, worker));
report();

function findTests() {
  const dists = [
    ...readdirSync(join(root, 'packages')).map((name) => join('packages', name, 'dist')),
    'test/dist',
    'bench/dist',
  ].filter((path) => existsSync(join(root, path)));
  return (
    dists
      .flatMap((dist) => readdirSync(join(root, dist), { recursive: true }).map((path) => join(dist, String(path))))
      .filter((path) => path.endsWith('.test.js'))
      // A test whose source is gone is a left-over of an older build.
      .filter((path) => existsSync(join(root, path.replace('/dist/', '/src/').replace(/\.js$/, '.ts'))))
      .filter((path) => positionals.length === 0 || positionals.some((filter) => path.includes(filter)))
      .sort()
  );
}

function isUnit(file) {
  return file.endsWith('.unit.test.js');
}

function poolUnits(units) {
  const pools = Array.from({ length: Math.min(jobCount, units.length) }, () => []);
  units.forEach((file, index) => pools[index % pools.length].push(file));
  return pools;
}

/** The longest first, as far as their sizes tell: faults start the whole of Perennial many times over. */
function weight(shard) {
  const factor = isUnit(shard[0]) ? 0.1 : /\bfaults\b/.test(shard[0]) ? 100 : 1;
  return shard.reduce((sum, file) => sum + readFileSync(join(root, file)).length, 0) * factor;
}

async function worker() {
  for (let shard = queue.shift(); shard; shard = queue.shift()) await runShard(shard);
}

async function runShard(shard) {
  const scratch = mkdtempSync(join(tmpdir(), 'perennial-test-'));
  const began = performance.now();
  const child = spawn(process.execPath, ['--enable-source-maps', join(here, 'uvu/run.mjs'), ...shard], {
    cwd: root,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, FORCE_COLOR: '0', TMPDIR: scratch, PERENNIAL_TEST: '1' },
  });
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (output += chunk));
  const timer = setTimeout(() => {
    broken.push(`${label(shard)}: timed out after ${timeoutMs} ms`);
    killGroup(child.pid, 'SIGKILL');
  }, timeoutMs);
  const code = await new Promise((resolve) => child.on('close', resolve));
  clearTimeout(timer);
  killGroup(child.pid, 'SIGKILL');
  const left = await leftBehind(scratch);
  for (const { pid, command } of left) {
    broken.push(`${label(shard)}: left process ${pid} behind: ${command}`);
    process.kill(pid, 'SIGKILL');
  }
  rmSync(scratch, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });

  const [total, passed, skipped] = ['Total', 'Passed', 'Skipped'].map((key) =>
    Number(output.match(new RegExp(`^\\s+${key}:\\s+(\\d+)`, 'm'))?.[1] ?? NaN),
  );
  if (Number.isNaN(total)) broken.push(`${label(shard)}: ended with ${code} before its summary`);
  else {
    totals.total += total;
    totals.passed += passed;
    totals.skipped += skipped;
    if (code !== 0 && passed === total) broken.push(`${label(shard)}: exit code ${code}`);
    if (total === 0 && skipped === 0) broken.push(`${label(shard)}: no test ran`);
  }
  const hooks = [...output.matchAll(/^HOOK (.*)$/gm)];
  for (const [, what] of hooks) broken.push(`${label(shard)}: ${what}; the file's output says what`);
  if (passed < total && hooks.length === 0 && !/^\s+FAIL\s/m.test(output)) {
    broken.push(`${label(shard)}: ${total - passed} tests did not pass, and nothing says why`);
  }
  const good = code === 0 && passed === total && hooks.length === 0;
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  console.log(`${good ? 'ok    ' : 'FAILED'} ${label(shard)} (${passed}/${total}, ${seconds} s)`);
  for (const note of output.matchAll(/^NOTE .*$/gm)) console.log(`       ${note[0]}`);
  if (!good) console.log(output);
}

/**
 * Processes that a shard started and that are still there: each has inherited the shard's own temporary directory in its
 * environment, whatever group or session it moved to. Engines whose test died end by themselves, within a moment.
 */
async function leftBehind(scratch) {
  const deadline = performance.now() + leftBehindWaitMs;
  for (;;) {
    const found = existsSync('/proc/self/environ') ? processesOf(scratch) : [];
    if (found.length === 0 || performance.now() > deadline) return found;
    await delay(50);
  }
}

function processesOf(scratch) {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        if (!readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(`TMPDIR=${scratch}`)) return [];
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
        // An ended process that nobody has waited for yet has no command line.
        return command === '' ? [] : [{ pid: Number(pid), command: command.slice(0, 160) }];
      } catch {
        // It ended between the listing and the look, or belongs to somebody else.
        return [];
      }
    });
}

function label(shard) {
  return shard.length === 1 ? relative('.', shard[0]) : `${shard.length} unit test files (${basename(shard[0])} …)`;
}

/** Ends a process group that this run started; answers whether anybody was still in it. */
function killGroup(pid, signal) {
  try {
    process.kill(-pid, signal);
    return true;
  } catch {
    return false;
  }
}

function report() {
  for (const line of broken) console.error(`BROKEN ${line}`);
  const failed = totals.total - totals.passed + broken.length;
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(`\n${files.length} test files in ${seconds} s${totals.skipped ? `, ${totals.skipped} skipped` : ''}`);
  console.log(`${totals.passed} passed, ${failed} failed`);
  process.exitCode = failed > 0 || totals.passed === 0 ? 1 : 0;
}
