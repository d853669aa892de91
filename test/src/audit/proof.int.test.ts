/**
 * Proof through the outside doors: verification and evidence over HTTP and the CLI, against a log that is really altered on
 * disk.
 */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { unzipSync } from 'fflate';
import { open } from 'lmdb';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { startPerennial, type Json, type Perennial } from '../pipeline/perennial.ts';

const test = suite('proof through the whole pipeline');
const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), 'evidence-'));
const clock = { PERENNIAL_CLOCK: '2027-01-01T00:00:00Z' };
let perennial: Perennial;

test.before(async () => {
  perennial = await startPerennial({ env: clock });
  await subscribe('acme', 'office-1');
  await subscribe('acme', 'office-2');
  await subscribe('other', 'office-1');
  await accept('/clock', { advanceBy: 'P10D' });
});

test.after(async () => {
  await perennial?.close();
  rmSync(folder, { recursive: true, force: true });
});

async function accept(path: string, body: Json = {}): Promise<Json> {
  const answer = await perennial.post(path, body);
  assert.is(answer.status, 200, JSON.stringify(answer.body));
  return answer.body;
}

async function subscribe(tenant: string, subscriptionId: string): Promise<void> {
  const base = `/tenants/${tenant}/subscriptions`;
  await accept(base, { subscriptionId, planId: 'O365_BUSINESS_PREMIUM', seats: 3, term: 'P1M' });
  await accept(`${base}/${subscriptionId}/commands/activate`);
  await accept(`${base}/${subscriptionId}/commands/assign-license`, { userId: 'alice@acme.example' });
  await accept(`${base}/${subscriptionId}/commands/cancel-now`, { reason: 'a <b>secret</b> reason' });
  assert.is((await perennial.post(`${base}/${subscriptionId}/commands/cancel-now`, {})).status, 409);
}

