/**
 * Seats below assigned (scenario 24), changes at the renewal, and what the catalogue has against an assignment, through the
 * outside doors.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type KV, type NatsConnection } from 'nats';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readEngineUrl, startPerennial, until, type Answer, type Json, type Perennial } from './perennial.ts';

const test = suite('seat conflicts and the catalogue’s rules through the whole pipeline (scenario 24)');
const directory = mkdtempSync(join(tmpdir(), 'perennial-catalogue-'));
const app = (appId: string, more: object = {}) => ({ appId, name: appId, kind: 'service', ...more });
const catalogue = {
  version: 'seat-conflicts-1',
  plans: [
    { planId: 'team', name: 'Team', apps: [app('mail'), app('share-1')] },
    { planId: 'firm', name: 'Firm', apps: [app('mail'), app('share-2', { excludes: ['share-1'] })] },
    { planId: 'archive', name: 'Archive', apps: [app('archive', { requires: ['mail'] })] },
    { planId: 'local', name: 'Local', apps: [app('mail')], prohibitedIn: ['XX'] },
  ],
};
let perennial: Perennial;
let nats: NatsConnection;
let views: KV;

test.before(async () => {
  const path = join(directory, 'catalogue.json');
  writeFileSync(path, JSON.stringify(catalogue));
  perennial = await startPerennial({ env: { PERENNIAL_CLOCK: '2027-01-01T00:00:00Z', PERENNIAL_CATALOGUE: path } });
  nats = await connect({ servers: readEngineUrl(perennial.dataDirectory, 'nats') });
  views = await nats.jetstream().views.kv('views', { bindOnly: true });
});

test.after(async () => {
  await nats?.close();
  await perennial?.close();
  rmSync(directory, { recursive: true, force: true });
});

function send(id: string, name: string, body: Json = {}, headers: Record<string, string> = {}): Promise<Answer> {
  return perennial.post(`/tenants/acme/subscriptions/${id}/commands/${name}`, body, headers);
}

async function accept(id: string, name: string, body: Json = {}): Promise<Json> {
  const answer = await send(id, name, body);
  assert.is(answer.status, 200, `${name} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  return answer.body;
}

async function codes(id: string, name: string, body: Json, headers: Record<string, string> = {}): Promise<string[]> {
  const { status, body: problem } = await send(id, name, body, headers);
  assert.is(status, 409, JSON.stringify(problem));
  assert.ok(problem.remedies.length > 0 && problem.remedies[0].text.nl);
  return problem.reasonCodes;
}

async function subscribe(id: string, planId: string, seats: number): Promise<void> {
  const body = { subscriptionId: id, planId, seats, term: 'P1M' };
  assert.is((await perennial.post('/tenants/acme/subscriptions', body)).status, 200);
  await accept(id, 'activate');
}

async function read(path: string): Promise<Json> {
  const { status, body } = await perennial.get(`/tenants/acme/${path}`);
  assert.is(status, 200, JSON.stringify(body));
  return body;
}

async function advanceTo(to: string): Promise<void> {
  assert.is((await perennial.post('/clock', { advanceTo: to })).status, 200);
}

async function pay(id: string, occurredAt: string): Promise<void> {
  const data = {
    provider: 'demo',
    providerEventId: `evt-${id}-${occurredAt}`,
    providerObjectId: `in-${id}-${occurredAt}`,
    subscriptionRef: `acme/${id}`,
    amount: { minor: 1000, currency: 'EUR' },
    occurredAt,
  };
  const event = {
    specversion: '1.0',
    id: data.providerEventId,
    source: 'https://billing',
    type: 'payment.settled',
    data,
  };
  assert.is((await perennial.post('/payments', event)).status, 202);
}

const teamLicenses = async (): Promise<Json> =>
  (await read('licenses')).licenses.find(({ planId }: Json) => planId === 'team');

test('two plans whose services exclude each other, one that needs another, and a place where one may not be used', async () => {
  for (const planId of ['team', 'firm', 'archive', 'local']) await subscribe(`${planId}-x`, planId, 3);
  assert.equal(await codes('archive-x', 'assign-license', { userId: 'alice' }), ['SERVICE_CONFLICT']);
  const { position } = await accept('team-x', 'assign-license', { userId: 'alice' });
  await read(`users/alice/licenses?minPosition=${position}`);
  assert.equal(await codes('firm-x', 'assign-license', { userId: 'alice' }), ['SERVICE_CONFLICT']);
  const off = await accept('firm-x', 'assign-license', { userId: 'alice', appsOff: ['share-2'] });
  await read(`users/alice/licenses?minPosition=${off.position}`);
  assert.equal(await codes('firm-x', 'set-apps-for-assignment', { userId: 'alice', appsOff: [] }), [
    'SERVICE_CONFLICT',
  ]);
  const back = await accept('firm-x', 'unassign-license', { userId: 'alice' });
  await read(`users/alice/licenses?minPosition=${back.position}`);
  await accept('archive-x', 'assign-license', { userId: 'alice' });
  assert.is((await send('team-x', 'move-license', { userId: 'alice', toSubscriptionId: 'firm-x' })).status, 200);
  await perennial.put('/tenants/acme/users/alice', { usageLocation: 'XX' });
  assert.equal(await codes('local-x', 'assign-license', { userId: 'alice' }), ['USAGE_LOCATION_PROHIBITED']);
  assert.equal(await codes('firm-x', 'move-license', { userId: 'alice', toSubscriptionId: 'local-x' }), [
    'USAGE_LOCATION_PROHIBITED',
  ]);
  await perennial.put('/tenants/acme/users/alice', { usageLocation: 'NL' });
  await accept('local-x', 'assign-license', { userId: 'alice' });
});

test('one key is one command of the subscription: for another person it is refused', async () => {
  const headers = { 'idempotency-key': 'k1' };
  const first = await send('team-x', 'assign-license', { userId: 'bob' }, headers);
  const again = await send('team-x', 'assign-license', { userId: 'bob' }, headers);
  assert.equal([again.status, again.body], [200, first.body]);
  assert.equal(await codes('team-x', 'assign-license', { userId: 'carol' }, headers), ['COMMAND_ID_REUSED']);
  assert.equal(await codes('team-x', 'unassign-license', { userId: 'bob' }, headers), ['COMMAND_ID_REUSED']);
  await accept('team-x', 'cancel-now');
});

test('24: fewer seats than assigned: refused at once, a conflict by the renewal, and nobody loses anything until its deadline', async () => {
  await subscribe('small', 'team', 3);
  for (const userId of ['p1', 'p2', 'p3']) await accept('small', 'assign-license', { userId });
  const refused = await send('small', 'remove-seats', { count: 1 });
  assert.equal(refused.body.reasonCodes, ['SEATS_BELOW_ASSIGNED']);
  assert.match(refused.body.remedies[0].text.en, 'Unassign 1 ');
  await accept('small', 'remove-seats', { count: 1, when: 'renewal' });
  const { position } = await accept('small', 'change-plan', { planId: 'local', when: 'renewal' });
  const waiting = await read(`subscriptions/small?minPosition=${position}`);
  const at = '2027-02-01T00:00:00.000Z';
  assert.equal(
    [waiting.scheduledSeats, waiting.scheduledPlan],
    [
      { remove: 1, at },
      { to: 'local', at },
    ],
  );
  await accept('small', 'change-plan', { planId: 'team', when: 'renewal' });
  await pay('small', '2027-01-01T00:00:00.000Z');
  await advanceTo('2027-01-20T00:00:00.000Z');
  await pay('small', '2027-01-20T00:00:00.000Z');
  await advanceTo('2027-02-02T00:00:00.000Z');

  const shown = await read('subscriptions/small');
  assert.equal([shown.planId, shown.status, shown.seats], ['team', 'active', { purchased: 2, assigned: 3 }]);
  assert.equal(
    shown.droppedChanges.map(({ change, cause }: Json) => [change.to, cause]),
    [
      ['local', 'superseded'],
      ['team', 'obsolete'],
    ],
  );
  const conflict = { excess: 1, deadline: '2027-05-02T00:00:00.000Z' };
  assert.equal(shown.seatConflict, conflict);
  assert.equal((await teamLicenses()).conflict, conflict);
  const row = await until('the conflict in the feed', async () => {
    const message: Json = (await views.get('licenses.acme.team'))?.json();
    return message?.current?.conflict && message;
  });
  assert.equal(row.current.conflict, conflict);
  for (const user of ['p1', 'p2', 'p3']) {
    const [mail] = (await read(`users/${user}/apps`)).apps;
    assert.is(mail.access, 'full');
  }
  assert.equal(await codes('small', 'assign-license', { userId: 'p4' }), ['NO_FREE_SEAT']);
});

test('24: at the deadline whoever got a seat last loses it', async () => {
  for (const month of ['02', '03', '04']) {
    await advanceTo(`2027-${month}-20T00:00:00.000Z`);
    await pay('small', `2027-${month}-20T00:00:00.000Z`);
  }
  await advanceTo('2027-05-01T23:59:59.999Z');
  assert.is((await read('subscriptions/small')).seats.assigned, 3);
  await advanceTo('2027-05-02T00:00:00.000Z');
  assert.equal((await read('subscriptions/small')).seats, { purchased: 2, assigned: 2 });
  const held = async (user: string): Promise<number> => (await read(`users/${user}/licenses`)).licenses.length;
  assert.equal([await held('p1'), await held('p2'), await held('p3')], [1, 1, 0]);
  const { events } = await read('subscriptions/small/history');
  const taken = events.find(({ type }: Json) => type === 'LicenseUnassigned');
  assert.equal([taken.data.cause, taken.effectiveAt], ['conflict_lapsed', '2027-05-02T00:00:00.000Z']);
});

test('read models are what a fold of the log says', async () => {
  const answer = await perennial.post('/admin/projections/verify');
  assert.equal([answer.status, answer.body.equal], [200, true], JSON.stringify(answer.body));
});

test.run();
