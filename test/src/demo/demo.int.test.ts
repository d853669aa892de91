/** `perennial demo` as a newcomer runs it: nothing configured, nothing running, everything of its own. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { startPerennial, until, type Json } from '../pipeline/perennial.ts';

const test = suite('perennial demo');
const bin = join(
  dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url))))),
  'packages/server/bin/perennial.mjs',
);
let temporary: string;

test.before.each(() => {
  temporary = mkdtempSync(join(tmpdir(), 'demo-'));
});
test.after.each(() => rmSync(temporary, { recursive: true, force: true }));

const chapterIds = [
  'catalogue',
  'buying',
  'paying',
  'duplicates',
  'out-of-order',
  'unknown',
  'unreadable',
  'expiry',
  'disabled',
  'actions',
  'reactivation-on-trust',
  'reactivation-for-good',
  'refund',
  'proof',
];

type Ended = { readonly code: number | null; readonly out: string; readonly err: string };

function demo(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): { child: ChildProcess; ended: Promise<Ended> } {
  // What the shell has configured must not matter, so a variable that would break a start is set on purpose.
  const child = spawn(process.execPath, [bin, 'demo', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, TMPDIR: temporary, EVENTSTORE_URL: 'esdb://127.0.0.1:1?tls=false', ...env },
  });
  const printed = { out: '', err: '' };
  child.stdout.on('data', (chunk: Buffer) => (printed.out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (printed.err += chunk.toString()));
  const ended = new Promise<Ended>((resolve) => child.once('close', (code) => resolve({ code, ...printed })));
  return { child, ended };
}

function states(report: Json): Record<string, string[]> {
  const rows = report.chapters.map((chapter: Json) => [
    chapter.id,
    chapter.products.flatMap(({ tenant, subscriptions }: Json) =>
      subscriptions.map((row: Json) => `${tenant}/${row.subscriptionId} ${row.status}`),
    ),
  ]);
  return Object.fromEntries(rows);
}

test('every chapter is played on a server of its own, every check holds, and nothing is left behind', async () => {
  const { code, out, err } = await demo(['--json']).ended;
  assert.is(code, 0, `${out}\n${err}`);
  const report: Json = JSON.parse(out);
  assert.is(report.ok, true);
  assert.equal(
    report.chapters.map(({ id }: Json) => id),
    chapterIds,
  );
  const checks: Json[] = report.chapters.flatMap((chapter: Json) => chapter.checks);
  assert.ok(checks.length > 50, `${checks.length} checks`);
  assert.equal(report.checks, { held: checks.length, made: checks.length });
  assert.ok(report.chapters.every((chapter: Json) => chapter.checks.length > 0 && chapter.steps.length > 0));
  // The pages shown are the server's answers, chapter by chapter.
  const shown = states(report);
  assert.equal(shown['expiry'], ['acme/office expired', 'acme/visio active']);
  assert.equal(shown['disabled'], ['acme/office disabled', 'acme/visio active']);
  assert.equal(shown['reactivation-on-trust'], ['acme/office reactivated', 'acme/visio active']);
  assert.equal(shown['reactivation-for-good'], ['acme/office active', 'acme/visio active']);
  assert.equal(shown['refund'], ['globex/suite cancelled']);
  assert.equal(readdirSync(temporary), []);
});

test('on a running server it plays under names of its own, and prints lines where nobody watches', async () => {
  const secret = 'whsec_demo_test';
  const perennial = await startPerennial({
    env: { PERENNIAL_CLOCK: '2027-06-01T00:00:00Z', STRIPE_WEBHOOK_SECRET: secret },
  });
  try {
    const env = { PERENNIAL_DATA: perennial.dataDirectory, STRIPE_WEBHOOK_SECRET: secret };
    const { code, out, err } = await demo(['--url', perennial.url], env).ended;
    assert.is(code, 0, `${out}\n${err}`);
    assert.match(out, /^14\. Does it all hold together\?$/m);
    assert.match(out, /^14 chapters, (\d+) of \1 checks hold\.$/m);
    assert.not.match(out, /^✗/m);
    assert.match(out, /^Your products: acme-[0-9a-f]{6}$/m);
  } finally {
    await perennial.close();
  }
});

test('ended while it starts, it leaves neither a process nor a directory', async () => {
  const { child, ended } = demo([]);
  const log = await until('the log of its server', async () => {
    const [directory] = readdirSync(temporary);
    const path = directory && join(temporary, directory, 'perennial.log');
    return path !== undefined && existsSync(path) && path;
  });
  assert.ok(log);
  child.kill('SIGTERM');
  assert.is((await ended).code, 143);
  assert.equal(readdirSync(temporary), []);
});

test.run();
