import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { inclusionProof, leafHash, merkleRoot, nodeHash, rootFromProof } from './merkle.ts';

const test = suite('Merkle trees');

const leaves = fc.array(fc.string(), { minLength: 1, maxLength: 40 }).map((contents) => contents.map(leafHash));

/** RFC 9162, 2.1.1, as it is written there: split at the largest power of two below the size. */
function rootByTheRfc(hashes: readonly string[]): string {
  if (hashes.length === 0) return createHash('sha256').digest('hex');
  if (hashes.length === 1) return hashes[0] ?? '';
  const split = 2 ** Math.floor(Math.log2(hashes.length - 1));
  return nodeHash(rootByTheRfc(hashes.slice(0, split)), rootByTheRfc(hashes.slice(split)));
}

test('a tree has the root that RFC 9162 gives it', () => {
  fc.assert(fc.property(leaves, (hashes) => merkleRoot(hashes) === rootByTheRfc(hashes)));
  assert.is(merkleRoot([]), 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  // Of one empty leaf: SHA-256 of a single byte 0.
  assert.is(merkleRoot([leafHash('')]), '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d');
});

test('every leaf has a proof that leads to the root, and no longer than the tree is high', () => {
  fc.assert(
    fc.property(leaves, fc.nat(), (hashes, at) => {
      const index = at % hashes.length;
      const steps = inclusionProof(hashes, index);
      assert.is(rootFromProof(hashes[index] ?? '', steps), merkleRoot(hashes));
      assert.ok(steps.length <= Math.ceil(Math.log2(hashes.length)));
    }),
  );
});

test('a proof leads to another root from any other leaf', () => {
  fc.assert(
    fc.property(leaves, fc.nat(), fc.string(), (hashes, at, other) => {
      const index = at % hashes.length;
      fc.pre(leafHash(other) !== hashes[index]);
      assert.is.not(rootFromProof(leafHash(other), inclusionProof(hashes, index)), merkleRoot(hashes));
    }),
  );
});

test('a node never passes for a leaf', () => {
  const [left, right] = [leafHash('a'), leafHash('b')];
  assert.is.not(leafHash(left + right), nodeHash(left, right));
  assert.is.not(leafHash(Buffer.from(left + right, 'hex').toString('latin1')), nodeHash(left, right));
});

test('there is no proof of what is not there', () => {
  assert.throws(() => inclusionProof([leafHash('a')], 1), /there is no leaf 1 among 1/);
  assert.throws(() => inclusionProof([], 0), RangeError);
  assert.throws(() => inclusionProof([leafHash('a')], -1), RangeError);
});

test.run();
