/**
 * The Merkle tree of RFC 9162 (section 2.1) over a list of leaves: a leaf is hashed behind a byte 0, two subtrees behind
 * a byte 1, so that neither can pass for the other.
 *
 * @module
 */
import { createHash } from 'node:crypto';

/** Which side of a node a sibling stands on, and its hash (hex SHA-256). */
export type ProofStep = { readonly side: 'left' | 'right'; readonly hash: string };

/** Hex SHA-256 of a leaf. */
export function leafHash(content: string): string {
  return createHash('sha256').update(leafPrefix).update(content).digest('hex');
}

/** Hex SHA-256 of a node over two subtrees. */
export function nodeHash(left: string, right: string): string {
  return createHash('sha256').update(nodePrefix).update(left, 'hex').update(right, 'hex').digest('hex');
}

/** Root over the hashes of leaves, in their order; of no leaves, the hash of nothing. */
export function merkleRoot(leaves: readonly string[]): string {
  let level = leaves;
  if (level.length === 0) return createHash('sha256').digest('hex');
  while (level.length > 1) level = levelAbove(level);
  return level[0] ?? '';
}

/**
 * The siblings from a leaf up to the root.
 * @throws RangeError when there is no leaf at `index`
 */
export function inclusionProof(leaves: readonly string[], index: number): readonly ProofStep[] {
  if (!Number.isInteger(index) || index < 0 || index >= leaves.length) {
    throw new RangeError(`there is no leaf ${index} among ${leaves.length}`);
  }
  const steps: ProofStep[] = [];
  let place = index;
  for (let level = leaves; level.length > 1; level = levelAbove(level), place >>= 1) {
    const sibling = level[place ^ 1];
    // The last of an odd number has no sibling: it goes up as it is.
    if (sibling !== undefined) steps.push({ side: place % 2 === 0 ? 'right' : 'left', hash: sibling });
  }
  return steps;
}

/** The root that follows from a leaf's hash and its proof. */
export function rootFromProof(leaf: string, steps: readonly ProofStep[]): string {
  return steps.reduce(
    (hash, step) => (step.side === 'left' ? nodeHash(step.hash, hash) : nodeHash(hash, step.hash)),
    leaf,
  );
}

const leafPrefix = Buffer.from([0]);
const nodePrefix = Buffer.from([1]);

/** Pairs from the left, an odd one over: the same tree as RFC 9162 splits at the largest power of two. */
function levelAbove(level: readonly string[]): readonly string[] {
  const above: string[] = [];
  for (let index = 0; index < level.length; index += 2) {
    const [left = '', right] = [level[index], level[index + 1]];
    above.push(right === undefined ? left : nodeHash(left, right));
  }
  return above;
}
