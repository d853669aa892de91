/**
 * A persistent map from text to values, in small pages below branches of 16: setting an entry copies one page and the
 * branches above it, not the rest, so that a subscription with 50 000 seats folds like a small one. Never changed in place
 * once it is handed out ({@link NodeOwner}).
 * It can be taken apart into parts and made of parts again, which are then read when they are first asked for
 * ({@link pagedParts}).
 *
 * @module
 */

type Entry<V> = { readonly key: string; readonly hash: number; readonly value: V };
/** One shape for all three, so that V8 knows it: a page has entries, a branch children, and what is yet to be read `read`. */
type Node<V> = {
  readonly entries: Entry<V>[] | null;
  readonly children: (Node<V> | undefined)[] | null;
  readonly read: (() => Node<V>) | null;
  readonly owner: NodeOwner | null;
};

/**
 * Whoever makes a map in many steps brings one, and changes in place the nodes that it made itself. Without it nothing can be
 * changed any more: it is to be forgotten before the map is handed out.
 */
export type NodeOwner = object;

/** See the module's description. */
export type PagedMap<V> = { readonly size: number; readonly root: Node<V>; readonly owner: NodeOwner | null };

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
/** A copy of it costs a fortieth of making such an array. */
const noPages: readonly undefined[] = Array.from({ length: branchSize });
/** Of an empty text. */
const hashStart = 0x811c9dc5 | 0;
/** The hash has 32 bits: below that depth a page may be of any size. */
const depthMax = 8;

/** A map without entries. */
export function emptyPagedMap<V>(): PagedMap<V> {
  return { size: 0, root: pageOf<V>([], null), owner: null };
}

/** The value of a key, `undefined` when it is not there. */
export function pagedGet<V>({ root }: PagedMap<V>, key: string): V | undefined {
  return find(root, key, hashOf(key))?.value;
}

/** The map with the key set. */
export function pagedSet<V>(map: PagedMap<V>, key: string, value: V, owner: NodeOwner | null = null): PagedMap<V> {
  const hash = hashOf(key);
  const entry = { key, hash, value };
  return find(map.root, key, hash) === undefined
    ? grown(map, entry, owner)
    : changed(map, map.size, replaced(map.root, entry, 0, owner), owner);
}

/** The map with a key that is known not to be there. */
export function pagedInsert<V>(map: PagedMap<V>, key: string, value: V, owner: NodeOwner | null = null): PagedMap<V> {
  return grown(map, { key, hash: hashOf(key), value }, owner);
}

/** The map with the key set, or the same map when the key is there already. */
export function pagedAdd<V>(map: PagedMap<V>, key: string, value: V, owner: NodeOwner | null = null): PagedMap<V> {
  const hash = hashOf(key);
  return find(map.root, key, hash) === undefined ? grown(map, { key, hash, value }, owner) : map;
}

/** The map without the key. */
export function pagedDelete<V>(map: PagedMap<V>, key: string, owner: NodeOwner | null = null): PagedMap<V> {
  const hash = hashOf(key);
  if (find(map.root, key, hash) === undefined) return map;
  return changed(map, map.size - 1, withoutKey(map.root, { key, hash }, 0, owner), owner);
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
    return branchNode(
      Array.from({ length: branchSize }, () => make(depth + 1)),
      null,
    );
  };
  return { size, root: make(0), owner: null };
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
      null,
    );
    return known;
  };
  return { entries: null, children: null, read, owner: null };
}

function nodesAt<V>(node: Node<V>, levels: number, depth: number): readonly Node<V>[] {
  if (depth === levels) return [node];
  // What is yet to be read keeps its identity only at the depth that it was made for.
  const { children, entries } = opened(node);
  const below =
    children ??
    branchOf(entries ?? [], depth, null).children ??
    Array.from<Node<V> | undefined>({ length: branchSize });
  return below.flatMap((child) => nodesAt(child ?? emptyPage, levels, depth + 1));
}

function opened<V>(node: Node<V>): Node<V> {
  return node.read === null ? node : node.read();
}

function pageOf<V>(entries: Entry<V>[], owner: NodeOwner | null): Node<V> {
  return { entries, children: null, read: null, owner };
}

function branchNode<V>(children: (Node<V> | undefined)[], owner: NodeOwner | null): Node<V> {
  return { entries: null, children, read: null, owner };
}

function isOwn<V>(node: Node<V>, owner: NodeOwner | null): boolean {
  return owner !== null && node.owner === owner;
}

