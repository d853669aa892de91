import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { paymentLinks } from '../models/payment-links.ts';
import { subscriptions } from '../models/subscriptions.ts';
import type { Projection } from '../projection/projection.ts';
import { MemoryLog } from '../testing/memory-log.ts';
import { sampleSubscription } from '../testing/sample-log.ts';
import { RowMemory } from './row-memory.ts';
import type { Row } from './row.ts';

const test = suite('rows in memory while a set is filled');
const roomy = { rowCountMax: 100, byteCountMax: 1_000_000 };

function row(stream: string, key: string, revision: number, body: object | null = { revision }): Row {
  return { stream, key, revision, position: BigInt(revision), body, parkedRevision: null, parkedError: null };
}

/** What would be written, by table: the revisions of rows that are added, replaced and removed. */
function written(memory: RowMemory): Record<string, number[][]> {
  const revisions = (rows: readonly Row[]): number[] => rows.map(({ revision }) => revision);
  const name = ({ table }: Projection): string => table.name;
  return Object.fromEntries(
    memory
      .takeChanged()
      .map(({ projection, added, replaced, removed }) => [name(projection), [added, replaced, removed].map(revisions)]),
  );
}

test('a row that changed often is written once, in its last state, and then replaced', () => {
  const memory = new RowMemory(roomy);
  memory.set(subscriptions, row('s-1', '', 0));
  memory.set(subscriptions, row('s-1', '', 1));
  memory.set(subscriptions, row('s-2', '', 7));
  assert.is(memory.changedCount, 2);
  assert.equal(written(memory), { subscriptions: [[1, 7], [], []] });
  assert.equal([memory.changedCount, written(memory)], [0, {}]);
  memory.set(subscriptions, row('s-1', '', 2));
  assert.equal(written(memory), { subscriptions: [[], [2], []] });
});

test('a row without body is removed where it was written, but a root stays', () => {
  const memory = new RowMemory(roomy);
  memory.set(paymentLinks, row('s-1', 'a', 0, null));
  memory.set(paymentLinks, row('s-1', 'b', 1));
  memory.set(subscriptions, row('s-1', '', 2, null));
  assert.equal(written(memory), { payment_links: [[1], [], []], subscriptions: [[2], [], []] });
  memory.set(paymentLinks, row('s-1', 'b', 3, null));
  assert.equal(written(memory), { payment_links: [[], [], [3]] });
  memory.set(paymentLinks, row('s-1', 'b', 4));
  assert.equal(written(memory), { payment_links: [[4], [], []] });
});

test('of a stream that begins nothing is asked, of another one each row until it was loaded', () => {
  const one = sampleSubscription('acme', 'sub-1');
  const [created, activated] = new MemoryLog().append(one.created(), one.activated());
  const memory = new RowMemory(roomy);
  if (activated) memory.expect([activated]);
  assert.equal([memory.isComplete(one.stream), memory.isKnown(subscriptions, one.stream, '')], [false, false]);
  memory.load(subscriptions, { stream: one.stream, key: '' }, undefined);
  assert.is(memory.isKnown(subscriptions, one.stream, ''), true);
  assert.is(memory.isKnown(paymentLinks, one.stream, 'a'), false);
  const another = new RowMemory(roomy);
  if (created) another.expect([created]);
  assert.equal([another.isComplete(one.stream), another.isKnown(paymentLinks, one.stream, 'a')], [true, true]);
});

test('when room is needed, what was met last and what is not written yet stays', () => {
  const memory = new RowMemory({ rowCountMax: 4, byteCountMax: 1_000_000 });
  const streams = ['s-0', 's-1', 's-2', 's-3', 's-4', 's-5'];
  for (const stream of streams) memory.set(subscriptions, row(stream, '', 0));
  assert.is(memory.isHalfFull, true);
  written(memory);
  memory.set(subscriptions, row('s-0', '', 1));
  memory.forgetOldest();
  const known = streams.filter((stream) => memory.isKnown(subscriptions, stream, ''));
  assert.equal(known, ['s-0', 's-5']);
});

test('heavy rows fill the memory before there are many of them', () => {
  const memory = new RowMemory({ rowCountMax: 1_000, byteCountMax: 10_000 });
  for (let n = 0; n < 32; n += 1) memory.set(subscriptions, row(`s-${n}`, '', n, { text: 'x'.repeat(1_000) }));
  assert.is(memory.isHalfFull, true);
});

test.run();
