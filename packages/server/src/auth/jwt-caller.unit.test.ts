import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWTPayload } from 'jose';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { harness, type Called, type Harness } from '../http/testing/harness.ts';

const test = suite('bearer tokens');
const secret = 'a-secret-of-at-least-thirty-two-bytes';
const list = '/v1/tenants/acme/subscriptions';
const activate = `${list}/office-1/commands/activate`;

async function token(claims: JWTPayload, key: CryptoKey | string = secret, alg = 'HS256'): Promise<string> {
  const signer = new SignJWT(claims).setProtectedHeader({ alg, kid: alg });
  return signer.sign(typeof key === 'string' ? new TextEncoder().encode(key) : key);
}

function api(): Harness {
  return harness({}, { auth: { mode: 'jwt', secret } });
}

async function ask({ call }: Harness, jwt: string | undefined, method = 'GET', path = list): Promise<Called> {
  return call(method, path, { headers: jwt === undefined ? {} : { authorization: `Bearer ${jwt}` } });
}

const good = { sub: 'alice', roles: ['billing-admin'], tenant: 'acme' };

test('a good token lets its bearer in, as the person and with the roles it names', async () => {
  const harness = api();
  assert.is((await ask(harness, await token(good), 'POST', activate)).status, 200);
  const request = harness.services.executed[0];
  assert.equal(request?.actor, { type: 'user', id: 'p-alice', roles: ['billing-admin'] });
  assert.equal(request?.roles, ['billing-admin']);
});

test('the headers of mode none say nothing beside a token', async () => {
  const harness = api();
  await harness.call('POST', activate, {
    headers: {
      authorization: `Bearer ${await token(good)}`,
      'Perennial-Roles': 'global-admin',
      'Perennial-Actor': 'user:mallory',
    },
  });
  assert.equal(harness.services.executed[0]?.roles, ['billing-admin']);
  assert.is(harness.services.executed[0]?.actor.id, 'p-alice');
});

test('no token, or one that cannot be believed, is 401 with WWW-Authenticate', async () => {
  const past = Math.floor(Date.now() / 1000) - 3600;
  const bad = [
    undefined,
    'nonsense',
    'a.b.c',
    await token(good, 'another-secret-of-thirty-two-bytes-or-so'),
    await token({ ...good, exp: past }),
    await token({ ...good, nbf: past + 7200 }),
    await token({ roles: [], tenant: 'acme' }),
    await token({ ...good, roles: ['Not A Role!'] }).then((text) => `${text}x`),
    `${btoa('{"alg":"none"}')}.${btoa(JSON.stringify(good))}.`,
  ];
  for (const jwt of bad) {
    const answer = await ask(api(), jwt);
    assert.is(answer.status, 401, String(jwt));
    assert.is(answer.body['code'], 'UNAUTHENTICATED');
    assert.is(answer.headers.get('www-authenticate'), 'Bearer');
  }
});

test('another scheme than Bearer is 401', async () => {
  const { call } = api();
  assert.is((await call('GET', list, { headers: { authorization: 'Basic YTpi' } })).status, 401);
});

test('a token of another tenant is 403, one for several or all tenants is not', async () => {
  const statusWith = async (claims: JWTPayload): Promise<number> => (await ask(api(), await token(claims))).status;
  assert.is(await statusWith({ ...good, tenant: 'other' }), 403);
  assert.is(await statusWith({ sub: 'alice', roles: ['global-admin'] }), 403, 'no tenant claim is no tenant');
  assert.is(await statusWith({ sub: 'alice', roles: 'auditor', tenants: ['other', 'acme'] }), 200);
  assert.is(await statusWith({ sub: 'alice', tenants: '*' }), 200);
});

test('what concerns every tenant needs a token for every tenant and its role', async () => {
  const statusWith = async (claims: JWTPayload): Promise<number> =>
    (await ask(api(), await token(claims), 'GET', '/v1/payments/inbox')).status;
  assert.is(await statusWith({ sub: 'a', roles: ['global-admin'], tenant: 'acme' }), 403);
  assert.is(await statusWith({ sub: 'a', roles: ['billing-admin'], tenant: '*' }), 403);
  assert.is(await statusWith({ sub: 'a', roles: ['auditor'], tenant: '*' }), 200);
});

test('a token cannot make its bearer a part of the system', async () => {
  const harness = api();
  await ask(harness, await token({ ...good, sub: 'system:timers' }), 'POST', activate);
  assert.equal(harness.services.executed[0]?.actor.type, 'user');
  await ask(harness, await token({ ...good, sub: 'partner:shop' }), 'POST', activate);
  assert.equal(harness.services.executed[1]?.actor, { type: 'partner', id: 'p-shop', roles: ['billing-admin'] });
});

test('health, metrics and documentation need no token', async () => {
  for (const path of ['/healthz', '/readyz', '/metrics', '/openapi.json', '/docs']) {
    assert.is((await ask(api(), undefined, 'GET', path)).status, 200, path);
  }
});

test('keys of a JWKS: RS256 and ES256 pass, a public key used as a secret does not', async () => {
  const rsa = await generateKeyPair('RS256');
  const ec = await generateKeyPair('ES256');
  const keys = [
    { ...(await exportJWK(rsa.publicKey)), kid: 'RS256', alg: 'RS256' },
    { ...(await exportJWK(ec.publicKey)), kid: 'ES256', alg: 'ES256' },
  ];
  const server = await serveJson({ keys });
  try {
    const withKeys = harness({}, { auth: { mode: 'jwt', jwksUrl: urlOf(server) } });
    assert.is((await ask(withKeys, await token(good, rsa.privateKey, 'RS256'))).status, 200);
    assert.is((await ask(withKeys, await token(good, ec.privateKey, 'ES256'))).status, 200);
    assert.is((await ask(withKeys, await token(good, keys[0]?.n ?? ''))).status, 401);
    const stranger = await generateKeyPair('RS256');
    assert.is((await ask(withKeys, await token(good, stranger.privateKey, 'RS256'))).status, 401);
  } finally {
    server.close();
    server.closeAllConnections();
  }
});

test('a key set that does not answer is 503, not the fault of the token', async () => {
  const server = await serveJson({}, 500);
  const url = urlOf(server);
  const failing = harness({}, { auth: { mode: 'jwt', jwksUrl: url } });
  const other = await generateKeyPair('ES256');
  assert.is((await ask(failing, await token(good, other.privateKey, 'ES256'))).status, 503);
  await new Promise((resolve) => server.close(resolve));
  const { privateKey } = await generateKeyPair('ES256');
  const withKeys = harness({}, { auth: { mode: 'jwt', jwksUrl: url, jwksTimeoutMs: 500 } });
  const answer = await ask(withKeys, await token(good, privateKey, 'ES256'));
  assert.is(answer.status, 503);
  assert.is(answer.body['code'], 'UNAVAILABLE');
});

async function serveJson(value: object, status = 200): Promise<Server> {
  const server = createServer((_, response) => {
    response.statusCode = status;
    response.setHeader('content-type', 'application/json').setHeader('connection', 'close').end(JSON.stringify(value));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return server;
}

function urlOf(server: Server): string {
  // A listening TCP server has this kind of address.
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`;
}

test.run();
