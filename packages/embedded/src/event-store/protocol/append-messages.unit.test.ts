import protobuf from 'protobufjs/minimal.js';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { decodeAppendRequest, decodeBatchPart } from './append-messages.ts';
import { RpcError, Status } from './call.ts';

const test = suite('append messages');
const id = '0f8fad5b-d9cb-469f-a165-70867728950e';

type Field = readonly [tag: number, value: string | Uint8Array | number];

/** A message of these fields: texts and bytes with their length, numbers as varints. */
function message(...fields: readonly Field[]): Buffer {
  const writer = protobuf.Writer.create();
  for (const [tag, value] of fields) {
    writer.uint32(tag);
    if (typeof value === 'string') writer.string(value);
    else if (typeof value === 'number') writer.int64(value);
    else writer.bytes(value);
  }
  return Buffer.from(writer.finish());
}

const stream = message([0x1a, 'orders-1']);
const event = message(
  [0x0a, message([0x12, id.toUpperCase()])],
  [0x12, message([0x0a, 'type'], [0x12, 'Ordered'])],
  [0x12, message([0x0a, 'content-type'], [0x12, 'application/json'])],
  [0x1a, Buffer.from('{}')],
  [0x22, Buffer.from('{"n":1}')],
);
const decoded = {
  id,
  type: 'Ordered',
  isJson: true,
  customMetadata: Buffer.from('{}'),
  data: Buffer.from('{"n":1}'),
};
const isRefusal = (error: unknown): boolean => error instanceof RpcError && error.code === Status.INVALID_ARGUMENT;

test('a part of a batch has its target, its events and its end', () => {
  const deadline = message([0x08, 1_800_000_000], [0x10, 5_000_000]);
  const options = message([0x0a, stream], [0x10, 41], [0x32, deadline]);
  const correlation = message([0x12, id]);
  const part = decodeBatchPart(
    message([0x0a, correlation], [0x12, options], [0x1a, event], [0x1a, event], [0x20, 1]),
    0,
  );
  assert.equal(part, {
    correlation,
    target: { stream: 'orders-1', streamIdentifier: stream, expectation: { kind: 'revision', revision: 41n } },
    deadlineMs: 1_800_000_000_005,
    events: [decoded, decoded],
    isFinal: true,
  });
});

test('what is expected of the stream, and for how long', () => {
  const nothing = Buffer.alloc(0);
  for (const [tag, kind] of [
    [0x1a, 'noStream'],
    [0x22, 'any'],
    [0x2a, 'streamExists'],
  ] as const) {
    const { target } = decodeAppendRequest(message([0x0a, message([0x0a, stream], [tag, nothing])]));
    assert.equal(target?.expectation, { kind });
  }
  const timeout = message([0x08, 2], [0x10, -500_000_000]);
  const part = decodeBatchPart(message([0x12, message([0x0a, stream], [0x3a, timeout])]), 1000);
  assert.equal([part.target?.expectation, part.deadlineMs], [{ kind: 'any' }, 2500]);
});

test('an id in its structured form is the same id', () => {
  const hex = id.replaceAll('-', '');
  const halves = [hex.slice(0, 16), hex.slice(16)].map((half) => BigInt.asIntN(64, BigInt(`0x${half}`)));
  const writer = protobuf.Writer.create();
  halves.forEach((half, index) => {
    const [low, high] = [Number(BigInt.asIntN(32, half)), Number(BigInt.asIntN(32, half >> 32n))];
    writer.uint32(index === 0 ? 0x08 : 0x10).int64({ low, high, unsigned: false });
  });
  const structured = message([0x0a, message([0x0a, Buffer.from(writer.finish())])]);
  const rest = event.subarray(event.indexOf(id.toUpperCase()) + id.length);
  assert.is(decodeAppendRequest(message([0x12, Buffer.concat([structured, rest])])).event?.id, id);
});

test('fields that nobody knows, and known ones of another type, are passed over', () => {
  const unknown: Field[] = [
    [0x78, 300],
    [0x7a, 'later'],
    [0x18, 7],
    [0x10, 7],
  ];
  assert.equal(decodeAppendRequest(message(...unknown, [0x12, Buffer.concat([message([0x78, 1]), event])])), {
    event: decoded,
  });
});

test('one bad event fails its part, and the others are read', () => {
  const untyped = message([0x0a, message([0x12, id])]);
  const part = decodeBatchPart(message([0x1a, event], [0x1a, untyped], [0x20, 1]), 0);
  assert.equal([part.events.length, part.isFinal, part.fault?.code], [1, true, Status.INVALID_ARGUMENT]);
});

test('what ends early, or is longer than what it is in, is refused, never misread', () => {
  const whole = message([0x12, event]);
  for (let length = 1; length < whole.length; length += 1) {
    assert.throws(() => decodeAppendRequest(whole.subarray(0, length)), isRefusal, `the first ${length} bytes`);
  }
  const longer = message([0x0a, message([0x0a, stream], [0x1a, Buffer.alloc(0)])]);
  // The stream identifier claims a byte more than the options have.
  longer[3] = (longer[3] ?? 0) + 3;
  assert.throws(() => decodeAppendRequest(Buffer.concat([longer, Buffer.alloc(9)])), isRefusal);
  assert.throws(() => decodeAppendRequest(Buffer.from([0x0f, 1, 2])), isRefusal, 'a wire type that does not exist');
});

test.run();
