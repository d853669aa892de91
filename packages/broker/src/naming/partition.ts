/** How many partitions the subjects of `EVENTS` have; fixed for the life of the stream (contract, NATS). */
export const partitionCount = 16;

/** The partition of a key (`<tenant>/<subscriptionId>`, or a stream's name): FNV-1a 32 of its UTF-8 bytes, modulo 16. */
export function partitionOf(key: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(key, 'utf8')) {
    hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  }
  return hash % partitionCount;
}