const emptyPage: Node<never> = pageOf<never>([], null);

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

function grown<V>(map: PagedMap<V>, entry: Entry<V>, owner: NodeOwner | null): PagedMap<V> {
  return changed(map, map.size + 1, inserted(map.root, entry, 0, owner), owner);
}

function changed<V>(map: PagedMap<V>, size: number, root: Node<V>, owner: NodeOwner | null): PagedMap<V> {
  if (owner === null || map.owner !== owner) return { size, root, owner };
  // Nobody but the owner has seen it.
  const own: { -readonly [K in keyof PagedMap<V>]: PagedMap<V>[K] } = map;
  own.size = size;
  own.root = root;
  return own;
}

/** With an entry whose key is not there, so that nothing has to be looked for. */
function inserted<V>(given: Node<V>, entry: Entry<V>, depth: number, owner: NodeOwner | null): Node<V> {
  const node = opened(given);
  const { children, entries } = node;
  if (children !== null) {
    const index = slot(entry.hash, depth);
    const child = children[index];
    const next = child === undefined ? pageOf([entry], owner) : inserted(child, entry, depth + 1, owner);
    return withChild(node, index, next, owner);
  }
  if (entries === null) return pageOf([entry], owner);
  const next = isOwn(node, owner) ? entries : entries.slice();
  next.push(entry);
  return next === entries && next.length <= pageSizeMax ? node : nodeOf(next, depth, owner);
}

/** With an entry in the place of the one that has its key. */
function replaced<V>(given: Node<V>, entry: Entry<V>, depth: number, owner: NodeOwner | null): Node<V> {
  const node = opened(given);
  const { children, entries } = node;
  if (children === null) {
    const next = entries === null || isOwn(node, owner) ? (entries ?? []) : entries.slice();
    next[indexOf(next, entry.key, entry.hash)] = entry;
    return next === entries ? node : pageOf(next, owner);
  }
  const index = slot(entry.hash, depth);
  const child = children[index];
  return child === undefined ? node : withChild(node, index, replaced(child, entry, depth + 1, owner), owner);
}

function withoutKey<V>(
  given: Node<V>,
  { key, hash }: Pick<Entry<V>, 'key' | 'hash'>,
  depth: number,
  owner: NodeOwner | null,
): Node<V> {
  const node = opened(given);
  const { children, entries } = node;
  if (children === null) {
    return pageOf(
      (entries ?? []).filter((entry) => entry.key !== key),
      owner,
    );
  }
  const index = slot(hash, depth);
  const child = children[index];
  return child === undefined ? node : withChild(node, index, withoutKey(child, { key, hash }, depth + 1, owner), owner);
}

function withChild<V>(node: Node<V>, index: number, child: Node<V>, owner: NodeOwner | null): Node<V> {
  const { children } = node;
  if (children === null || children[index] === child) return node;
  const next = isOwn(node, owner) ? children : children.slice();
  next[index] = child;
  return next === children ? node : branchNode(next, owner);
}

function nodeOf<V>(entries: Entry<V>[], depth: number, owner: NodeOwner | null): Node<V> {
  return entries.length > pageSizeMax && depth < depthMax ? branchOf(entries, depth, owner) : pageOf(entries, owner);
}

function branchOf<V>(entries: readonly Entry<V>[], depth: number, owner: NodeOwner | null): Node<V> {
  const pages: (Entry<V>[] | undefined)[] = noPages.slice();
  for (const entry of entries) (pages[slot(entry.hash, depth)] ??= []).push(entry);
  return branchNode(
    pages.map((page) => (page === undefined ? undefined : nodeOf(page, depth + 1, owner))),
    owner,
  );
}

function entriesBelow<V>(node: Node<V>): readonly Entry<V>[] {
  const { children, entries } = opened(node);
  if (children === null) return entries ?? [];
  return children.flatMap((child) => (child === undefined ? [] : entriesBelow(child)));
}

function slot(hash: number, depth: number): number {
  return (hash >>> (depth * branchBits)) & (branchSize - 1);
}

/** Whoever looks for a key mostly sets it next. */
const last = { key: '', hash: mixed(hashStart) };

function hashOf(key: string): number {
  if (key !== last.key) {
    last.hash = mixed(fnv1a(hashStart, key));
    last.key = key;
  }
  return last.hash;
}

/** The beginning of the last key that was joined, and how far it is hashed. */
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

/** The high bits into the low ones, which choose the page. */
function mixed(hash: number): number {
  return hash ^ (hash >>> 15);
}
