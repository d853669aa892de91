import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { BrokerError } from '../errors/broker-error.ts';
import { parseAddress } from './address.ts';
import { capabilitiesOf, isAtLeast } from './capabilities.ts';

const test = suite('address and version');

test('one URL, several, and no scheme', () => {
  assert.equal(parseAddress('nats://127.0.0.1:4333').servers, ['127.0.0.1:4333']);
  assert.equal(parseAddress('nats://a:1, nats://b').servers, ['a:1', 'b:4222']);
  assert.equal(parseAddress('broker:4222').servers, ['broker:4222']);
  assert.equal(parseAddress('nats://[::1]:4222').servers, ['[::1]:4222']);
});

test('credentials are taken out and never shown', () => {
  const address = parseAddress('nats://alice:s%40crt@host:4222');
  assert.is(address.user, 'alice');
  assert.is(address.pass, 's@crt');
  assert.is(address.shown, 'nats://host:4222');
  assert.is(parseAddress('nats://tok3n@host').token, 'tok3n');
});

test('tls is asked for by the scheme', () => {
  assert.ok(parseAddress('tls://host').tls);
  assert.not(parseAddress('nats://host').tls);
});

test('anything else is refused without repeating it', () => {
  for (const url of ['http://user:secret@host', '', 'nats://', 'nats://host:x']) {
    try {
      parseAddress(url);
      assert.unreachable(url);
    } catch (error) {
      assert.is((error as BrokerError).code, 'NATS_URL_INVALID');
      assert.not.match((error as BrokerError).message, 'secret');
    }
  }
});

test('what a server can do follows from its version', () => {
  assert.not(capabilitiesOf('2.9.10').syncAlways);
  assert.ok(capabilitiesOf('2.10.27').syncAlways);
  assert.not(capabilitiesOf('2.11.9').asyncPersist);
  assert.ok(capabilitiesOf('2.12.0').asyncPersist);
  assert.ok(isAtLeast('2.15.1-beta', '2.9.4'));
  assert.not(isAtLeast('2.9.3', '2.9.4'));
  assert.not(isAtLeast('', '2.9.4'));
});

test.run();
