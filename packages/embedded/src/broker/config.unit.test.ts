import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { brokerConfig, canSyncAlways } from './config.ts';

const test = suite('broker configuration');

const options = {
  version: '2.10.27',
  port: -1,
  storeDirectory: '/data/store',
  runDirectory: '/data/run',
  pidFile: '/data/run/pid',
  logFile: '/data/log',
  storageMaxBytes: 1_000,
};

test('syncs every message where the version can', () => {
  assert.match(brokerConfig(options), /^ {2}sync_interval: always$/m);
  assert.ok(canSyncAlways('2.10.0'));
});

test('does not name the setting to a version that would refuse to start on it', () => {
  assert.not.match(brokerConfig({ ...options, version: '2.9.10' }), 'sync_interval');
  assert.not(canSyncAlways('2.9.25'));
});

test('has exactly one jetstream block, with a store directory', () => {
  const config = brokerConfig(options);
  assert.is(config.match(/^jetstream \{$/gm)?.length, 1);
  assert.match(config, 'store_dir: "/data/store"');
});

test('listens on loopback only', () => {
  const config = brokerConfig({ ...options, port: 4_333 });
  assert.match(config, 'host: "127.0.0.1"');
  assert.match(config, 'http: "127.0.0.1:-1"');
  assert.match(config, /^port: 4333$/m);
});

test.run();
