import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { serveForCli, type ServedCli } from './testing/console.ts';

const test = suite('perennial as a process');
const bin = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), 'bin', 'perennial.mjs');
let cli: ServedCli;

test.before(async () => {
  cli = await serveForCli();
});
test.after(() => cli.server.close());

type Ended = { readonly code: number | null; readonly out: string; readonly err: string };

async function perennial(args: readonly string[], input = ''): Promise<Ended> {
  const child = spawn(process.execPath, [bin, ...args], { stdio: 'pipe', env: { PATH: process.env['PATH'] ?? '' } });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  child.stdin.end(input);
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, out, err };
}

test('help is printed and ends with 0', async () => {
  const { code, out, err } = await perennial(['--help']);
  assert.is(code, 0);
  assert.match(out, /perennial <command>/);
  assert.is(err, '');
});

test('data goes to standard output, errors to standard error, and the exit code tells them apart', async () => {
  const good = await perennial(['subscription', 'list', 'acme', '--json', '--url', cli.server.url]);
  assert.is(good.code, 0, good.err);
  assert.is((JSON.parse(good.out) as { asOfPosition: string }).asOfPosition, '48123');
  const bad = await perennial(['subscription', 'show', 'acme/none', '--url', cli.server.url]);
  assert.is(bad.code, 1);
  assert.is(bad.out, '');
  assert.match(bad.err, /^NOT_FOUND: /);
  const incomplete = await perennial(['audit', 'why']);
  assert.is(incomplete.code, 1);
  assert.match(incomplete.err, /^USAGE: /);
});

test('payments are read from standard input', async () => {
  const event = { specversion: '1.0', id: 'e1', source: 's', type: 'payment.other', data: { provider: 'demo' } };
  const { code, out } = await perennial(['payment', 'publish', '-', '--url', cli.server.url], JSON.stringify(event));
  assert.is(code, 0);
  assert.match(out, /1 stored/);
});

test.run();
