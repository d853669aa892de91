/**
 * The entries of a page of {@link PagedMap}, as a list that only grows at its front: one entry more costs that entry alone,
 * which is what history mostly does. Never changed in place.
 *
 * @module
 */

/** An entry with those that were there before it; `null` is the empty page. */
export type Page<V> = {
  readonly key: string;
  readonly hash: number;
  readonly value: V;
  /** With this one. */
  readonly length: number;
  /** A bit for each of 32 groups of hashes: which of them there are, from here on. A key that is new is mostly seen by it. */
  readonly groups: number;
  readonly rest: Page<V>;
} | null;

/** A key with its hash. */
export type HashedKey = { readonly key: string; readonly hash: number };

/** An entry, first by itself. */
export function pageEntry<V>({ key, hash }: HashedKey, value: V): NonNullable<Page<V>> {
  return { key, hash, value, length: 1, groups: groupOf(hash), rest: null };
}

/** The page with an entry that nobody has seen yet, and whose key is not in it. */
export function pageWith<V>(page: Page<V>, entry: NonNullable<Page<V>>): NonNullable<Page<V>> {
  if (page === null) return entry;
  const fresh: { -readonly [K in keyof typeof entry]: (typeof entry)[K] } = entry;
  fresh.length = page.length + 1;
  fresh.groups |= page.groups;
  fresh.rest = page;
  return fresh;
}

/** How many entries there are. */
export function pageLength(page: Page<unknown>): number {
  return page === null ? 0 : page.length;
}

/** From the entry of the key on; `null` when it has none. */
export function pageFrom<V>(page: Page<V>, key: string, hash: number): Page<V> {
  const group = groupOf(hash);
  let entry = page;
  while (entry !== null && (entry.groups & group) !== 0) {
    // Texts are compared only where their hashes are equal.
    if (entry.hash === hash && entry.key === key) return entry;
    entry = entry.rest;
  }
  return null;
}

/** By the highest bits, which do not choose the page. */
function groupOf(hash: number): number {
  return 1 << (hash >>> 27);
}

/** The page with another value in the place of the one that the key has. */
export function pageReplaced<V>(page: Page<V>, key: HashedKey, value: V): Page<V> {
  const old = pageFrom(page, key.key, key.hash);
  return old === null ? page : onto(pageWith(old.rest, pageEntry(key, value)), page, old);
}

/** The page without the key. */
export function pageWithout<V>(page: Page<V>, key: HashedKey): Page<V> {
  const old = pageFrom(page, key.key, key.hash);
  return old === null ? page : onto(old.rest, page, old);
}

/** What stands in a page before one of its entries, put before others. */
function onto<V>(rest: Page<V>, page: Page<V>, end: NonNullable<Page<V>>): Page<V> {
  const before: NonNullable<Page<V>>[] = [];
  for (let entry = page; entry !== null && entry !== end; entry = entry.rest) before.push(entry);
  return before.reduceRight((made, entry) => pageWith(made, pageEntry(entry, entry.value)), rest);
}

/** All entries. */
export function pageEntries<V>(page: Page<V>): NonNullable<Page<V>>[] {
  const entries: NonNullable<Page<V>>[] = [];
  for (let entry = page; entry !== null; entry = entry.rest) entries.push(entry);
  return entries;
}
