/**
 * A persistent list that only grows at its end: appending costs one object, whatever the length. Never changed in place;
 * read as a whole, which few decisions need.
 *
 * @module
 */

/** See the module's description; `null` is the empty one. */
export type Chain<T> = { readonly length: number; readonly item: T; readonly previous: Chain<T> } | null;

/** The list with one item more. */
export function chainAppend<T>(chain: Chain<T>, item: T): Chain<T> {
  return { length: chainLength(chain) + 1, item, previous: chain };
}

/** How many items there are. */
export function chainLength<T>(chain: Chain<T>): number {
  return chain === null ? 0 : chain.length;
}

/** All items, the oldest first. */
export function chainItems<T>(chain: Chain<T>): T[] {
  const items: T[] = [];
  for (let rest = chain; rest !== null; rest = rest.previous) items.push(rest.item);
  return items.reverse();
}

/** A list of these items. */
export function chainOf<T>(items: readonly T[]): Chain<T> {
  return items.reduce<Chain<T>>(chainAppend, null);
}
