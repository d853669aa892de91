/**
 * Protocol-buffers writing for the few messages that pass thousands of times a second: their sizes are known before, and
 * they are written once, where they stay. Everything else uses the client's generated classes, which cost five to eight
 * times as much; what is read as often is read by protobufjs.
 *
 * @module
 */

import type protobuf from 'protobufjs/minimal.js';

/** An exact unsigned 64-bit integer. */
export function readUint64(reader: protobuf.Reader): bigint {
  const value = reader.uint64();
  // `Long` where its package is installed, which protobufjs depends on; the type allows for browsers without it.
  if (typeof value === 'number') return BigInt(value);
  return (BigInt(value.high >>> 0) << 32n) | BigInt(value.low >>> 0);
}

/** Bytes that a varint takes. */
export function varintSize(value: number): number {
  let size = 1;
  for (let rest = value; rest >= 128; rest /= 128) size += 1;
  return size;
}

/** Bytes that a length-delimited field with a one-byte tag takes. */
export function fieldSize(length: number): number {
  return 1 + varintSize(length) + length;
}

/** Writes into a buffer whose size the caller has computed. */
export class WireWriter {
  readonly bytes: Buffer;
  at: number;

  constructor(bytes: Buffer, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  varint(value: number): void {
    let rest = value;
    // Shifts work on 32 bits only, so larger numbers are divided.
    for (; rest > 0x7fffffff; rest = Math.floor(rest / 128)) this.bytes[this.at++] = (rest % 128) | 0x80;
    for (; rest >= 128; rest >>>= 7) this.bytes[this.at++] = (rest & 0x7f) | 0x80;
    this.bytes[this.at++] = rest;
  }

  /** Tag and varint. */
  numberField(tag: number, value: number): void {
    this.bytes[this.at++] = tag;
    this.varint(value);
  }

  bigintField(tag: number, value: bigint): void {
    this.bytes[this.at++] = tag;
    let rest = value;
    for (; rest >= 128n; rest >>= 7n) this.bytes[this.at++] = Number(rest & 0x7fn) | 0x80;
    this.bytes[this.at++] = Number(rest);
  }

  /** Tag and length; the content follows. */
  open(tag: number, length: number): void {
    this.numberField(tag, length);
  }

  /** Raw bytes. */
  put(bytes: Uint8Array): void {
    this.bytes.set(bytes, this.at);
    this.at += bytes.length;
  }

  bytesField(tag: number, bytes: Uint8Array): void {
    this.open(tag, bytes.length);
    this.put(bytes);
  }

  /** `length` is the text's length in UTF-8 bytes. */
  textField(tag: number, text: string, length: number): void {
    this.open(tag, length);
    this.at += this.bytes.write(text, this.at, length, 'utf8');
  }
}
