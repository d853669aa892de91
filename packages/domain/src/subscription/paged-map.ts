/**
 * A persistent map from text to values, in small pages below branches of 16: one entry more copies the
 * branches above its page, not the rest, so that a subscription with 50 000 seats folds like a small one. Never changed in place
 * once it is handed out ({@link NodeOwner}).
 * It can be taken apart into parts and made of parts again, which are then read when they are first asked for
 * ({@link pagedParts}).
 *
 * @module
 */
import { hashOf, wholeHashOf } from './key-hash.ts';
import {
  pageEntries,
  pageEntry,
  pageFrom,
  pageLength,
  pageReplaced,
  pageWith,
  pageWithout,
  type HashedKey,
  type Page,
} from './page.ts';

/** One shape for all three, so that V8 knows it: a page has entries, a branch children, and what is yet to be read `read`. */
type Node<V> = {
  readonly entries: Page<V>;
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

/** An entry that nobody has seen yet. */
type Fresh<V> = NonNullable<Page<V>>;

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
const noPages: readonly null[] = Array.from({ length: branchSize }, () => null);
/** Down to that depth keys are told apart by their ends. */
const depthOfEnds = 6;
/** Then by the 32 bits of a hash of the whole: below that depth a page may be of any size. */
const depthMax = depthOfEnds + 8;

/** A map without entries. */
export function emptyPagedMap<V>(): PagedMap<V> {
  return { size: 0, root: emptyPage, owner: null };
}

/** The value of a key, `undefined` when it is not there. */
export function pagedGet<V>({ root }: PagedMap<V>, key: string): V | undefined {
  return find(root, key, hashOf(key))?.value;
}

/** The map with the key set. */
export function pagedSet<V>(map: PagedMap<V>, key: string, value: V, owner: NodeOwner | null = null): PagedMap<V> {
  const hash = hashOf(key);
  if (find(map.root, key, hash) === null) return grown(map, pageEntry({ key, hash }, value), owner);
  const turn = (page: Page<V>): Page<V> => pageReplaced(page, { key, hash }, value);
  return changed(map, map.size, turned(map.root, { key, hash, turn, owner }, 0), owner);
}

/** The map with a key that is known not to be there. */
export function pagedInsert<V>(map: PagedMap<V>, key: string, value: V, owner: NodeOwner | null = null): PagedMap<V> {
  return grown(map, pageEntry({ key, hash: hashOf(key) }, value), owner);
}

/** The map with the key set, or the same map when the key is there already. */
export function pagedAdd<V>(map: PagedMap<V>, key: string, value: V, owner: NodeOwner | null = null): PagedMap<V> {
  const hash = hashOf(key);
  return find(map.root, key, hash) === null ? grown(map, pageEntry({ key, hash }, value), owner) : map;
}

/** The map without the key. */
export function pagedDelete<V>(map: PagedMap<V>, key: string, owner: NodeOwner | null = null): PagedMap<V> {
  const hash = hashOf(key);
  if (find(map.root, key, hash) === null) return map;
  const turn = (page: Page<V>): Page<V> => pageWithout(page, { key, hash });
  return changed(map, map.size - 1, turned(map.root, { key, hash, turn, owner }, 0), owner);
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
    known ??= nodeOf(pageOfPairs(readPart(index)), depth, null);
    return known;
  };
  return { entries: null, children: null, read, owner: null };
}

function pageOfPairs<V>(pairs: readonly (readonly [key: string, value: V])[]): Page<V> {
  let page: Page<V> = null;
  for (const [key, value] of pairs) page = pageWith(page, pageEntry({ key, hash: hashOf(key) }, value));
  return page;
}

function nodesAt<V>(node: Node<V>, levels: number, depth: number): readonly Node<V>[] {
  if (depth === levels) return [node];
  // What is yet to be read keeps its identity only at the depth that it was made for.
  const { children, entries } = opened(node);
  const below = children ?? branchesOf(entries, depth, null);
  return below.flatMap((child) => nodesAt(child ?? emptyPage, levels, depth + 1));
}

function opened<V>(node: Node<V>): Node<V> {
  return node.read === null ? node : node.read();
}

