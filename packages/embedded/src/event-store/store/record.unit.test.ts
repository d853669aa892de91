import { randomUUID } from 'node:crypto';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { TOMBSTONE_REVISION } from '../engine/revisions.ts';
import { streams } from '../protocol/generated.ts';
import * as record from './record.ts';

const test = suite('stored record');

const base: record.EventRecord = {
  id: randomUUID(),
  stream: 'subscription-größe_1',
  revision: 3,
  position: 1234,
  type: 'Tested✓',
  isJson: true,
  createdMs: 1_700_000_000_123,
  customMetadata: Buffer.from('{"m":1}'),
  data: Buffer.from('{"d":2}'),
};

/** What the client's own classes make of the stored message. */
function decoded(value: Buffer) {
  const event = streams.ReadResp.deserializeBinary(record.readResponseOf(value)).getEvent();
  const recorded = event?.getEvent();
  assert.ok(event && recorded);
  const metadata = recorded.getMetadataMap();
  return {
    id: recorded.getId()?.getString(),
    stream: Buffer.from(recorded.getStreamIdentifier()?.getStreamName_asU8() ?? []).toString(),
    revision: recorded.getStreamRevision(),
    positions: [event.getCommitPosition(), recorded.getCommitPosition(), recorded.getPreparePosition()],
    type: metadata.get('type'),
    contentType: metadata.get('content-type'),
    created: metadata.get('created'),
    customMetadata: Buffer.from(recorded.getCustomMetadata_asU8()).toString(),
    data: Buffer.from(recorded.getData_asU8()).toString(),
  };
}

test('the generated classes read what was encoded by hand', () => {
  assert.equal(decoded(record.encodeRecord(base)), {
    id: base.id,
    stream: base.stream,
    revision: '3',
    positions: ['1234', '1234', '1234'],
    type: 'Tested✓',
    contentType: 'application/json',
    created: '17000000001230000',
    customMetadata: '{"m":1}',
    data: '{"d":2}',
  });
});

// Where a varint, a length or the header's offsets grow by a byte.
const edges: Partial<record.EventRecord>[] = [
  { data: Buffer.alloc(0), customMetadata: Buffer.alloc(0), isJson: false },
  { stream: 's', type: 't' },
  { stream: 'x'.repeat(1024), type: 'y'.repeat(4096) },
  ...[126, 127, 128, 129, 16_383, 16_384, 70_000].map((length) => ({ data: Buffer.alloc(length, 97) })),
  ...[0, 127, 128, 2 ** 31 - 1, 2 ** 31, 2 ** 32, 2 ** 45 + 1].map((position) => ({ position, revision: position })),
];
for (const [index, edge] of edges.entries()) {
  test(`every length is right (${index})`, () => {
    const event = { ...base, ...edge };
    const value = record.encodeRecord(event);
    assert.ok(record.isRecord(value));
    const read = decoded(value);
    assert.is(read.stream, event.stream);
    assert.is(read.type, event.type);
    assert.is(read.revision, String(event.revision));
    assert.is(read.positions[0], String(event.position));
    assert.is(read.data.length, event.data.length);
    assert.is(record.streamOf(value), event.stream);
    assert.is(record.typeOf(value), event.type);
    assert.is(record.idOf(value), event.id);
    assert.is(record.revisionOf(value), event.revision);
    assert.is(record.createdMsOf(value), event.createdMs);
    assert.is(record.isJson(value), event.isJson);
    assert.equal(record.dataOf(value), Buffer.from(event.data));
  });
}

test('a tombstone has the largest signed revision on the wire', () => {
  const value = record.encodeRecord({ ...base, revision: TOMBSTONE_REVISION });
  assert.is(decoded(value).revision, '9223372036854775807');
  assert.is(record.revisionOf(value), TOMBSTONE_REVISION);
});

test('other bytes are no record', () => {
  assert.not(record.isRecord(Buffer.alloc(0)));
  assert.not(record.isRecord(Buffer.alloc(200)));
  assert.not(record.isRecord(record.encodeRecord(base).subarray(0, 80)));
});

test.run();
