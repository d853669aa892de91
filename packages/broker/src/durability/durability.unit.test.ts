import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ackFloorOf } from './ack-floor.ts';
import { durabilityWarnings } from './durability-warnings.ts';

const test = suite('durability');

test('a server that syncs and is sound needs no warning', () => {
  assert.equal(durabilityWarnings({ version: '2.10.27', syncAlways: true }), []);
});

test('a server that cannot sync, does not sync, or was not asked is warned about', () => {
  assert.match(durabilityWarnings({ version: '2.9.10', syncAlways: false })[0] ?? '', 'cannot sync');
  assert.match(durabilityWarnings({ version: '2.10.27', syncAlways: false })[0] ?? '', 'does not sync');
  assert.match(durabilityWarnings({ version: '2.10.27', syncAlways: undefined })[0] ?? '', 'could not be seen');
});

test('a server that may lose a stream when killed is warned about', () => {
  assert.match(durabilityWarnings({ version: '2.10.22', syncAlways: true })[0] ?? '', 'when it is killed');
});

// As far as `ackFloorOf` looks.
const info = (streamSeq: number, start?: number) =>
  ({ ack_floor: { stream_seq: streamSeq }, config: { opt_start_seq: start } }) as Parameters<typeof ackFloorOf>[0];

test('a consumer that was created at a start has acknowledged what lies before it', () => {
  assert.is(ackFloorOf(info(0, 51)), 50);
  assert.is(ackFloorOf(info(60, 51)), 60);
  assert.is(ackFloorOf(info(7)), 7);
  assert.is(ackFloorOf(info(0)), 0);
});

test.run();
