/**
 * A persistent map from text to values, in pages: setting one entry copies one page, not the rest, so that a subscription
 * with 50 000 seats folds like a small one. Plain data (structured-cloneable), never changed in place.
 *
 * New entries gather in a short list first and are put into their pages together, which spares most of the copying.
 *
 * @module
 */

/** See the module's description. `undefined` in `recent` marks a removed key. */
export type PagedMap<V> = {
  readonly size: number;
  readonly recent: readonly (readonly [key: string, value: V | undefined])[];
  readonly pages: readonly ReadonlyMap<string, V>[];
};

const recentCountMax = 16;
/** Pages double when they hold more than this on average. */
const pageSizeMax = 32;

/** A map without entries. */
export function emptyPagedMap<V>(): PagedMap<V> {
  return { size: 0, recent: [], pages: [new Map()] };
}

/** The value of a key, `undefined` when it is not there. */
export function pagedGet<V>(map: PagedMap<V>, key: string): V | undefined {
  for (let index = map.recent.length - 1; index >= 0; index -= 1) {
    const entry = map.recent[index];
    if (entry && entry[0] === key) return entry[1];
  }
  return pageOf(map.pages, key).get(key);
}

/** The map with the key set. */
export function pagedSet<V>(map: PagedMap<V>, key: string, value: V): PagedMap<V> {
  const grown = pagedGet(map, key) === undefined ? 1 : 0;
  return withRecent(map, [key, value], map.size + grown);
}

/** The map without the key. */
export function pagedDelete<V>(map: PagedMap<V>, key: string): PagedMap<V> {
  return pagedGet(map, key) === undefined ? map : withRecent(map, [key, undefined], map.size - 1);
}

/** All entries; the order says nothing. */
export function* pagedEntries<V>(map: PagedMap<V>): Generator<readonly [string, V]> {
  const settled = map.recent.length === 0 ? map.pages : merged(map.pages, map.recent);
  for (const page of settled) yield* page;
}

function withRecent<V>(map: PagedMap<V>, entry: readonly [string, V | undefined], size: number): PagedMap<V> {
  if (map.recent.length < recentCountMax) return { size, recent: [...map.recent, entry], pages: map.pages };
  const pages = merged(map.pages, [...map.recent, entry]);
  return { size, recent: [], pages: size > pages.length * pageSizeMax ? spread(pages, pages.length * 4) : pages };
}

function merged<V>(
  pages: readonly ReadonlyMap<string, V>[],
  entries: readonly (readonly [string, V | undefined])[],
): readonly ReadonlyMap<string, V>[] {
  const next = [...pages];
  const copied = new Map<number, Map<string, V>>();
  for (const [key, value] of entries) {
    const index = indexOf(key, pages.length);
    let page = copied.get(index);
    if (!page) {
      page = new Map(pages[index]);
      copied.set(index, page);
      next[index] = page;
    }
    if (value === undefined) page.delete(key);
    else page.set(key, value);
  }
  return next;
}

function spread<V>(pages: readonly ReadonlyMap<string, V>[], count: number): readonly ReadonlyMap<string, V>[] {
  const next = Array.from({ length: count }, () => new Map<string, V>());
  for (const page of pages) for (const [key, value] of page) next[indexOf(key, count)]?.set(key, value);
  return next;
}

function pageOf<V>(pages: readonly ReadonlyMap<string, V>[], key: string): ReadonlyMap<string, V> {
  const page = pages[indexOf(key, pages.length)];
  if (!page) throw new RangeError('a paged map lost a page');
  return page;
}

/** FNV-1a over UTF-16 units; page counts are powers of two. */
function indexOf(key: string, count: number): number {
  if (count === 1) return 0;
  let hash = 0x811c9dc5;
  for (let index = 0; index < key.length; index += 1) hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193);
  return ((hash ^ (hash >>> 15)) >>> 0) & (count - 1);
}
