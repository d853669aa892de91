/**
 * Apps and devices of licensed people through the outside doors: commands over HTTP in; *My account*, `EVENTS` and the
 * `views` bucket out.
 */
import { connect, type NatsConnection } from 'nats';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readEngineUrl, startPerennial, until, type Answer, type Json, type Perennial } from './perennial.ts';

const test = suite('seats through the whole pipeline');
const alice = 'alice@acme.example';
let perennial: Perennial;
let nats: NatsConnection;

test.before(async () => {
  perennial = await startPerennial({ env: { PERENNIAL_CLOCK: '2027-01-01T00:00:00Z' } });
  nats = await connect({ servers: readEngineUrl(perennial.dataDirectory, 'nats') });
});

test.after(async () => {
  await nats?.close();
  await perennial?.close();
});

type Headers = Readonly<Record<string, string>>;

function send(id: string, name: string, body: Json = {}, headers: Headers = {}): Promise<Answer> {
  return perennial.post(`/tenants/acme/subscriptions/${id}/commands/${name}`, body, headers);
}

async function accept(id: string, name: string, body: Json = {}, headers: Headers = {}): Promise<Json> {
  const answer = await send(id, name, body, headers);
  assert.is(answer.status, 200, `${name} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  return answer.body;
}

async function licensed(id: string, appsOff: string[] = []): Promise<Json> {
  const body = { subscriptionId: id, planId: 'O365_BUSINESS_PREMIUM', seats: 3, term: 'P1M' };
  assert.is((await perennial.post('/tenants/acme/subscriptions', body)).status, 200);
  await accept(id, 'activate');
  return accept(id, 'assign-license', { userId: alice, appsOff });
}

async function myAccount(position: string, query = ''): Promise<Json> {
  const { status, body } = await perennial.get(`/tenants/acme/users/${alice}/apps?minPosition=${position}${query}`);
  assert.is(status, 200, JSON.stringify(body));
  return body;
}

const desktop = (page: Json): Json => page.apps.find((app: Json) => app.kind === 'desktop' && app.access !== 'none');
const signIn = (deviceId: string, kind = 'computer') => ({ userId: alice, deviceId, kind });

test('an app asks for a sign-in until a device is signed in, and again after it signed out', async () => {
  const assigned = await licensed('devices');
  const before = desktop(await myAccount(assigned.position));
  assert.equal([before.needsSignIn, before.devices], [true, { used: 0, limit: 15 }]);
  const activated = await accept('devices', 'activate-device', signIn('pc'));
  assert.equal([activated.status, activated.version], ['active', assigned.version]);
  const page = await myAccount(activated.position);
  assert.equal([desktop(page).needsSignIn, desktop(page).devices], [false, { used: 1, limit: 15 }]);
  assert.equal(page.devices, [
    {
      subscriptionId: 'devices',
      deviceId: 'pc',
      kind: 'computer',
      activatedAt: '2027-01-01T00:00:00.000Z',
      lastUsedAt: '2027-01-01T00:00:00.000Z',
      worksOfflineUntil: '2027-01-31T00:00:00.000Z',
    },
  ]);
  const out = await accept('devices', 'deactivate-device', { userId: alice, deviceId: 'pc' });
  assert.is(desktop(await myAccount(out.position)).needsSignIn, true);
  const again = await accept('devices', 'deactivate-device', { userId: alice, deviceId: 'pc' });
  assert.equal(again.events, []);
});

test('the sixth computer signs out the one that was not used for longest', async () => {
  for (const id of ['c1', 'c2', 'c3', 'c4', 'c5']) await accept('devices', 'activate-device', signIn(id));
  await accept('devices', 'activate-device', signIn('c1'));
  await accept('devices', 'activate-device', signIn('tablet', 'tablet'));
  const sixth = await accept('devices', 'activate-device', signIn('c6'), { 'idempotency-key': 'sixth' });
  assert.equal(
    sixth.events.map(({ type }: Json) => type),
    ['DeviceDeactivated', 'DeviceActivated'],
  );
  const repeated = await send('devices', 'activate-device', signIn('c6'), { 'idempotency-key': 'sixth' });
  assert.equal([repeated.body, repeated.headers.get('idempotent-replayed')], [sixth, 'true']);
  const reused = await send('devices', 'activate-device', signIn('c7'), { 'idempotency-key': 'sixth' });
  assert.equal([reused.status, reused.body.reasonCodes], [409, ['COMMAND_ID_REUSED']]);
  const { devices } = await myAccount(sixth.position);
  assert.equal(devices.map(({ deviceId }: Json) => deviceId).sort(), ['c1', 'c3', 'c4', 'c5', 'c6', 'tablet']);
});

test('a key for a device and for the subscription at the same instant is one command', async () => {
  for (let n = 0; n < 10; n += 1) {
    const headers = { 'idempotency-key': `both-${n}` };
    const answers = await Promise.all([
      send('devices', 'add-note', { text: `at once ${n}` }, headers),
      send('devices', 'activate-device', signIn(`at-once-${n}`, 'phone'), headers),
    ]);
    const refused = answers.filter(({ status }) => status !== 200);
    assert.equal(
      refused.map(({ status, body }) => [status, body.reasonCodes]),
      [[409, ['COMMAND_ID_REUSED']]],
    );
  }
});

test('an app signed in with another account is told to switch, in both languages', async () => {
  const refused = await send('devices', 'activate-device', { ...signIn('x'), signedInAs: 'alice@home.example' });
  assert.equal([refused.status, refused.body.reasonCodes], [409, ['WRONG_ACCOUNT']]);
  assert.match(refused.body.remedies[0].text.nl, 'Ander account');
  const hinted = desktop(await myAccount('0', '&signedInAs=alice%40home.example'));
  assert.match(hinted.wrongAccountHint.en, 'Switch account');
});

test('the person may sign in on their own devices; whoever buys may not', async () => {
  const as = (actor: string, roles: string): Headers => ({ 'Perennial-Actor': actor, 'Perennial-Roles': roles });
  await accept('devices', 'activate-device', signIn('c1'), as(`user:${alice}`, 'auditor'));
  const buyer = await send('devices', 'activate-device', signIn('c1'), as('user:bob', 'billing-admin'));
  assert.equal([buyer.status, buyer.body.reasonCodes], [409, ['NOT_LICENSE_ADMIN']]);
  const own = await send(
    'devices',
    'set-apps-for-assignment',
    { userId: alice, appsOff: [] },
    as(`user:${alice}`, 'auditor'),
  );
  assert.equal(own.body.reasonCodes, ['NOT_LICENSE_ADMIN']);
});

test('apps that are turned off for a person replace those of the assignment, and say why they are closed', async () => {
  const assigned = await licensed('toggles', ['YAMMER_ENTERPRISE']);
  const { body: first } = await perennial.get(`/tenants/acme/users/${alice}/licenses?minPosition=${assigned.position}`);
  const appsOff = (body: Json): Json =>
    body.licenses.find(({ subscriptionId }: Json) => subscriptionId === 'toggles').appsOff;
  assert.equal(appsOff(first), ['YAMMER_ENTERPRISE']);
  const page = await myAccount(assigned.position);
  const { appId } = page.apps.find((app: Json) => app.kind === 'service' && app.access === 'full');
  const toggled = await accept('toggles', 'set-apps-for-assignment', { userId: alice, appsOff: [appId] });
  const { body } = await perennial.get(`/tenants/acme/users/${alice}/licenses?minPosition=${toggled.position}`);
  assert.equal(appsOff(body), [appId]);
  const closed = (await myAccount(toggled.position)).apps.find((app: Json) => app.appId === appId);
  const because = closed.because.find(({ subscriptionId }: Json) => subscriptionId === 'toggles');
  assert.is(because.reason, 'app_turned_off');
});

test('a licence taken away and given again starts without devices', async () => {
  await accept('devices', 'unassign-license', { userId: alice });
  const refused = await send('devices', 'activate-device', signIn('c1'));
  assert.equal(refused.body.reasonCodes, ['NOT_ASSIGNED']);
  const again = await accept('devices', 'assign-license', { userId: alice });
  assert.equal((await myAccount(again.position)).devices, []);
  const first = await accept('devices', 'activate-device', signIn('c1'));
  const { devices } = await myAccount(first.position);
  assert.equal(
    devices.map(({ deviceId }: Json) => deviceId),
    ['c1'],
  );
});

test('the list of actions offers what the commands then accept', async () => {
  const { body } = await perennial.get('/tenants/acme/subscriptions/devices/actions');
  const listed = (name: string): Json => body.actions.find(({ command }: Json) => command === name);
  for (const name of ['set-apps-for-assignment', 'activate-device', 'deactivate-device']) {
    assert.equal([name, listed(name).available, listed(name).reasonCodes], [name, true, []]);
  }
  await accept('devices', 'disable', { reason: 'admin' });
  const { body: disabled } = await perennial.get('/tenants/acme/subscriptions/devices/actions');
  const sign = disabled.actions.find(({ command }: Json) => command === 'activate-device');
  assert.equal([sign.available, sign.reasonCodes], [false, ['LICENSE_ASSIGNMENT_FROZEN']]);
  assert.equal((await send('devices', 'activate-device', signIn('c1'))).body.reasonCodes, sign.reasonCodes);
  await accept('devices', 'deactivate-device', { userId: alice, deviceId: 'c1' });
});

test('the change feed shows the person what they turned off, and EVENTS keeps a seat beside its subscription', async () => {
  const views = await nats.jetstream().views.kv('views', { bindOnly: true });
  const row = await until('the row of the person', async () => {
    for await (const key of await views.keys('available-apps.acme.>')) {
      const message: Json = (await views.get(key))?.json();
      if (message?.key === alice && message.current?.apps.some(isTurnedOff)) return message;
    }
    return undefined;
  });
  assert.is(row.model, 'available-apps');
  const manager = await nats.jetstreamManager();
  const subject = async (type: string): Promise<string> =>
    (await manager.streams.getMessage('EVENTS', { last_by_subj: `subscriptions.events.v1.*.${type}` })).subject;
  const partition = (text: string): string | undefined => text.split('.')[3];
  assert.is(partition(await subject('DeviceActivated')), partition(await subject('SubscriptionDisabled')));
});

function isTurnedOff(app: Json): boolean {
  return app.because.some(({ reason }: Json) => reason === 'app_turned_off');
}

test('read models are what a fold of the log says', async () => {
  const answer = await perennial.post('/admin/projections/verify');
  assert.equal([answer.status, answer.body.equal], [200, true], JSON.stringify(answer.body));
});

test.run();
