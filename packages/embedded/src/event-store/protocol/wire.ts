/**
 * Protocol-buffers primitives for the few messages that pass thousands of times a second. Everything else uses the
 * client's generated classes, which cost five to eight times as much.
 */

const LENGTH_DELIMITED = 2;

/** Reads one message's fields in turn: `while ((field = reader.next()) !== 0) …`. */
export class WireReader {
  readonly #bytes: Buffer;
  readonly #end: number;
  #at: number;
  #wireType = 0;

  constructor(bytes: Buffer, start = 0, end = bytes.length) {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
  }

  /** The next field's number, 0 at the end of the message. The field's value must then be read or skipped. */
  next(): number {
    if (this.#at >= this.#end) return 0;
    const tag = this.number();
    this.#wireType = tag & 7;
    return tag >>> 3;
  }

  /** A varint as a number: exact up to 2^53. */
  number(): number {
    let value = 0;
    let scale = 1;
    for (let byte = this.#byte(); ; byte = this.#byte()) {
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 128;
    }
  }

  /** A varint as an exact unsigned 64-bit integer. */
  bigint(): bigint {
    let value = 0n;
    let shift = 0n;
    for (let byte = this.#byte(); ; byte = this.#byte()) {
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
      shift += 7n;
    }
  }

  /** A length-delimited field's bytes, not copied. */
  bytes(): Buffer {
    const length = this.number();
    const start = this.#at;
    if (this.#wireType !== LENGTH_DELIMITED || start + length > this.#end) throw malformed();
    this.#at = start + length;
    return this.#bytes.subarray(start, this.#at);
  }

  text(): string {
    return this.bytes().toString('utf8');
  }

  message(): WireReader {
    return new WireReader(this.bytes());
  }

  skip(): void {
    if (this.#wireType === 0) this.bigint();
    else if (this.#wireType === 1) this.#at += 8;
    else if (this.#wireType === LENGTH_DELIMITED) this.bytes();
    else if (this.#wireType === 5) this.#at += 4;
    else throw malformed();
  }

  #byte(): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined || this.#at >= this.#end) throw malformed();
    this.#at += 1;
    return byte;
  }
}

/** Thrown by {@link WireReader} for bytes that are no such message. */
export class MalformedMessageError extends Error {
  override readonly name = 'MalformedMessageError';
}

function malformed(): MalformedMessageError {
  return new MalformedMessageError('The message ends early or holds a field of another type.');
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
