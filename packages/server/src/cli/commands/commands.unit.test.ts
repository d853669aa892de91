import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { ParkedMessage } from '@perennial/handlers';
import { fakeProjections, sampleEvent } from '../../http/testing/fake-services.ts';
import { serveForCli, type ServedCli } from '../testing/console.ts';

const test = suite('commands of the CLI');
const directory = mkdtempSync(join(tmpdir(), 'perennial-cli-'));
let cli: ServedCli;

const parkedMessage: ParkedMessage = {
  id: 17,
  component: 'intake',
  parkedAt: '2027-06-01T00:00:00.000Z',
  subject: 'billing.payments.v1.demo',
  sequence: 311,
  lane: 'acme/office-1',
  error: { code: 'EVENT_MESSAGE_UNREADABLE', message: 'not JSON \u001b[31m' },
  attempts: 1,
  headers: {},
  data: new TextEncoder().encode('{"broken'),
};

test.before.each(async () => {
  cli = await serveForCli({
    parked: {
      list: async () => [parkedMessage],
      show: async (id) => (id === 17 ? parkedMessage : undefined),
      retry: async () => ({ handled: 1, parkedAgain: 2 }),
      discard: async () => true,
    },
    projections: fakeProjections(),
    catalogue: {
      importCsv: async (text) => ({
        version: '2',
        planCount: text.split('\n').length,
        oddities: [{ line: 3, code: 'DUPLICATE', message: 'twice' }],
        position: '9',
      }),
    },
  });
});
test.after.each(() => cli.server.close());
test.after(() => rmSync(directory, { recursive: true, force: true }));

test('subscription list shows a table, or the data as JSON', async () => {
  const { code, out } = await cli.run(['subscription', 'list', 'acme']);
  assert.is(code, 0);
  assert.match(out, /SUBSCRIPTION +PLAN +STATUS +SEATS/);
  assert.match(out, /office-1 +SPE_E3 +Active +3\/25/);
  const json = await cli.run(['subscription', 'list', '--tenant', 'acme', '--json']);
  const data = JSON.parse(json.out) as { subscriptions: unknown[]; asOfPosition: string };
  assert.is(data.subscriptions.length, 1);
  assert.is(data.asOfPosition, '48123');
});

test('a tenant of digits stays the text it is', async () => {
  assert.match((await cli.run(['subscription', 'list', '--tenant', '007'])).out, /Tenant "007"/);
  assert.match((await cli.run(['subscription', 'list', '--tenant=1e3'])).out, /Tenant "1e3"/);
});

test('subscription show takes tenant/id, or the id with --tenant', async () => {
  for (const args of [['acme/office-1'], ['office-1', '--tenant', 'acme']]) {
    const { code, out } = await cli.run(['subscription', 'show', ...args]);
    assert.is(code, 0);
    assert.match(out, /subscription +acme\/office-1/);
  }
});

test('an error of the server is shown as code, sentence and next step', async () => {
  const missing = await cli.run(['subscription', 'show', 'acme/none']);
  assert.is(missing.code, 1);
  assert.match(missing.err, /^NOT_FOUND: There is no subscription "none"/);
  cli.services.result = {
    kind: 'refused',
    reasonCodes: ['OUTSTANDING_BALANCE'],
    remedies: [{ kind: 'self_service', text: { en: 'Pay the balance.', nl: 'Betaal.' } }],
  };
  const refused = await cli.run(['subscription', 'do', 'acme/office-1', 'reactivate']);
  assert.is(refused.code, 1);
  assert.match(refused.err, /^REFUSED: .*OUTSTANDING_BALANCE\.\n {2}→ Pay the balance\.$/);
  const json = await cli.run(['subscription', 'do', 'acme/office-1', 'reactivate', '--json']);
  assert.equal((JSON.parse(json.err) as { reasonCodes: unknown }).reasonCodes, ['OUTSTANDING_BALANCE']);
});

test('invalid input names every field', async () => {
  const { err } = await cli.run(['subscription', 'do', 'acme/office-1', 'create', '--set', 'seats=0']);
  assert.match(err, /^INVALID_INPUT: /);
  assert.match(err, /→ body seats: /);
  assert.match(err, /→ body term: /);
});

