/**
 * Hashes of the keys of maps. V8 knows the hash of a text but does not tell it, so that one is computed here: looking at
 * every character would be a good part of what folding an event costs.
 *
 * @module
 */

/** Ids differ at their end, as a rule. Those that do not are told apart by {@link wholeHashOf}. */
const tailLength = 8;

/** Of an empty text. */
const hashStart = 0x811c9dc5 | 0;

/** Whoever looks for a key mostly sets it next. */
const last = { key: '', hash: mixed(hashStart) };

/** A hash of 32 bits of the end of a key. */
export function hashOf(key: string): number {
  if (key !== last.key) {
    last.hash = mixed(fnv1a(key, Math.max(0, key.length - tailLength)));
    last.key = key;
  }
  return last.hash;
}

/**
 * A key in two parts, hashed as it is made: V8 leaves a joined text unjoined until it is read, and reading it costs more than
 * all the rest of finding it.
 */
export function joinedKey(prefix: string, rest: string): string {
  const key = prefix + rest;
  if (rest.length < tailLength) return key;
  last.hash = mixed(fnv1a(rest, rest.length - tailLength));
  last.key = key;
  return key;
}

/** Keys that end alike are looked for one after the other. */
const lastWhole = { key: '', hash: mixed(hashStart) };

/** A hash of 32 bits of the whole key. */
export function wholeHashOf(key: string): number {
  if (key !== lastWhole.key) {
    lastWhole.hash = mixed(fnv1a(key, 0));
    lastWhole.key = key;
  }
  return lastWhole.hash;
}

/** Over UTF-16 units. */
function fnv1a(text: string, from: number): number {
  let hash = hashStart;
  for (let index = from; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash;
}

/** The high bits into the low ones, which are looked at first. */
function mixed(hash: number): number {
  return hash ^ (hash >>> 15);
}
