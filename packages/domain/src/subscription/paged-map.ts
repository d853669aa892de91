/**
 * A persistent map from text to values, in small pages below branches of 16: setting an entry copies one page and the
 * branches above it, not the rest, so that a subscription with 50 000 seats folds like a small one. Never changed in place.
 * It can be taken apart into parts and made of parts again, which are then read when they are first asked for
 * ({@link pagedParts}).
 *
 * @module
 */

type Entry<V> = { readonly key: string; readonly hash: number; readonly value: V };
/** One shape for all three, so that V8 knows it: a page has entries, a branch children, and what is yet to be read `read`. */
type Node<V> = {
  readonly entries: readonly Entry<V>[] | null;
  readonly children: readonly (Node<V> | undefined)[] | null;
  readonly read: (() => Node<V>) | null;
};

/** See the module's description. */
export type PagedMap<V> = { readonly size: number; readonly root: Node<V> };

/** Some of the entries of a map, always the same ones for the same keys. */
export type MapPart<V> = {
  /** Identity: two maps that share it have the same entries in this part. */
  readonly identity: object;
  readonly entries: () => readonly (readonly [key: string, value: V])[];
};

/** A page that holds more becomes a branch. */
const pageSizeMax = 16;
const branchBits = 4;
const branchSize = 1 << branchBits;
/** The hash has 32 bits: below that depth a page may be of any size. */
const depthMax = 8;
const noEntries: readonly never[] = [];

/** A map without entries. */
export function emptyPagedMap<V>(): PagedMap<V> {
  return { size: 0, root: pageOf<V>(noEntries) };
}

/** The value of a key, `undefined` when it is not there. */
export function pagedGet<V>({ root }: PagedMap<V>, key: string): V | undefined {
  return find(root, key, hashOf(key))?.value;
}

/** The map with the key set. */
export function pagedSet<V>(map: PagedMap<V>, key: string, value: V): PagedMap<V> {
  const hash = hashOf(key);
  const grown = find(map.root, key, hash) === undefined ? 1 : 0;
  return { size: map.size + grown, root: withEntry(map.root, { key, hash, value }, 0) };
}

/** The map with the key set, or the same map when the key is there already. */
export function pagedAdd<V>(map: PagedMap<V>, key: string, value: V): PagedMap<V> {
  const hash = hashOf(key);
  if (find(map.root, key, hash) !== undefined) return map;
  return { size: map.size + 1, root: withEntry(map.root, { key, hash, value }, 0) };
}

/** The map without the key. */
export function pagedDelete<V>(map: PagedMap<V>, key: string): PagedMap<V> {
  const hash = hashOf(key);
  if (find(map.root, key, hash) === undefined) return map;
  return { size: map.size - 1, root: withoutKey(map.root, key, hash, 0) };
}

/** All entries; the order says nothing. */
export function* pagedEntries<V>({ root }: PagedMap<V>): Generator<readonly [key: string, value: V]> {
  for (const { key, value } of entriesBelow(root)) yield [key, value];
}

/**
 * The map in parts: one, or a power of 16 for a map that is large. A changed entry changes the identity of the one part
 * that holds it, as long as their number stays the same.
 */
export function pagedParts<V>({ root }: PagedMap<V>, levels: 0 | 1 | 2): readonly MapPart<V>[] {
  return nodesAt(root, levels, 0).map((node) => ({
    identity: node,
    entries: () => entriesBelow(node).map(({ key, value }) => [key, value] as const),
  }));
}

/** A map of parts that {@link pagedParts} made with the same `levels`; each is read when it is first needed. */
export function pagedFromParts<V>(
  { size, levels }: { readonly size: number; readonly levels: 0 | 1 | 2 },
  readPart: (index: number) => readonly (readonly [key: string, value: V])[],
): PagedMap<V> {
  let index = 0;
  const make = (depth: number): Node<V> => {
    if (depth === levels) return deferred(readPart, index++, depth);
    return branchNode(Array.from({ length: branchSize }, () => make(depth + 1)));
  };
  return { size, root: make(0) };
}

