import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { CommandResult } from '@perennial/handlers';
import { commandBodySchemas, commandExamples, seatCommandBodySchemas } from '../schemas/commands.ts';
import { harness } from '../testing/harness.ts';

const test = suite('commands over HTTP');
const subscriptions = '/v1/tenants/acme/subscriptions';
const command = (name: string): string => `${subscriptions}/office-1/commands/${name}`;
const create = { planId: 'SPE_E3', seats: 5, term: 'P1Y' };

test('an accepted command answers status, version, position, events and an entity tag', async () => {
  const { call } = harness();
  const answer = await call('POST', command('activate'), { headers: { 'Idempotency-Key': 'k-1' } });
  assert.is(answer.status, 200);
  assert.equal(answer.body, {
    subscriptionId: 'office-1',
    status: 'active',
    version: 4,
    position: '48123',
    events: [{ id: 'e-1', type: 'SubscriptionActivated', effectiveAt: '2027-06-01T00:00:00.000Z' }],
  });
  assert.is(answer.headers.get('etag'), '"4"');
  assert.is(answer.headers.get('idempotent-replayed'), null);
});

test('a repeated command answers the same and says that it is a repetition', async () => {
  const { call, services } = harness();
  services.result = { ...acceptedAs('repeated') };
  const answer = await call('POST', command('activate'));
  assert.is(answer.status, 200);
  assert.is(answer.headers.get('idempotent-replayed'), 'true');
});

test('every command that is available takes the example of its documentation', async () => {
  const schemas = { ...commandBodySchemas, ...seatCommandBodySchemas };
  for (const name of Object.keys(schemas) as (keyof typeof schemas)[]) {
    const { call, services } = harness();
    const answer = await call('POST', command(name), { json: commandExamples[name] });
    assert.is(answer.status, 200, `${name}: ${answer.text}`);
    assert.is([...services.executed, ...services.executedOnSeats][0]?.command.name, name);
  }
});

test('a command on a seat names people by person id, and makes nobody known but the caller', async () => {
  const { call, services } = harness();
  services.people.set('p-alice', 'alice');
  const json = { userId: 'alice', deviceId: 'pc', kind: 'computer' };
  const send = async (body: object): Promise<void> => {
    const answer = await call('POST', command('activate-device'), {
      json: body,
      headers: { 'Perennial-Actor': 'user:alice', 'If-Match': '"4"' },
    });
    assert.is(answer.status, 200, answer.text);
  };
  await send(json);
  await send({ ...json, signedInAs: 'user:alice' });
  await send({ ...json, signedInAs: 'alice@home.example' });
  await send({ ...json, userId: 'stranger', signedInAs: 'stranger' });
  const [own, same, other, stranger] = services.executedOnSeats;
  assert.equal(own?.command, {
    name: 'activate-device',
    body: { personId: 'p-alice', deviceId: 'pc', kind: 'computer', signOutOldest: true },
  });
  assert.equal([own?.actor.id, own?.expectedVersion], ['p-alice', 4]);
  const account = (request: typeof own): unknown =>
    request?.command.name === 'activate-device' ? request.command.body.signedInAs : undefined;
  assert.is(account(same), 'p-alice');
  assert.match(String(account(other)), /^[0-9a-f-]{36}$/);
  assert.is(account(stranger), stranger?.command.body.personId);
  assert.equal([...services.people.values()], ['alice']);
});

test('a device without a kind, or with an id that no log could keep, is refused before it is handed on', async () => {
  const { call, services } = harness();
  for (const change of [
    { kind: undefined },
    { kind: 'watch' },
    { deviceId: '' },
    { deviceId: 'a\nb' },
    { deviceId: 'x'.repeat(129) },
  ]) {
    const json = { userId: 'alice', deviceId: 'pc', kind: 'computer', ...change };
    assert.is((await call('POST', command('activate-device'), { json })).status, 400, JSON.stringify(change));
  }
  assert.equal(services.executedOnSeats, []);
});

test('the Idempotency-Key is the command id, and one is made up when it is absent', async () => {
  const { call, services } = harness();
  await call('POST', command('activate'), { headers: { 'Idempotency-Key': 'order 1742' } });
  await call('POST', command('activate'));
  await call('POST', command('activate'));
  const [first, second, third] = services.executed;
  assert.is(first?.commandId, 'order 1742');
  assert.is(first?.causationId, 'order 1742');
  assert.ok((second?.commandId ?? '').length > 20);
  assert.is.not(second?.commandId, third?.commandId);
});