test('subscription do builds the body from --data and --set, and passes its options on', async () => {
  const words = 'subscription do acme/office-1 create --data - --set seats=5 --set price.minor=900 --set trial=true';
  const rest = '--set price.currency=EUR --idempotency-key 0123 --if-match 4 --dry-run --actor user:müller';
  const { code, out } = await cli.run(`${words} ${rest} --roles billing-admin`.split(' '), {
    input: '{"planId":"e3","term":"P1Y","seats":1}',
  });
  assert.is(code, 0);
  assert.match(out, /^acme\/office-1 would be active \(version 4, position 48123\)/);
  const request = cli.services.executed[0];
  assert.equal(request?.command.body, {
    planId: 'e3',
    term: 'P1Y',
    seats: 5,
    price: { minor: 900, currency: 'EUR' },
    trial: true,
    zone: 'UTC',
    profile: 'direct-mosa-2020',
    channel: 'direct',
    recurringBilling: true,
    providerRefs: {},
  });
  assert.is(request?.commandId, '0123');
  assert.is(request?.expectedVersion, 4);
  assert.is(request?.dryRun, true);
  assert.equal(request?.roles, ['billing-admin']);
  assert.is(request?.actor.type, 'user');
});

test('--set keeps text that only looks like a number', async () => {
  await cli.run(['subscription', 'do', 'acme/office-1', 'assign-license', '--set', 'userId=007']);
  assert.equal(cli.services.executed[0]?.command.body, { personId: 'p-007', appsOff: [] });
});

test('a body that is not an object, or a file that is not there, is named', async () => {
  const list = await cli.run(['subscription', 'do', 'acme/office-1', 'activate', '--data', '[1]']);
  assert.match(list.err, /^USAGE: --data/);
  const file = await cli.run(['subscription', 'do', 'acme/office-1', 'activate', '--data', '@none.json']);
  assert.match(file.err, /^FILE_UNREADABLE: /);
  assert.is(cli.services.executed.length, 0);
});

test('subscription actions hides what is not available unless asked', async () => {
  const { out } = await cli.run(['subscription', 'actions', 'acme/office-1']);
  assert.match(out, /1 more are not available/);
  assert.match((await cli.run(['subscription', 'actions', 'acme/office-1', '--all'])).out, /ALREADY_ACTIVE/);
});

test('history shows who did what, bounded by both times', async () => {
  cli.services.people.set('p-alice', 'alice');
  const { out } = await cli.run(['history', 'acme/office-1']);
  assert.match(out, /0 +LicenseAssigned +2027-06-01T00:00:00\.000Z .*user:alice +user:alice +personId: alice/);
  const early = await cli.run(['history', 'acme/office-1', '--at', '2027-06-01T12:00:00Z', '--json']);
  assert.is((JSON.parse(early.out) as { events: unknown[] }).events.length, 1);
  const known = await cli.run(['history', 'acme/office-1', '--known-at', '2027-05-01T00:00:00Z']);
  assert.is(known.out, 'Nothing happened in that time.');
  assert.match((await cli.run(['history', 'acme/office-1', '--at', 'noon'])).err, /^USAGE: "noon"/);
});

test('history --follow shows what is added until it is interrupted', async () => {
  const stop = new AbortController();
  const { code, out } = await cli.run(['history', 'acme/office-1', '--follow'], {
    signal: stop.signal,
    onLine: (line) => {
      if (line.startsWith('2 ')) stop.abort();
      else cli.services.events.push(sampleEvent(2));
    },
  });
  assert.is(code, 0);
  assert.match(out, /^2 {2}2027-06-03T00:00:00\.000Z {2}LicenseAssigned/m);
});

