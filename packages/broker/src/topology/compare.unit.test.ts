import { DiscardPolicy, nanos } from 'nats';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { capabilitiesOf } from '../connection/capabilities.ts';
import { compareStream } from './compare.ts';
import { TopologyMismatchError } from './topology-mismatch.ts';
import { wantedStreams, type WantedStream } from './wanted.ts';

const test = suite('comparing streams');

function wanted(name: string, version = '2.10.27', replicas = 1): WantedStream {
  const found = wantedStreams(replicas, capabilitiesOf(version)).find(({ config }) => config.name === name);
  assert.ok(found);
  return found;
}

test('payments are as the contract says', () => {
  const { config } = wanted('PAYMENTS');
  assert.equal(config.subjects, ['billing.payments.v1.>']);
  assert.is(config.retention, 'limits');
  assert.is(config.discard, 'new');
  assert.is(config.duplicate_window, nanos(3_600_000));
  assert.is(config.max_age, 0);
});

test('only events may be acknowledged before they are written, only where the server knows how, and only unreplicated', () => {
  const modes = (version: string, replicas: number) =>
    wantedStreams(replicas, capabilitiesOf(version)).flatMap(({ config }) =>
      config.persist_mode ? [config.name] : [],
    );
  assert.equal(modes('2.15.1', 1), ['EVENTS']);
  assert.equal(modes('2.11.9', 1), []);
  assert.equal(modes('2.15.1', 3), []);
});

test('a stream is no different from itself', () => {
  for (const stream of wantedStreams(1, capabilitiesOf('2.15.1'))) {
    assert.equal(compareStream(stream, { ...stream.config }), []);
  }
});

test('every field that a promise rests on is reported with both values', () => {
  const stream = wanted('PAYMENTS');
  const found = { ...stream.config, discard: DiscardPolicy.Old, max_age: nanos(1_000), duplicate_window: nanos(1_000) };
  assert.equal(
    compareStream(stream, found).map(({ stream, field }) => `${stream}.${field}`),
    ['PAYMENTS.max_age', 'PAYMENTS.discard', 'PAYMENTS.duplicate_window'],
  );
});

test('more than what is needed is no difference', () => {
  const stream = wanted('PAYMENTS');
  const subjects = [...(stream.config.subjects ?? []), 'billing.other'];
  const found = {
    ...stream.config,
    num_replicas: 3,
    duplicate_window: nanos(7_200_000),
    max_bytes: 1_000_000,
    subjects,
  };
  assert.equal(compareStream(stream, found), []);
});

test('fewer replicas than asked for are a difference', () => {
  const stream = wanted('EVENTS', '2.10.27', 3);
  assert.equal(compareStream(stream, { ...stream.config, num_replicas: 1 }), [
    { stream: 'EVENTS', field: 'num_replicas', wanted: 3, found: 1 },
  ]);
});

test('a field the server leaves out counts as its zero value', () => {
  const { no_ack: _noAck, sealed: _sealed, max_age: _maxAge, ...found } = wanted('PARKED').config;
  assert.equal(compareStream(wanted('PARKED'), found), []);
});

test('the error names every field and says what must not be removed', () => {
  const { message, code } = new TopologyMismatchError([
    { stream: 'PAYMENTS', field: 'discard', wanted: 'new', found: 'old' },
    { stream: 'EVENTS', field: 'max_age', wanted: 0, found: undefined },
  ]);
  assert.is(code, 'TOPOLOGY_MISMATCH');
  assert.match(message, 'PAYMENTS.discard is "old", needed is "new"');
  assert.match(message, 'EVENTS.max_age is not set, needed is 0');
  assert.match(message, 'only copy');
});

test.run();
