import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { harness } from './testing/harness.ts';

const test = suite('bodies, paths and methods');
const activate = '/v1/tenants/acme/subscriptions/office-1/commands/activate';

test('a body that is not JSON is invalid input, and is not quoted', async () => {
  const { call } = harness();
  for (const raw of ['{"a":', 'secret text', '[1,2', '{"a":1}}']) {
    const answer = await call('POST', activate, { raw });
    assert.is(answer.status, 400, raw);
    assert.is(answer.body['code'], 'INVALID_INPUT');
    assert.not.match(answer.text, /secret/);
  }
});

test('JSON that is not an object is invalid input', async () => {
  const { call } = harness();
  for (const raw of ['[]', '1', 'null', '"text"']) assert.is((await call('POST', activate, { raw })).status, 400, raw);
});

test('bytes that are not UTF-8 are invalid input', async () => {
  const { call } = harness();
  assert.is((await call('POST', activate, { raw: new Uint8Array([0x7b, 0xff, 0x7d]) })).status, 400);
});

test('text that no store could keep is invalid input', async () => {
  const { call } = harness();
  const path = '/v1/tenants/acme/subscriptions/office-1/commands/cancel-now';
  for (const raw of ['{"reason":"\\ud800"}', '{"reason":"a\\u0000b"}', '{"\\u0000":1}']) {
    assert.is((await call('POST', path, { raw })).status, 400, raw);
  }
  assert.is((await call('POST', path, { raw: '{"reason":"\\ud83d\\ude00 fine"}' })).status, 200);
  assert.is((await call('GET', '/v1/tenants/acme/users/a%00b/apps')).status, 400);
});

test('nesting beyond all reason is invalid input, not a fault', async () => {
  const { call } = harness();
  const raw = `{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}`;
  assert.is((await call('POST', activate, { raw })).status, 400);
});

test('no body at all is an empty object, whatever its type says', async () => {
  const { call } = harness();
  assert.is((await call('POST', activate)).status, 200);
  assert.is((await call('POST', activate, { headers: { 'content-type': 'application/json' } })).status, 200);
  const needsBody = '/v1/tenants/acme/subscriptions/office-1/commands/set-recurring-billing';
  assert.is((await call('POST', needsBody)).status, 400);
});

test('another media type, or an encoding, is 415', async () => {
  const { call } = harness();
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', '']) {
    const answer = await call('POST', activate, { raw: '{}', headers: { 'content-type': type } });
    assert.is(answer.status, 415, type);
    assert.is(answer.body['code'], 'UNSUPPORTED_MEDIA_TYPE');
  }
  const encoded = await call('POST', activate, { raw: '{}', headers: { 'content-encoding': 'gzip' } });
  assert.is(encoded.status, 415);
  const parameters = { 'content-type': 'Application/JSON; charset=utf-8' };
  assert.is((await call('POST', activate, { raw: '{}', headers: parameters })).status, 200);
});

test('a body that is too large is 413, whether it says so or not', async () => {
  const { call, services } = harness();
  const declared = await call('POST', activate, { raw: '{}', headers: { 'content-length': '65537' } });
  assert.is(declared.status, 413);
  assert.is(declared.body['code'], 'PAYLOAD_TOO_LARGE');
  const endless = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(new Uint8Array(10_000).fill(32)),
  });
  assert.is((await call('POST', activate, { raw: endless })).status, 413);
  assert.is(services.executed.length, 0);
});

test('identifiers outside the contract are invalid input; those inside pass', async () => {
  const { call } = harness();
  for (const id of ['-a', '.a', 'a_b', 'a%20b', 'x'.repeat(65), '%C3%A9']) {
    assert.is((await call('GET', `/v1/tenants/acme/subscriptions/${id}`)).status, 400, id);
  }
  for (const id of ['a', '0.1-B', 'x'.repeat(64)]) {
    assert.is((await call('GET', `/v1/tenants/acme/subscriptions/${id}`)).status, 404, id);
  }
});

test('user ids may hold any character, encoded', async () => {
  const asked: string[] = [];
  const { call, services } = harness();
  Object.assign(services.queries, {
    apps: async (_: string, user: string) => {
      asked.push(user);
      return { apps: [], devices: [], asOfPosition: '1' };
    },
  });
  const users = ['alice@acme.example', 'a/b', '100%', 'a b', 'ünï', '%41', 'x'.repeat(256)];
  for (const user of users) {
    assert.is((await call('GET', `/v1/tenants/acme/users/${encodeURIComponent(user)}/apps`)).status, 200, user);
  }
  assert.equal(asked, users);
  assert.is((await call('GET', `/v1/tenants/acme/users/${'x'.repeat(257)}/apps`)).status, 400);
});

test('a method that the path does not know is 405 with Allow', async () => {
  const { call } = harness();
  const answer = await call('DELETE', '/v1/tenants/acme/subscriptions');
  assert.is(answer.status, 405);
  assert.is(answer.body['code'], 'METHOD_NOT_ALLOWED');
  assert.equal((answer.headers.get('allow') ?? '').split(', ').sort(), ['GET', 'HEAD', 'POST']);
  assert.is((await call('POST', '/healthz')).status, 405);
});

test('a path that there is not is 404', async () => {
  const { call } = harness();
  for (const path of ['/', '/v1', '/v1/tenants', '/v2/tenants/acme/subscriptions', '/v1/tenants/acme/subscriptions/']) {
    assert.is((await call('GET', path)).status, 404, path);
  }
});

test('every answer carries security headers and a request id', async () => {
  const { call } = harness();
  const answer = await call('GET', '/v1/tenants/acme/subscriptions', { headers: { 'X-Request-Id': 'r-1' } });
  assert.is(answer.headers.get('x-request-id'), 'r-1');
  assert.is(answer.headers.get('x-content-type-options'), 'nosniff');
  assert.is(answer.headers.get('cache-control'), 'no-store');
  const bad = await call('GET', '/nowhere', { headers: { 'X-Request-Id': '<script>' } });
  assert.match(bad.headers.get('x-request-id') ?? '', /^[0-9a-f-]{36}$/);
  assert.is(bad.headers.get('x-content-type-options'), 'nosniff');
});

test.run();
