/**
 * Hashes of the keys of maps. V8 knows the hash of a text but does not tell it, so that it is computed here: with ten texts
 * to look at, that is a good part of folding an event.
 *
 * @module
 */

/** Of an empty text. */
const hashStart = 0x811c9dc5 | 0;

/** Whoever looks for a key mostly sets it next. */
const last = { key: '', hash: mixed(hashStart) };

/** The hash of a key, of 32 bits. */
export function hashOf(key: string): number {
  if (key !== last.key) {
    last.hash = mixed(fnv1a(hashStart, key));
    last.key = key;
  }
  return last.hash;
}

/** The beginning of the last key that was joined, and the hash so far. */
const lastPrefix = { prefix: '', hash: hashStart };

/**
 * A key in two parts, of which the first is mostly that of the key before, hashed as it is made: V8 leaves a joined text
 * unjoined until it is read, and reading it costs more than all the rest of finding it.
 */
export function joinedKey(prefix: string, rest: string): string {
  if (prefix !== lastPrefix.prefix) {
    lastPrefix.hash = fnv1a(hashStart, prefix);
    lastPrefix.prefix = prefix;
  }
  last.hash = mixed(fnv1a(lastPrefix.hash, rest));
  last.key = prefix + rest;
  return last.key;
}

/** Over UTF-16 units, on from the hash of what stands before. */
function fnv1a(before: number, text: string): number {
  let hash = before;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash;
}

/** The high bits into the low ones, which are looked at first. */
function mixed(hash: number): number {
  return hash ^ (hash >>> 15);
}