test('an Idempotency-Key that is too long, not printable, or belongs to payments is refused', async () => {
  const { call, services } = harness();
  for (const key of ['x'.repeat(256), 'caf\u00e9', 'fact:stripe:evt_1', 'timer:start:x', 'ending:a:b']) {
    const answer = await call('POST', command('activate'), { headers: { 'Idempotency-Key': key } });
    assert.is(answer.status, 400, key);
    assert.is(answer.body['code'], 'INVALID_INPUT');
  }
  assert.is((await call('POST', command('activate'), { headers: { 'Idempotency-Key': 'x'.repeat(255) } })).status, 200);
  assert.is(services.executed.length, 1);
});

test('create hands over the whole body with its defaults, and leaves out an id that was left out', async () => {
  const { call, services } = harness();
  assert.is((await call('POST', subscriptions, { json: create })).status, 200);
  assert.is((await call('POST', subscriptions, { json: { ...create, subscriptionId: 'o.1-A' } })).status, 200);
  const [without, withId] = services.executed;
  assert.not.ok('subscriptionId' in (without ?? {}));
  assert.is(withId?.subscriptionId, 'o.1-A');
  assert.equal(without?.command, {
    name: 'create',
    body: {
      ...create,
      zone: 'UTC',
      profile: 'direct-mosa-2020',
      channel: 'direct',
      recurringBilling: true,
      trial: false,
      providerRefs: {},
    },
  });
});

test('a create with everything wrong names everything that is wrong', async () => {
  const { call, services } = harness();
  const answer = await call('POST', '/v1/tenants/_acme/subscriptions', {
    json: { planId: '', seats: 1.5, term: 'P2Y', channel: 'shop', price: { minor: 0.5, currency: 'eur' } },
    headers: { 'If-Match': 'four' },
  });
  assert.is(answer.status, 400);
  assert.is(answer.body['code'], 'INVALID_INPUT');
  const issues = answer.body['issues'] as { in: string; path: string }[];
  assert.equal(
    issues.map((issue) => `${issue.in} ${issue.path}`).sort(),
    [
      'body channel',
      'body planId',
      'body price.currency',
      'body price.minor',
      'body seats',
      'body term',
      'header If-Match',
      'path tenant',
    ].sort(),
  );
  assert.is(services.executed.length, 0);
});

test('a zone that is not a time zone is invalid input', async () => {
  const { call } = harness();
  const answer = await call('POST', subscriptions, { json: { ...create, zone: 'Mars/Olympus' } });
  assert.is(answer.status, 400);
  assert.match(answer.text, /"path":"zone"/);
});

test('a refusal is 409 with all reason codes, remedies and the first event', async () => {
  const { call, services } = harness();
  const remedies = [{ kind: 'support' as const, text: { en: 'Call support.', nl: 'Bel ons.' } }];
  services.result = { kind: 'refused', reasonCodes: ['ALREADY_CANCELLED'], remedies, firstEventId: 'e-9' };
  const answer = await call('POST', command('cancel-now'), { json: {} });
  assert.is(answer.status, 409);
  assert.is(answer.body['code'], 'REFUSED');
  assert.equal(answer.body['reasonCodes'], ['ALREADY_CANCELLED']);
  assert.equal(answer.body['remedies'], remedies);
  assert.is(answer.body['firstEventId'], 'e-9');
});

const outcomes: readonly (readonly [CommandResult, number, string])[] = [
  [{ kind: 'not-found' }, 404, 'NOT_FOUND'],
  [{ kind: 'already-exists', subscriptionId: 'office-1' }, 409, 'ALREADY_EXISTS'],
  [{ kind: 'version-conflict', actualVersion: 7 }, 412, 'VERSION_CONFLICT'],
];
for (const [result, status, code] of outcomes) {
  test(`${result.kind} is ${status} ${code}`, async () => {
    const { call, services } = harness();
    services.result = result;
    const answer = await call('POST', command('activate'));
    assert.is(answer.status, status);
    assert.is(answer.body['code'], code);
  });
}

test('a version conflict says which version there is', async () => {
  const { call, services } = harness();
  services.result = { kind: 'version-conflict', actualVersion: 7 };
  const answer = await call('POST', command('activate'), { headers: { 'If-Match': '"4"' } });
  assert.is(services.executed[0]?.expectedVersion, 4);
  assert.equal([answer.status, answer.body['reasonCodes']], [412, ['VERSION_CONFLICT']]);
  assert.is(answer.body['actualVersion'], 7);
  assert.is(answer.headers.get('etag'), '"7"');
});

test('If-Match * asks for no version', async () => {
  const { call, services } = harness();
  await call('POST', command('activate'), { headers: { 'If-Match': '*' } });
  assert.not.ok('expectedVersion' in (services.executed[0] ?? {}));
});

test('a dry run is handed over, and makes nobody known', async () => {
  const { call, services } = harness();
  const answer = await call('POST', `${command('assign-license')}?dryRun=true`, {
    json: { userId: 'bob' },
    headers: { 'Perennial-Actor': 'user:alice' },
  });
  assert.is(answer.status, 200);
  assert.is(services.executed[0]?.dryRun, true);
  assert.is(services.people.size, 0);
});

