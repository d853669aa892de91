/**
 * A persistent map from text to values, in small pages below branches of 32: setting an entry copies one page and the
 * branches above it, not the rest, so that a subscription with 50 000 seats folds like a small one. Plain data
 * (structured-cloneable), never changed in place.
 *
 * @module
 */

type Entry<V> = readonly [key: string, value: V];
type Page<V> = { readonly entries: readonly Entry<V>[] };
type Branch<V> = { readonly children: readonly (Node<V> | undefined)[] };
type Node<V> = Page<V> | Branch<V>;

/** See the module's description. */
export type PagedMap<V> = { readonly size: number; readonly root: Node<V> };

/** A page that holds more becomes a branch. */
const pageSizeMax = 32;
const branchBits = 5;
const branchSize = 1 << branchBits;
/** The hash has 32 bits: below that depth a page may be of any size. */
const depthMax = 6;

/** A map without entries. */
export function emptyPagedMap<V>(): PagedMap<V> {
  return { size: 0, root: { entries: [] } };
}

/** The value of a key, `undefined` when it is not there. */
export function pagedGet<V>({ root }: PagedMap<V>, key: string): V | undefined {
  if ('entries' in root) return entryOf(root, key)?.[1];
  const hash = hashOf(key);
  let node: Node<V> | undefined = root;
  for (let depth = 0; node !== undefined && 'children' in node; depth += 1) node = node.children[slot(hash, depth)];
  return node === undefined ? undefined : entryOf(node, key)?.[1];
}

/** The map with the key set. */
export function pagedSet<V>(map: PagedMap<V>, key: string, value: V): PagedMap<V> {
  const grown = pagedGet(map, key) === undefined ? 1 : 0;
  return { size: map.size + grown, root: withEntry(map.root, [key, value], 0) };
}

/** The map without the key. */
export function pagedDelete<V>(map: PagedMap<V>, key: string): PagedMap<V> {
  return pagedGet(map, key) === undefined ? map : { size: map.size - 1, root: withoutKey(map.root, key, 0) };
}

/** All entries; the order says nothing. */
export function pagedEntries<V>({ root }: PagedMap<V>): Generator<Entry<V>> {
  return entriesOf(root);
}

function entryOf<V>({ entries }: Page<V>, key: string): Entry<V> | undefined {
  return entries.find((entry) => entry[0] === key);
}

function withEntry<V>(node: Node<V>, entry: Entry<V>, depth: number): Node<V> {
  if ('children' in node) return withChild(node, entry[0], depth, (child) => withEntry(child, entry, depth + 1));
  const index = node.entries.findIndex(([key]) => key === entry[0]);
  if (index >= 0) return { entries: node.entries.with(index, entry) };
  const entries = [...node.entries, entry];
  return entries.length > pageSizeMax && depth < depthMax ? branchOf(entries, depth) : { entries };
}

function withoutKey<V>(node: Node<V>, key: string, depth: number): Node<V> {
  if ('children' in node) return withChild(node, key, depth, (child) => withoutKey(child, key, depth + 1));
  return { entries: node.entries.filter((entry) => entry[0] !== key) };
}

function withChild<V>(branch: Branch<V>, key: string, depth: number, change: (child: Node<V>) => Node<V>): Branch<V> {
  const index = slot(hashOf(key), depth);
  return { children: branch.children.with(index, change(branch.children[index] ?? { entries: [] })) };
}

function branchOf<V>(entries: readonly Entry<V>[], depth: number): Branch<V> {
  const children = Array.from<Entry<V>[] | undefined>({ length: branchSize });
  for (const entry of entries) (children[slot(hashOf(entry[0]), depth)] ??= []).push(entry);
  return { children: children.map((page) => (page === undefined ? undefined : { entries: page })) };
}

function* entriesOf<V>(node: Node<V> | undefined): Generator<Entry<V>> {
  if (node === undefined) return;
  if ('entries' in node) yield* node.entries;
  else for (const child of node.children) yield* entriesOf(child);
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