function deferred<V>(
  readPart: (index: number) => readonly (readonly [key: string, value: V])[],
  index: number,
  depth: number,
): Node<V> {
  let known: Node<V> | undefined;
  const read = (): Node<V> => {
    known ??= nodeOf(
      readPart(index).map(([key, value]) => ({ key, hash: hashOf(key), value })),
      depth,
    );
    return known;
  };
  return { entries: null, children: null, read };
}

function nodesAt<V>(node: Node<V>, levels: number, depth: number): readonly Node<V>[] {
  if (depth === levels) return [node];
  // What is yet to be read keeps its identity only at the depth that it was made for.
  const { children, entries } = opened(node);
  const below =
    children ??
    branchOf(entries ?? noEntries, depth).children ??
    Array.from<Node<V> | undefined>({ length: branchSize });
  return below.flatMap((child) => nodesAt(child ?? emptyPage, levels, depth + 1));
}

function opened<V>(node: Node<V>): Node<V> {
  return node.read === null ? node : node.read();
}

function pageOf<V>(entries: readonly Entry<V>[]): Node<V> {
  return { entries, children: null, read: null };
}

function branchNode<V>(children: readonly (Node<V> | undefined)[]): Node<V> {
  return { entries: null, children, read: null };
}

const emptyPage: Node<never> = pageOf<never>(noEntries);

function find<V>(root: Node<V>, key: string, hash: number): Entry<V> | undefined {
  let node = opened(root);
  for (let depth = 0; node.children !== null; depth += 1) {
    const child: Node<V> | undefined = node.children[slot(hash, depth)];
    if (child === undefined) return undefined;
    node = opened(child);
  }
  const { entries } = node;
  const index = entries === null ? -1 : indexOf(entries, key, hash);
  return index < 0 ? undefined : entries?.[index];
}

function indexOf<V>(entries: readonly Entry<V>[], key: string, hash: number): number {
  for (let index = 0; index < entries.length; index += 1) {
    const entry = entries[index];
    // Texts are compared only where their hashes are equal.
    if (entry?.hash === hash && entry.key === key) return index;
  }
  return -1;
}

function withEntry<V>(node: Node<V>, entry: Entry<V>, depth: number): Node<V> {
  const { children, entries } = opened(node);
  if (children !== null) {
    const index = slot(entry.hash, depth);
    const child = children[index];
    const copy = children.slice();
    copy[index] = child === undefined ? pageOf([entry]) : withEntry(child, entry, depth + 1);
    return branchNode(copy);
  }
  if (entries === null) return pageOf([entry]);
  const index = indexOf(entries, entry.key, entry.hash);
  return index >= 0 ? pageOf(entries.with(index, entry)) : nodeOf([...entries, entry], depth);
}

function withoutKey<V>(node: Node<V>, key: string, hash: number, depth: number): Node<V> {
  const { children, entries } = opened(node);
  if (children === null) return pageOf((entries ?? noEntries).filter((entry) => entry.key !== key));
  const index = slot(hash, depth);
  const child = children[index];
  return child === undefined ? node : branchNode(children.with(index, withoutKey(child, key, hash, depth + 1)));
}

function nodeOf<V>(entries: readonly Entry<V>[], depth: number): Node<V> {
  return entries.length > pageSizeMax && depth < depthMax ? branchOf(entries, depth) : pageOf(entries);
}

function branchOf<V>(entries: readonly Entry<V>[], depth: number): Node<V> {
  const pages = Array.from<Entry<V>[] | undefined>({ length: branchSize });
  for (const entry of entries) (pages[slot(entry.hash, depth)] ??= []).push(entry);
  return branchNode(pages.map((page) => (page === undefined ? undefined : nodeOf(page, depth + 1))));
}

function entriesBelow<V>(node: Node<V>): readonly Entry<V>[] {
  const { children, entries } = opened(node);
  if (children === null) return entries ?? noEntries;
  return children.flatMap((child) => (child === undefined ? noEntries : entriesBelow(child)));
}

function slot(hash: number, depth: number): number {
  return (hash >>> (depth * branchBits)) & (branchSize - 1);
}

/** FNV-1a over UTF-16 units, its high bits mixed into the low ones. */
function hashOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < key.length; index += 1) hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193);
  return hash ^ (hash >>> 15);
}