test('payment publish takes one event, a list, or one to a line, from a file or standard input', async () => {
  const event = { specversion: '1.0', id: 'e1', source: 's', type: 'payment.other', data: { provider: 'demo' } };
  const file = join(directory, 'events.json');
  writeFileSync(file, JSON.stringify([event, { ...event, id: 'e2' }]));
  assert.match((await cli.run(['payment', 'publish', 'events.json'], { workingDirectory: directory })).out, /2 stored/);
  const lines = `${JSON.stringify(event)}\n\n${JSON.stringify({ ...event, id: 'e3' })}\n`;
  const piped = await cli.run(['payment', 'publish', '-', '--json'], { input: lines });
  assert.is((JSON.parse(piped.out) as { accepted: unknown[] }).accepted.length, 2);
  assert.equal(
    cli.services.published.map(({ id }) => id),
    ['e1', 'e2', 'e1', 'e3'],
  );
  assert.match((await cli.run(['payment', 'publish', '-'], { input: 'hello' })).err, /^NOT_JSON: /);
  assert.match((await cli.run(['payment', 'publish', '-'], { input: '' })).err, /^NOT_JSON: /);
});

test('more events than one request takes are sent in several', async () => {
  const event = { specversion: '1.0', source: 's', type: 'payment.other', data: { provider: 'demo' } };
  const input = JSON.stringify(Array.from({ length: 250 }, (_, index) => ({ ...event, id: `e${index}` })));
  assert.match((await cli.run(['payment', 'publish', '-'], { input })).out, /250 stored/);
  assert.is(cli.services.published.length, 250);
});

test('clock advance takes a duration or an instant', async () => {
  assert.match((await cli.run(['clock', 'advance', 'P30D'])).out, /^It is 2027-07-01T00:00:00\.000Z/);
  assert.match((await cli.run(['clock', 'advance', '2027-08-01T00:00:00Z'])).out, /^It is 2027-08-01/);
  assert.match((await cli.run(['clock', 'advance', 'tomorrow'])).err, /^INVALID_INPUT: /);
});

test('status shows every part, and ends with 1 while the server is not ready', async () => {
  assert.match((await cli.run(['status'])).out, /is ready\n.*PART[\s\S]*relay +running +in order/);
  const bad = await serveForCli({ parts: () => [{ name: 'relay', state: 'failing', detail: 'no broker' }] });
  try {
    const { code, out } = await bad.run(['status']);
    assert.is(code, 1);
    assert.match(out, /is not ready[\s\S]*no broker/);
  } finally {
    await bad.server.close();
  }
});

test('the running server is found through the file that it writes', async () => {
  const runtime = { url: cli.server.url, pid: 4711, engines: { nats: 'embedded 2.10' } };
  writeFileSync(join(directory, 'runtime.json'), JSON.stringify(runtime));
  const env = { PERENNIAL_DATA: directory };
  const { run } = await import('../testing/console.ts');
  const { out } = await run(['status'], { env });
  assert.match(out, /is ready, pid 4711\nnats: embedded 2\.10/);
  const doctor = await run(['doctor', '--json'], { env: { ...env, PORT: '0' } });
  const { findings } = JSON.parse(doctor.out) as { findings: { check: string; state: string }[] };
  assert.is(findings.find(({ check }) => check === 'running server')?.state, 'ok');
});

test('doctor fails on what will not work, and says what to do', async () => {
  const { run } = await import('../testing/console.ts');
  const env = { PERENNIAL_DATA: join(directory, 'new'), NATS_URL: 'nats://127.0.0.1:1', PORT: '0' };
  const { code, out } = await run(['doctor'], { env });
  assert.is(code, 1);
  assert.match(out, /broker +fail +127\.0\.0\.1:1: .*correct NATS_URL/i);
  assert.match(out, /node +ok/);
  assert.match(out, /configuration +ok/);
  const wrong = await run(['doctor'], { env: { ...env, PERENNIAL_ROLES: 'cook' } });
  assert.match(wrong.out, /configuration +fail +PERENNIAL_ROLES is "cook"/);
});

test('a runtime file that is damaged is named', async () => {
  const { run } = await import('../testing/console.ts');
  const damaged = mkdtempSync(join(directory, 'damaged-'));
  writeFileSync(join(damaged, 'runtime.json'), '{');
  assert.match((await run(['status'], { env: { PERENNIAL_DATA: damaged } })).err, /^RUNTIME_FILE_UNREADABLE: /);
});

