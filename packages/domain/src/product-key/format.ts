/**
 * How a product key is written: 25 characters in five groups, from an alphabet in which nothing looks like anything else.
 * Two of them are a check, so that a typing error is told apart from an unknown key without looking anything up
 * (`domain.md 2.1`).
 *
 * The alphabet has 23 characters, a prime number: characters are numbers modulo 23, and a key is valid when
 * `x0 + x1 + … + x22 + 2·x23 = 0` and `1·x1 + 2·x2 + … + 22·x22 + x24 = 0`. Every single wrong character and every
 * exchange of two characters, adjacent or not, breaks one of the two; two wrong characters go unnoticed only in the first
 * and the last but one place, and there in one of 22 cases. The payload keeps 104 random bits.
 *
 * @module
 */

/** Without 0 O Q, 1 I L, 2 Z, 5 S, 8 B and U (a V in handwriting): what is left is read in one way only. */
export const keyAlphabet = '34679ACDEFGHJKMNPRTVWXY';

/** Characters of a key without its dashes. */
export const keyLength = 25;

/** Characters that are chosen freely; the rest is the check. */
export const keyPayloadLength = 23;

const groupLength = 5;

/** A key as read: `key` is its one spelling, grouped and in capitals. */
export type KeyReading =
  | { readonly kind: 'key'; readonly key: string; readonly last5: string }
  | { readonly kind: 'malformed' };

/**
 * Reads what somebody typed: case, spaces and every kind of dash are ignored (`domain.md 2.1`). A key whose check does not
 * fit is malformed, whether or not it was ever issued.
 *
 * @example readKey('34679-acdef–ghjkm nprtv wxy34') // { kind: 'malformed' }: the check does not fit
 */
export function readKey(typed: string): KeyReading {
  // Longer than any way of writing 25 characters with separators: not worth looking at.
  if (typed.length > typedLengthMax) return { kind: 'malformed' };
  const characters = plain(typed);
  if (characters.length !== keyLength) return { kind: 'malformed' };
  const values = Array.from(characters, (character) => keyAlphabet.indexOf(character));
  if (values.includes(-1) || !isChecked(values)) return { kind: 'malformed' };
  return { kind: 'key', key: grouped(characters), last5: characters.slice(-groupLength) };
}

/** Makes the key of a payload: numbers from 0 to 22, as many as {@link keyPayloadLength}, chosen by the caller. */
export function writeKey(payload: readonly number[]): string {
  if (payload.length !== keyPayloadLength || payload.some((value) => !isDigit(value))) {
    throw new RangeError(`a key is made of ${keyPayloadLength} numbers from 0 to ${base - 1}`);
  }
  const values = [...payload, modulo(-sum(payload) * half), modulo(-weightedSum(payload))];
  return grouped(values.map((value) => keyAlphabet.charAt(value)).join(''));
}

/** Reads the last five characters of a key, by which people name one that they may not see. */
export function readLast5(typed: string): string | undefined {
  const characters = plain(typed.slice(0, typedLengthMax));
  const isLast5 =
    characters.length === groupLength && Array.from(characters).every((character) => keyAlphabet.includes(character));
  return isLast5 ? characters : undefined;
}

const base = keyAlphabet.length;
/** Twice this is 1 modulo 23: it divides by two. */
const half = (base + 1) / 2;
const typedLengthMax = 128;
/** Spaces, control and format characters that copying brings along, and all dashes; also the minus sign and the hyphens of East Asian fonts. */
const separators = /[\s\p{Dash_Punctuation}\p{Cf}\p{Cc}_\u2212\u2043\u02d7\u30fc]/gu;

/** Compatibility forms, such as the full-width letters of East Asian keyboards, become plain ones. */
function plain(typed: string): string {
  return typed.normalize('NFKC').replaceAll(separators, '').toUpperCase();
}

function isChecked(values: readonly number[]): boolean {
  const payload = values.slice(0, keyPayloadLength);
  const [first = 0, second = 0] = values.slice(keyPayloadLength);
  return modulo(sum(payload) + 2 * first) === 0 && modulo(weightedSum(payload) + second) === 0;
}

function isDigit(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value < base;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** Each place has a weight of its own modulo 23, so that an exchange changes the sum. */
function weightedSum(values: readonly number[]): number {
  return values.reduce((total, value, index) => total + value * index, 0);
}

function modulo(value: number): number {
  return ((value % base) + base) % base;
}

function grouped(characters: string): string {
  return (characters.match(/.{5}/g) ?? []).join('-');
}
