import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { recorded } from '../testing/memory-log.ts';
import { guard } from './guard.ts';
import type { LogItem } from './log-item.ts';

const test = suite('revision guard');

function item(revision: number): LogItem {
  return { kind: 'event', event: recorded({ stream: 's-1', type: 'T', data: {} }, revision, BigInt(revision * 10)) };
}
const revisions = (items: readonly LogItem[]): number[] => items.map(({ event }) => event.revision);

test('events that were seen are skipped', () => {
  const result = guard(4, [item(3), item(4)]);
  assert.equal(revisions(result.next), []);
  assert.is(result.seenCount, 2);
  assert.is(result.gap, undefined);
});

test('the next events are applied in order of their revision, whatever order they came in, each once', () => {
  const result = guard(-1, [item(1), item(0), item(1), item(2)]);
  assert.equal(revisions(result.next), [0, 1, 2]);
  assert.is(result.seenCount, 1);
});

test('a gap names exactly the missing revisions and keeps what lies behind it', () => {
  const result = guard(1, [item(2), item(5), item(6)]);
  assert.equal(revisions(result.next), [2]);
  assert.equal(result.gap, { from: 3, to: 4 });
  assert.equal(revisions(result.later), [5, 6]);
});

test('any delivery of a stream, with repetitions and losses, leaves it contiguous once the gaps are filled', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(12), { maxLength: 40 }), fc.integer({ min: -1, max: 5 }), (delivered, revision) => {
      const applied: number[] = [];
      let last = revision;
      let waiting: readonly LogItem[] = delivered.map(item);
      for (;;) {
        const { next, gap, later } = guard(last, waiting);
        applied.push(...revisions(next));
        last += next.length;
        if (gap === undefined) break;
        assert.is(gap.from, last + 1);
        for (let missing = gap.from; missing <= gap.to; missing += 1) applied.push(missing);
        last = gap.to;
        waiting = later;
      }
      const highest = Math.max(revision, ...delivered);
      assert.equal(
        applied,
        Array.from({ length: highest - revision }, (_, index) => revision + 1 + index),
      );
    }),
  );
});

test.run();