test('parked messages are listed, shown, retried and discarded', async () => {
  const { out } = await cli.run(['parked', 'list']);
  assert.match(out, /17 +intake .*EVENT_MESSAGE_UNREADABLE/);
  assert.not.ok(out.includes('\u001b'), 'what comes from outside does not drive the terminal');
  assert.match((await cli.run(['parked', 'show', '17'])).out, /payload +\{"broken/);
  assert.is((await cli.run(['parked', 'retry', '17'])).out, '1 handled, 2 parked again.');
  assert.match((await cli.run(['parked', 'discard', '17'])).err, /^USAGE: .*reason/);
  assert.is((await cli.run(['parked', 'discard', '17', '--reason', 'test'])).code, 0);
  assert.match((await cli.run(['parked', 'show', '18'])).err, /^NOT_FOUND: /);
});

test('projection list shows how far a set is that is being built, and verify ends with 1 when something differs', async () => {
  const { out } = await cli.run(['projection', 'list']);
  assert.match(out, /subscriptions +2 +running +7 +caught up/);
  assert.match(out, /perennial_set_2 +building +filling +49\.8 % +4500 +15000 +2 min +by-itself/);
  const verified = await cli.run(['projection', 'verify']);
  assert.is(verified.code, 1);
  assert.match(verified.out, /differ from the log:\nsubscriptions: acme differs/);
});

test('projection rebuild waits for the new set, switch takes it, and switch --back goes back', async () => {
  assert.match((await cli.run(['projection', 'rebuild', '--no-wait'])).out, /^perennial_set_2 is being built/);
  assert.match((await cli.run(['projection', 'rebuild'])).out, /^perennial_set_2 was built .* and took over/);
  assert.match((await cli.run(['projection', 'rebuild', '--by-hand'])).out, /is ready: projection switch\.$/);
  assert.match((await cli.run(['projection', 'rebuild', '--all'])).out, /^perennial_set_2 was built/);
  const one = await cli.run(['projection', 'rebuild', 'payment-inbox', '--no-wait', '--json']);
  assert.equal((JSON.parse(one.out) as { projections: string[] }).projections, ['payment-inbox']);
  assert.is((await cli.run(['projection', 'rebuild', 'payment-inbox', '--all'])).code, 1);
  assert.is((await cli.run(['projection', 'rebuild', 'nothing'])).code, 1);
  assert.match((await cli.run(['projection', 'switch'])).out, /^Reads use the new set/);
  assert.match((await cli.run(['projection', 'switch', '--back'])).out, /^Reads use perennial_set_1 again/);
  assert.is((await cli.run(['projection', 'drop'])).out, 'The kept set is dropped.');
});

test('person erase wants to be told twice, and ends with 1 when nobody is known', async () => {
  assert.match((await cli.run(['person', 'erase', 'acme', 'alice'])).err, /^USAGE: .*cannot be undone/);
  const nobody = await cli.run(['person', 'erase', 'acme', 'alice', '--yes']);
  assert.is(nobody.code, 1);
  assert.match(nobody.out, /^Nobody is known as alice of acme/);
});

test('catalogue import sends the file and shows what was odd', async () => {
  writeFileSync(join(directory, 'plans.csv'), 'a\nb\nc');
  const { out } = await cli.run(['catalogue', 'import', 'plans.csv'], { workingDirectory: directory });
  assert.match(out, /^Catalogue version 2 has 3 plans\. 1 lines were odd:\n.*LINE[\s\S]*DUPLICATE/);
  const missing = await cli.run(['catalogue', 'import', 'none.csv'], { workingDirectory: directory });
  assert.match(missing.err, /^FILE_UNREADABLE: /);
});

test('a token is sent, and a refusal of it is shown', async () => {
  const closed = await serveForCli({}, { auth: { mode: 'jwt', secret: 'x'.repeat(32) } });
  try {
    assert.match((await closed.run(['subscription', 'list', 'acme'])).err, /^UNAUTHENTICATED: Send a bearer token/);
    const wrong = await closed.run(['subscription', 'list', 'acme'], { env: { PERENNIAL_TOKEN: 'a.b.c' } });
    assert.match(wrong.err, /^UNAUTHENTICATED: The token cannot be verified/);
  } finally {
    await closed.server.close();
  }
});

test.run();