function pageNode<V>(entries: Page<V>, owner: NodeOwner | null): Node<V> {
  return { entries, children: null, read: null, owner };
}

function branchNode<V>(children: (Node<V> | undefined)[], owner: NodeOwner | null): Node<V> {
  return { entries: null, children, read: null, owner };
}

function isOwn<V>(node: Node<V>, owner: NodeOwner | null): boolean {
  return owner !== null && node.owner === owner;
}

const emptyPage: Node<never> = pageNode<never>(null, null);

function find<V>(root: Node<V>, key: string, hash: number): Page<V> {
  let node = opened(root);
  for (let depth = 0; node.children !== null; depth += 1) {
    const child: Node<V> | undefined = node.children[slot(key, hash, depth)];
    if (child === undefined) return null;
    node = opened(child);
  }
  return pageFrom(node.entries, key, hash);
}

function grown<V>(map: PagedMap<V>, entry: Fresh<V>, owner: NodeOwner | null): PagedMap<V> {
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
function inserted<V>(given: Node<V>, entry: Fresh<V>, depth: number, owner: NodeOwner | null): Node<V> {
  const node = opened(given);
  const { children, entries } = node;
  if (children === null) return withEntries(node, pageWith(entries, entry), depth, owner);
  const index = slot(entry.key, entry.hash, depth);
  const child = children[index];
  const next = child === undefined ? pageNode(entry, owner) : inserted(child, entry, depth + 1, owner);
  return withChild(node, index, next, owner);
}

function withEntries<V>(node: Node<V>, entries: Page<V>, depth: number, owner: NodeOwner | null): Node<V> {
  if (!isOwn(node, owner) || pageLength(entries) > pageSizeMax) return nodeOf(entries, depth, owner);
  // Nobody but the owner has seen it.
  const own: { -readonly [K in keyof Node<V>]: Node<V>[K] } = node;
  own.entries = entries;
  return own;
}

/** With the page of a hash turned into another one. */
function turned<V>(
  given: Node<V>,
  about: HashedKey & { readonly turn: (page: Page<V>) => Page<V>; readonly owner: NodeOwner | null },
  depth: number,
): Node<V> {
  const node = opened(given);
  const { children, entries } = node;
  if (children === null) return pageNode(about.turn(entries), about.owner);
  const index = slot(about.key, about.hash, depth);
  const child = children[index];
  return child === undefined ? node : withChild(node, index, turned(child, about, depth + 1), about.owner);
}

function withChild<V>(node: Node<V>, index: number, child: Node<V>, owner: NodeOwner | null): Node<V> {
  const { children } = node;
  if (children === null || children[index] === child) return node;
  const next = isOwn(node, owner) ? children : children.slice();
  next[index] = child;
  return next === children ? node : branchNode(next, owner);
}

function nodeOf<V>(entries: Page<V>, depth: number, owner: NodeOwner | null): Node<V> {
  return pageLength(entries) > pageSizeMax && depth < depthMax
    ? branchNode(branchesOf(entries, depth, owner), owner)
    : pageNode(entries, owner);
}

function branchesOf<V>(entries: Page<V>, depth: number, owner: NodeOwner | null): (Node<V> | undefined)[] {
  const pages: Page<V>[] = noPages.slice();
  for (let entry = entries; entry !== null; entry = entry.rest) {
    const index = slot(entry.key, entry.hash, depth);
    pages[index] = pageWith(pages[index] ?? null, pageEntry(entry, entry.value));
  }
  return pages.map((page) => (page === null ? undefined : nodeOf(page, depth + 1, owner)));
}

function entriesBelow<V>(node: Node<V>): readonly NonNullable<Page<V>>[] {
  const { children, entries } = opened(node);
  if (children === null) return pageEntries(entries);
  return children.flatMap((child) => (child === undefined ? [] : entriesBelow(child)));
}

function slot(key: string, hash: number, depth: number): number {
  const bits =
    depth < depthOfEnds ? hash >>> (depth * branchBits) : wholeHashOf(key) >>> ((depth - depthOfEnds) * branchBits);
  return bits & (branchSize - 1);
}