test('users become person ids before the command; nothing of the user id is left', async () => {
  const { call, services } = harness();
  await call('POST', command('assign-license'), {
    json: { userId: 'bob@acme.example', appsOff: ['yammer'] },
    headers: { 'Perennial-Actor': 'user:alice%40acme.example', 'Perennial-Roles': 'license-admin' },
  });
  const request = services.executed[0];
  assert.equal(request?.command, {
    name: 'assign-license',
    body: { personId: 'p-bob@acme.example', appsOff: ['yammer'] },
  });
  assert.equal(request?.actor, { type: 'user', id: 'p-alice@acme.example', roles: ['license-admin'] });
  assert.equal(request?.roles, ['license-admin']);
});

test('taking a licence from somebody unknown makes nobody known', async () => {
  const { call, services } = harness();
  await call('POST', command('unassign-license'), { json: { userId: 'nobody' } });
  assert.is(services.people.size, 0);
  assert.equal(Object.keys(services.executed[0]?.command.body ?? {}), ['personId']);
});

test("a payment method's owner becomes a person id", async () => {
  const { call, services } = harness();
  const paymentMethod = { kind: 'card', token: 'pm_1', country: 'NL', owner: 'user:carol' };
  await call('POST', command('add-payment-method'), { json: { paymentMethod } });
  assert.equal(services.executed[0]?.command.body, { paymentMethod: { ...paymentMethod, owner: 'p-carol' } });
});

test('card numbers are refused wherever they stand, and are not repeated', async () => {
  const { call, services } = harness();
  const base = { kind: 'card', country: 'NL' };
  for (const number of ['4242424242424242', '4242 4242 4242 4242', '5555-5555-5555-4444', 'pay 378282246310005 now']) {
    const answer = await call('POST', command('add-payment-method'), {
      json: { paymentMethod: { ...base, token: number }, surprise: [{ deep: number }] },
    });
    assert.is(answer.status, 400, number);
    assert.is(answer.body['code'], 'CARD_NUMBER_REJECTED');
    assert.not.match(answer.text, /\d{4}[ -]?\d{4}/);
  }
  assert.is(services.executed.length, 0);
});

test('numbers that only look like card numbers pass', async () => {
  const { call } = harness();
  for (const token of ['pm_4242424242424242', '4242424242424241', '9242424242424242', 'a4242424242424242']) {
    const answer = await call('POST', command('add-payment-method'), {
      json: { paymentMethod: { kind: 'card', country: 'NL', token } },
    });
    assert.is(answer.status, 200, token);
  }
});

test('correlation comes from the header, else from the trace, else is made up', async () => {
  const { call, services } = harness();
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
  const answer = await call('POST', command('activate'), {
    headers: { 'Perennial-Correlation-Id': 'checkout-88', traceparent },
  });
  await call('POST', command('activate'), { headers: { traceparent } });
  await call('POST', command('activate'), { headers: { traceparent: 'nonsense' } });
  const [own, traced, made] = services.executed;
  assert.is(own?.correlationId, 'checkout-88');
  assert.is(own?.traceparent, traceparent);
  assert.is(answer.headers.get('perennial-correlation-id'), 'checkout-88');
  assert.is(traced?.correlationId, '4bf92f3577b34da6a3ce929d0e0e4736');
  assert.ok((made?.correlationId ?? '').length > 20);
  assert.not.ok('traceparent' in (made ?? {}));
});

test('a move names the person, the subscription it leads to, and only what was asked of its apps', async () => {
  const { call, services } = harness();
  services.people.set('p-alice', 'alice');
  const body = { userId: 'alice', toSubscriptionId: 'office-2' };
  assert.is((await call('POST', command('move-license'), { json: body })).status, 200);
  await call('POST', command('move-license'), { json: { ...body, appsOff: [] } });
  assert.equal(
    services.moved.map(({ subscriptionId, command: asked }) => [subscriptionId, asked.body]),
    [
      ['office-1', { personId: 'p-alice', toSubscriptionId: 'office-2' }],
      ['office-1', { personId: 'p-alice', toSubscriptionId: 'office-2', appsOff: [] }],
    ],
  );
  services.result = { kind: 'not-found', subscriptionId: 'office-2' };
  const missing = await call('POST', command('move-license'), { json: body });
  assert.is(missing.status, 404);
  assert.match(missing.text, /office-2/, 'it says which of the two is missing');
});

test('an unknown command is not found', async () => {
  const { call } = harness();
  assert.is((await call('POST', command('explode'))).status, 404);
  assert.is((await call('GET', command('activate'))).status, 405);
});

function acceptedAs(kind: 'accepted' | 'repeated'): CommandResult {
  return { kind, subscriptionId: 'office-1', status: 'active', version: 4, position: '48123', events: [] };
}

test.run();
