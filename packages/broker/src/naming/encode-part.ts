import { BrokerError } from '../errors/broker-error.ts';

const plain = /^[A-Za-z0-9_-]+$/;

/** Writes any text as one token of a subject or key: every UTF-8 byte outside `[A-Za-z0-9_-]` becomes `=XX`. */
export function encodePart(text: string): string {
  if (text === '') throw new BrokerError('SUBJECT_INVALID', 'A part of a subject may not be empty.');
  if (plain.test(text)) return text;
  return Array.from(Buffer.from(text, 'utf8'), (byte) => {
    const character = String.fromCharCode(byte);
    return plain.test(character) ? character : `=${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }).join('');
}

/** The text that `encodePart` wrote; `undefined` when the token was not written by it. */
export function decodePart(token: string): string | undefined {
  if (!/^(?:[A-Za-z0-9_-]|=[0-9A-F]{2})+$/.test(token)) return undefined;
  const bytes = Array.from(token.matchAll(/=(..)|(.)/g), ([, hex, character]) =>
    hex === undefined ? (character ?? '').charCodeAt(0) : Number.parseInt(hex, 16),
  );
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Uint8Array.from(bytes));
    return encodePart(text) === token ? text : undefined;
  } catch {
    // Bytes that are no UTF-8 were never a text of ours.
    return undefined;
  }
}
