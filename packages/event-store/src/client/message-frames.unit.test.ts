import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { MessageFrames } from './message-frames.ts';

const frames = suite('messages in what comes over HTTP/2');

function framed(message: Uint8Array): Buffer {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

frames('the messages are the same however the bytes are cut', () => {
  const messages = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 12 });
  const lengths = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1 });
  fc.assert(
    fc.property(messages, lengths, (sent, pieceLengths) => {
      const bytes = Buffer.concat(sent.map(framed));
      const cutter = new MessageFrames();
      const received: Buffer[] = [];
      for (let from = 0, piece = 0; from < bytes.length; piece += 1) {
        const length = pieceLengths[piece % pieceLengths.length] ?? 1;
        received.push(...cutter.add(bytes.subarray(from, from + length)));
        from += length;
      }
      assert.equal(
        received.map((message) => message.toString('hex')),
        sent.map((message) => Buffer.from(message).toString('hex')),
      );
    }),
  );
});

frames('a message of which a part is missing is not given yet', () => {
  const cutter = new MessageFrames();
  assert.equal(cutter.add(framed(Buffer.from('abc')).subarray(0, 7)), []);
  assert.equal(cutter.add(Buffer.from('c')).map(String), ['abc']);
});

frames('a compressed message and one beyond 17 MiB are refused', () => {
  assert.throws(() => new MessageFrames().add(Buffer.from([1, 0, 0, 0, 0])), /compressed/);
  assert.throws(() => new MessageFrames().add(Buffer.from([0, 0x01, 0x10, 0x00, 0x01])), /17825793 bytes/);
});

frames.run();
