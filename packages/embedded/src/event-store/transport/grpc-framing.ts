import type { Readable } from 'node:stream';
import { RpcError, Status } from '../protocol/call.ts';
import { REQUEST_BYTES_MAX } from './transport.ts';

const HEADER_BYTES = 5;

/** The messages of a gRPC request body. They share memory with the chunks received. */
export async function* readMessages(body: Readable, signal: AbortSignal): AsyncGenerator<Buffer> {
  let chunks: Buffer[] = [];
  let total = 0;
  let needed = HEADER_BYTES;
  try {
    for await (const chunk of body.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      total += chunk.length;
      // A large message comes in many chunks, which are joined once.
      if (total < needed) continue;
      let rest = chunks.length === 1 ? chunk : Buffer.concat(chunks, total);
      for (needed = frameLength(rest); rest.length >= needed; needed = frameLength(rest)) {
        yield rest.subarray(HEADER_BYTES, needed);
        rest = rest.subarray(needed);
      }
      chunks = rest.length === 0 ? [] : [rest];
      total = rest.length;
    }
  } catch (error) {
    // A body that ends early because the client has gone is no fault.
    if (!signal.aborted) throw error;
  }
}

/** Length of the first message with its header; of the header alone while that is incomplete. */
function frameLength(bytes: Buffer): number {
  if (bytes.length < HEADER_BYTES) return HEADER_BYTES;
  if (bytes.readUInt8(0) !== 0) throw new RpcError(Status.UNIMPLEMENTED, 'Compressed requests are not supported.');
  const length = bytes.readUInt32BE(1);
  if (length <= REQUEST_BYTES_MAX) return HEADER_BYTES + length;
  throw new RpcError(Status.RESOURCE_EXHAUSTED, `A request is larger than ${REQUEST_BYTES_MAX} bytes.`);
}
