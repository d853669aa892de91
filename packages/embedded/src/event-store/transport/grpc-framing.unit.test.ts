import { Readable } from 'node:stream';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { RpcError, Status } from '../protocol/call.ts';
import { readMessages } from './grpc-framing.ts';

const test = suite('gRPC framing');

function frame(text: string, flag = 0): Buffer {
  const header = Buffer.alloc(5);
  header.writeUInt8(flag, 0);
  header.writeUInt32BE(Buffer.byteLength(text), 1);
  return Buffer.concat([header, Buffer.from(text)]);
}

async function read(chunks: Buffer[]): Promise<string[]> {
  const messages: string[] = [];
  for await (const message of readMessages(Readable.from(chunks), new AbortController().signal)) {
    messages.push(message.toString());
  }
  return messages;
}

const texts = ['first', '', 'x'.repeat(300), 'last'];
const body = Buffer.concat(texts.map((text) => frame(text)));
for (const size of [1, 2, 3, 4, 5, 6, 7, 100, 1000]) {
  test(`messages come whole out of chunks of ${size} bytes`, async () => {
    const chunks: Buffer[] = [];
    for (let at = 0; at < body.length; at += size) chunks.push(body.subarray(at, at + size));
    assert.equal(await read(chunks), texts);
  });
}

async function refusal(chunks: Buffer[]): Promise<number> {
  try {
    await read(chunks);
  } catch (error) {
    if (error instanceof RpcError) return error.code;
    throw error;
  }
  throw new Error('The body was accepted.');
}

test('a compressed message is refused', async () => {
  assert.is(await refusal([frame('zipped', 1)]), Status.UNIMPLEMENTED);
});

test('a message larger than the limit is refused before it has arrived', async () => {
  const header = Buffer.from([0, 0x7f, 0xff, 0xff, 0xff]);
  assert.is(await refusal([header]), Status.RESOURCE_EXHAUSTED);
});

test.run();