/** The last line of a verification. */
async function verify(path: string, body: Json = {}): Promise<Json> {
  const response = await fetch(`${perennial.url}/v1${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  assert.is(response.status, 200);
  return JSON.parse((await response.text()).trim().split('\n').at(-1) ?? '');
}

async function evidence(query: string, into: string): Promise<string> {
  const response = await fetch(`${perennial.url}/v1${query}`);
  assert.is(response.status, 200);
  const target = join(folder, into);
  for (const [path, bytes] of Object.entries(unzipSync(new Uint8Array(await response.arrayBuffer())))) {
    mkdirSync(dirname(join(target, path)), { recursive: true });
    writeFileSync(join(target, path), bytes);
  }
  return target;
}

type Ran = { readonly code: number; readonly out: string };

async function runScript(target: string, ...args: readonly string[]): Promise<Ran> {
  try {
    const { stdout } = await run(process.execPath, [join(target, 'verify.mjs'), ...args]);
    return { code: 0, out: stdout };
  } catch (error) {
    const { code, stdout } = error as { code: number; stdout: string }; // what execFile rejects with
    return { code, out: stdout };
  }
}

/** Alters one text in a file, by one bit; answers how to undo it. */
function alter(path: string, find: string): () => void {
  const before = readFileSync(path);
  const at = before.indexOf(find);
  assert.ok(at >= 0, `${find} is in ${path}`);
  const after = Buffer.from(before);
  after[at] = (after[at] ?? 0) ^ 4;
  writeFileSync(path, after);
  return () => writeFileSync(path, before);
}

test('the whole log, a tenant and a subscription verify', async () => {
  const whole = await verify('/audit/verify');
  assert.is(whole.kind, 'verdict');
  assert.ok(whole.ok, JSON.stringify(whole));
  const tenant = await verify('/tenants/acme/verify');
  const one = await verify('/tenants/acme/verify', { subscriptionId: 'office-1' });
  assert.ok(tenant.ok && one.ok);
  assert.ok(one.events > 4 && tenant.events > one.events && whole.events > tenant.events);
});

test('a root is published once for the same log, goes on holding, and is listed', async () => {
  const first = await accept('/audit/roots');
  assert.equal(await accept('/audit/roots'), first);
  await accept('/tenants/acme/subscriptions/office-2/commands/add-note', { text: 'the log grows' });
  const { body } = await perennial.get('/audit/roots');
  assert.is(body.roots[0].root, first.root);
  const { eventId: _id, revision: _revision, publishedAt: _at, ...kept } = first;
  const whole = await verify('/audit/verify', { roots: [kept] });
  assert.ok(whole.ok, JSON.stringify(whole));
  assert.is(whole.roots.length, 2, 'the one that was given, and the one in the log');
  assert.not.ok((await verify('/audit/verify', { roots: [{ ...kept, root: '0'.repeat(64) }] })).ok);
});

test('evidence verifies offline, names its key, and holds nothing of anybody else', async () => {
  const target = await evidence('/tenants/acme/evidence?subscriptionId=office-1', 'one');
  const key = (await perennial.get('/audit/signing-key')).body.fingerprint;
  const { roots } = (await perennial.get('/audit/roots')).body;
  const keptPath = join(folder, 'kept.json');
  writeFileSync(keptPath, JSON.stringify(roots[0]));
  const { code, out } = await runScript(target, '--key', key, '--root', keptPath);
  assert.is(code, 0, out);
  assert.match(out, /^VERIFIED: /m);
  const manifest = JSON.parse(readFileSync(join(target, 'manifest.json'), 'utf8'));
  assert.ok(manifest.streams.some(({ stream }: Json) => stream === 'subscription-acme_office-1'));
  assert.not.ok(manifest.streams.some(({ stream }: Json) => stream.includes('office-2') || stream.includes('other')));
  assert.is((await runScript(target, '--key', key.replace(/^./, 'x'))).code, 1);
  writeFileSync(keptPath, JSON.stringify({ ...roots[0], root: '0'.repeat(64) }));
  assert.match((await runScript(target, '--root', keptPath)).out, /FAILED {2}the root in/);
});

test('evidence that was altered anywhere does not verify', async () => {
  const target = await evidence('/tenants/acme/evidence', 'tenant');
  assert.is((await runScript(target)).code, 0);
  const events = 'events/subscription-acme_office-2.ndjson';
  const alterations: readonly (readonly [string, string])[] = [
    [events, '3'],
    [events, 'SubscriptionActivated'],
    ['report.html', 'acme'],
    ['README.txt', 'acme'],
    ['manifest.json', 'acme'],
    ['manifest.sig', ''], // its first character: which ones it has changes from key to key
    ['proofs/subscription-acme_office-2.json', 'hash'],
    ['roots.json', 'root'],
  ];
  for (const [path, find] of alterations) {
    const undo = alter(join(target, path), find);
    // oxlint-disable-next-line no-await-in-loop -- one alteration at a time
    assert.is((await runScript(target)).code, 1, path);
    undo();
  }
  writeFileSync(join(target, 'events', 'added.ndjson'), '');
  assert.match((await runScript(target)).out, /added\.ndjson is not in the manifest/);
  rmSync(join(target, 'events', 'added.ndjson'));
  rmSync(join(target, 'report.html'));
  assert.match((await runScript(target)).out, /report\.html is missing/);
});

test('the report draws the timeline and lets nothing through as HTML', async () => {
  const page = readFileSync(join(folder, 'one', 'report.html'), 'utf8');
  assert.match(page, /<svg [\s\S]*cancelled: 2027-01-01T00:00:00.000Z to 2027-01-11/);
  assert.match(page, /SubscriptionCancelled/);
  assert.not.match(page, /<script|secret/);
});

test('there is no evidence about what is not there', async () => {
  const unknown = await perennial.get('/tenants/acme/evidence?subscriptionId=nothing');
  assert.equal([unknown.status, unknown.body.code], [404, 'NOT_FOUND']);
  assert.is((await perennial.get('/tenants/nobody/evidence')).status, 404);
});

test('one bit changed on disk is found at its event, and no root or evidence is given any more', async () => {
  const { dataDirectory } = perennial;
  assert.is(await perennial.stop(), 0);
  await alterLog(dataDirectory, 'subscription-acme_office-2', '"seats":3');
  perennial = await startPerennial({ env: clock, dataDirectory });
  const verdict = await verify('/audit/verify');
  assert.not.ok(verdict.ok);
  assert.equal(
    verdict.broken.map(({ stream, revision, reason }: Json) => [stream, revision, reason]),
    [['subscription-acme_office-2', 0, 'hash-differs']],
  );
  assert.not.ok(verdict.roots[0].holds);
  const cli = await run(process.execPath, [
    join(import.meta.dirname, '../../../packages/server/bin/perennial.mjs'),
    'audit',
    'verify',
    'acme',
    '--url',
    perennial.url,
  ]).catch((error: unknown) => error as { code: number; stdout: string });
  assert.equal('code' in cli && cli.code, 1);
  assert.match(cli.stdout, /THE LOG WAS ALTERED[\s\S]*subscription-acme_office-2 at revision 0/);
  const refused = await perennial.post('/audit/roots', {});
  assert.equal([refused.status, refused.body.code], [409, 'LOG_BROKEN']);
  assert.is((await perennial.get('/tenants/acme/evidence?subscriptionId=office-2')).body.code, 'LOG_BROKEN');
  assert.ok((await verify('/tenants/acme/verify', { subscriptionId: 'office-1' })).ok, 'the others still hold');
});

/** Flips a bit of the first stored event that holds both texts, as somebody with the disk in hand would. */
async function alterLog(dataDirectory: string, stream: string, find: string): Promise<void> {
  const root = open({ path: join(dataDirectory, 'event-store', 'events.mdb'), maxDbs: 3, encoding: 'binary' });
  const log = root.openDB<Buffer, number>({ name: 'log', encoding: 'binary' });
  const found = [...log.getRange()].find(({ value }) => value.includes(find) && value.includes(stream));
  if (!found) throw new Error(`no stored event of ${stream} holds ${find}`);
  const altered = Buffer.from(found.value);
  const digit = altered.indexOf(find) + find.length - 1;
  altered[digit] = (altered[digit] ?? 0) ^ 4;
  log.putSync(found.key, altered);
  await root.close();
}

test.run();
