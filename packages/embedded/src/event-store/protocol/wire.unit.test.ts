import protobuf from 'protobufjs/minimal.js';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readUint64, varintSize, WireWriter } from './wire.ts';

const test = suite('wire');

const numbers = [0, 1, 127, 128, 16_383, 16_384, 2 ** 31 - 1, 2 ** 31, 2 ** 32 + 5, Number.MAX_SAFE_INTEGER];
for (const number of numbers) {
  test(`${number} comes back, in as many bytes as announced`, () => {
    const writer = new WireWriter(Buffer.alloc(20));
    writer.numberField(0x08, number);
    assert.is(writer.at, 1 + varintSize(number));
    const reader = protobuf.Reader.create(writer.bytes.subarray(0, writer.at));
    assert.is(reader.uint32(), 0x08);
    assert.is(readUint64(reader), BigInt(number));
    assert.is(reader.pos, reader.len);
  });
}

test('a 64-bit integer comes back exactly', () => {
  for (const number of [0n, 9223372036854775807n, 2n ** 64n - 1n]) {
    const writer = new WireWriter(Buffer.alloc(20));
    writer.bigintField(0x10, number);
    const reader = protobuf.Reader.create(writer.bytes.subarray(0, writer.at));
    assert.is(reader.uint32(), 0x10);
    assert.is(readUint64(reader), number);
  }
});

test.run();
