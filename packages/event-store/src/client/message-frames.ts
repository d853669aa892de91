/** A message longer than the log can hold an event is none: what comes is not what was asked for. */
const messageLengthMaxBytes = 17 * 1024 * 1024;
const prefixLengthBytes = 5;
const nothing = Buffer.alloc(0);

/**
 * Cuts the bytes of a gRPC answer into its messages: each follows a byte that says whether it is compressed, and four that
 * say how long it is. A message that came in one piece is not copied.
 */
export class MessageFrames {
  /** Pieces that do not make a message yet, and how many bytes they are. */
  #pieces: Buffer[] = [];
  #piecesLength = 0;
  /** How many bytes have to be there before it is worth looking again. */
  #wanted = prefixLengthBytes;

  /**
   * @returns the messages that these bytes complete.
   * @throws Error for a message that is compressed or too long.
   */
  add(bytes: Buffer): Buffer[] {
    this.#pieces.push(bytes);
    this.#piecesLength += bytes.length;
    if (this.#piecesLength < this.#wanted) return [];
    const all = this.#pieces.length === 1 ? bytes : Buffer.concat(this.#pieces, this.#piecesLength);
    return this.#cut(all);
  }

  #cut(all: Buffer): Buffer[] {
    const messages: Buffer[] = [];
    let at = 0;
    this.#wanted = prefixLengthBytes;
    while (all.length - at >= prefixLengthBytes) {
      const length = lengthOfMessage(all, at);
      const end = at + prefixLengthBytes + length;
      if (end > all.length) {
        this.#wanted = prefixLengthBytes + length;
        break;
      }
      messages.push(all.subarray(at + prefixLengthBytes, end));
      at = end;
    }
    const rest = at === all.length ? nothing : all.subarray(at);
    this.#pieces = rest.length === 0 ? [] : [rest];
    this.#piecesLength = rest.length;
    return messages;
  }
}

function lengthOfMessage(bytes: Buffer, at: number): number {
  if (bytes[at] !== 0) throw new Error('the answer is compressed, which was not asked for');
  const length = bytes.readUInt32BE(at + 1);
  if (length > messageLengthMaxBytes) throw new Error(`the answer has a message of ${length} bytes`);
  return length;
}
