import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parsePorts } from './readiness.ts';

const test = suite('ports file');

test('names the process in its own name and the addresses in its text', () => {
  const text = '{"nats":["nats://127.0.0.1:34271"],"monitoring":["http://127.0.0.1:8222"]}';
  assert.equal(parsePorts('nats-server_4711.ports', text), {
    pid: 4711,
    url: 'nats://127.0.0.1:34271',
    monitoringUrl: 'http://127.0.0.1:8222',
  });
});

test('is not read before it is complete', () => {
  assert.is(parsePorts('nats-server_1.ports', '{"nats":["nats://127'), undefined);
  assert.is(parsePorts('nats-server_1.ports', '{"nats":["nats://127.0.0.1:1"]}'), undefined);
  assert.is(parsePorts('nats-server_1.ports', ''), undefined);
});

test.run();
