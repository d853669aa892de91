import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { MalformedMessageError, varintSize, WireReader, WireWriter } from './wire.ts';

const test = suite('wire');

const numbers = [0, 1, 127, 128, 16_383, 16_384, 2 ** 31 - 1, 2 ** 31, 2 ** 32 + 5, Number.MAX_SAFE_INTEGER];
for (const number of numbers) {
  test(`${number} comes back, in as many bytes as announced`, () => {
    const writer = new WireWriter(Buffer.alloc(20));
    writer.numberField(0x08, number);
    assert.is(writer.at, 1 + varintSize(number));
    const reader = new WireReader(writer.bytes.subarray(0, writer.at));
    assert.is(reader.next(), 1);
    assert.is(reader.number(), number);
    assert.is(reader.next(), 0);
  });
}

test('a 64-bit integer comes back exactly', () => {
  for (const number of [0n, 9223372036854775807n, 2n ** 64n - 1n]) {
    const writer = new WireWriter(Buffer.alloc(20));
    writer.bigintField(0x10, number);
    const reader = new WireReader(writer.bytes.subarray(0, writer.at));
    reader.next();
    assert.is(reader.bigint(), number);
  }
});

test('fields of every type can be skipped', () => {
  const fields = [0x08, 0x96, 0x01, 0x11, 1, 2, 3, 4, 5, 6, 7, 8, 0x1a, 2, 9, 9, 0x25, 1, 2, 3, 4, 0x28, 7];
  const reader = new WireReader(Buffer.from(fields));
  const seen: number[] = [];
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    seen.push(field);
    if (field === 5) assert.is(reader.number(), 7);
    else reader.skip();
  }
  assert.equal(seen, [1, 2, 3, 4, 5]);
});

test('a message that ends early is malformed, not misread', () => {
  for (const bytes of [[0x0a, 5, 1, 2], [0x08, 0x80], [0x0b]]) {
    const reader = new WireReader(Buffer.from(bytes));
    assert.throws(
      () => {
        reader.next();
        reader.skip();
      },
      (error: unknown) => error instanceof MalformedMessageError,
    );
  }
});

test.run();
