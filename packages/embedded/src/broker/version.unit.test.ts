import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compareVersions, isAtLeast, parseVersion } from './version.ts';

const test = suite('server version');

test('is found in what a server prints', () => {
  assert.is(parseVersion('nats-server: v2.10.27'), '2.10.27');
  assert.is(parseVersion('nats-server: v2.14.0-RC.1'), '2.14.0');
  assert.is(parseVersion('usage: something'), undefined);
});

test('is compared by number, not by letter', () => {
  assert.ok(compareVersions('2.9.10', '2.10.0') < 0);
  assert.ok(compareVersions('2.10.2', '2.9.10') > 0);
  assert.is(compareVersions('2.9.4', '2.9.4'), 0);
  assert.ok(isAtLeast('2.9.10', '2.9.4'));
  assert.not(isAtLeast('2.9.3', '2.9.4'));
});

test.run();
