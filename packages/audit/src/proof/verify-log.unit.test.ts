import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { RawEvent } from '@perennial/event-store';
import { reading, sealedLog } from '../testing/sealed-log.ts';
import { headsAtEach, headsAtEnd, holdsInclusion, proveInclusion, type LogRoot } from './log-root.ts';
import { TooManyStreamsError } from './stream-heads.ts';
import { verifyLog, type VerifyProgress } from './verify-log.ts';

const test = suite('verifying a log');
const logId = 'f0a7a0c2-0000-4000-8000-000000000001';

const entries = [
  { stream: 'log', text: 'the first of all' },
  { stream: 'subscription-acme_a', text: 'created' },
  { stream: 'subscription-acme_b', text: 'created' },
  { stream: 'subscription-acme_a', text: 'activated' },
  { stream: 'subscription-acme_a', text: 'renewed' },
  { stream: 'seat-acme_a_p1', text: 'toggled' },
  { stream: 'subscription-acme_b', text: 'cancelled' },
];
const log = sealedLog(entries);
const verify = (events: readonly RawEvent[], roots: readonly LogRoot[] = []) =>
  verifyLog(reading(events), { logId, roots });
const rootUpTo = async (events: readonly RawEvent[], position?: bigint) => {
  const positions = position === undefined ? [] : [position];
  const { earlier, end } = await headsAtEach(reading(events), { logId, streamCountMax: 100, positions });
  return (earlier[0] ?? end).root;
};
const replaced = (index: number, change: (event: RawEvent) => RawEvent) =>
  log.map((event, at) => (at === index ? change(event) : event));

test('a log that nobody touched holds, whatever the order in which its streams were written', async () => {
  const verdict = await verify(log);
  assert.ok(verdict.ok);
  assert.equal([verdict.events, verdict.streams], [7, 4]);
  assert.is(verdict.root?.root, (await rootUpTo(log)).root);
});

test('every single bit of every stored event is covered, and the event that holds it is named', async () => {
  const few = log.slice(0, 4);
  for (const [index, event] of few.entries()) {
    for (const field of ['rawData', 'rawMetadata'] as const) {
      for (let bit = 0; bit < event[field].length * 8; bit += 1) {
        const bytes = Uint8Array.from(event[field]);
        bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        // oxlint-disable-next-line no-await-in-loop -- one after the other: each is a log of its own
        const { ok, broken } = await verify(few.with(index, { ...event, [field]: bytes }));
        assert.not.ok(ok, `bit ${bit} of ${field} of event ${index}`);
        assert.equal([broken[0]?.stream, broken[0]?.revision], [event.stream, event.revision]);
      }
    }
  }
});

test("an event's type, id, stream and revision are covered as well", async () => {
  const changes: readonly ((event: RawEvent) => RawEvent)[] = [
    (event) => ({ ...event, type: 'Noteb' }),
    (event) => ({ ...event, id: event.id.replace(/.$/, (digit) => (digit === '0' ? '1' : '0')) }),
    (event) => ({ ...event, revision: event.revision + 1 }),
    (event) => ({ ...event, isJson: false }),
    (event) => ({ ...event, stream: 'subscription-acme_c' }),
  ];
  const verdicts = await Promise.all(changes.map((change) => verify(replaced(3, change))));
  assert.equal(
    verdicts.map(({ ok }) => ok),
    changes.map(() => false),
  );
});

test('a removed, reordered, repeated or inserted event is found', async () => {
  const at = (index: number) => log[index] as RawEvent; // indices of the log above
  const without = await verify(log.filter((_, index) => index !== 3));
  assert.equal(without.broken, [
    {
      stream: 'subscription-acme_a',
      revision: 2,
      position: '1400',
      reason: 'not-contiguous',
      detail: 'revision 2 follows 0',
    },
  ]);
  const swapped = await verify([at(0), at(1), at(2), at(4), at(3), at(5), at(6)]);
  assert.is(swapped.broken[0]?.stream, 'subscription-acme_a');
  const twice = await verify([...log.slice(0, 4), at(3), ...log.slice(4)]);
  assert.is(twice.broken[0]?.reason, 'not-contiguous');
  const [foreign] = sealedLog([{ stream: 'subscription-acme_b', text: 'another beginning' }]);
  assert.not.ok((await verify([...log.slice(0, 2), foreign as RawEvent, ...log.slice(3)])).ok); // one entry, one event
});

test('what was cut off at the end, or is gone as a whole, is caught by a root published before', async () => {
  const root = await rootUpTo(log);
  const cut = log.slice(0, -1);
  assert.ok((await verify(cut)).ok, 'the chains alone cannot tell');
  assert.not.ok((await verify(cut, [root])).ok);
  const withoutStream = log.filter(({ stream }) => stream !== 'seat-acme_a_p1');
  assert.ok((await verify(withoutStream)).ok);
  const verdict = await verify(withoutStream, [root]);
  assert.not.ok(verdict.ok);
  assert.match(verdict.roots[0]?.detail ?? '', /covers 7 events in 4 streams, here there are 6 in 3/);
});

test('a log that was written anew, with chains that hold, is caught by a root published before', async () => {
  const root = await rootUpTo(log, 1400n);
  const forged = sealedLog(entries.map((entry, index) => (index === 4 ? { ...entry, text: 'renewed twice' } : entry)));
  assert.ok((await verify(forged)).ok);
  assert.not.ok((await verify(forged, [root])).ok);
});

test('a root goes on holding while the log grows, and is of one log only', async () => {
  const roots = await Promise.all([1000n, 1300n, 1600n].map((position) => rootUpTo(log, position)));
  const grown = await verify(log, roots);
  assert.equal(
    grown.roots.map(({ holds }) => holds),
    [true, true, true],
  );
  const other = await verify(log, [{ ...(roots[0] as LogRoot), logId: 'f0a7a0c2-0000-4000-8000-000000000002' }]); // three roots above
  assert.match(other.roots[0]?.detail ?? '', /it is of the log/);
});

test('every stream can be proved to be under a root, and nothing else can', async () => {
  const heads = await headsAtEnd(reading(log), { logId, streamCountMax: 100 });
  for (const { stream } of heads.leaves) {
    const proof = proveInclusion(heads, stream);
    assert.ok(proof && holdsInclusion(proof));
    assert.not.ok(proof && holdsInclusion({ ...proof, head: { ...proof.head, revision: proof.head.revision + 1 } }));
    assert.not.ok(
      proof && holdsInclusion({ ...proof, head: { ...proof.head, hash: proof.head.hash.replace(/^./, 'g') } }),
    );
  }
  assert.is(proveInclusion(heads, 'subscription-acme_c'), undefined);
});

test('bounded streams are checked from what is left of them, and no root depends on them', async () => {
  const attempts = ['one', 'two', 'three'].map((text) => ({ stream: 'attempts-acme_a', text }));
  const before = sealedLog([...entries, ...attempts]);
  const root = await rootUpTo(before);
  const truncated = before.filter(({ stream, revision }) => stream !== 'attempts-acme_a' || revision > 0);
  const verdict = await verify(truncated, [{ ...root, eventCount: root.eventCount }]);
  assert.ok(verdict.ok, JSON.stringify(verdict));
  const changed = truncated.map((event) =>
    event.stream === 'attempts-acme_a' && event.revision === 2 ? { ...event, type: 'Other' } : event,
  );
  assert.is((await verify(changed)).broken[0]?.stream, 'attempts-acme_a');
});

test('random tampering with a random log never goes unseen where a root was published', async () => {
  const names = fc.constantFrom('log', 's-a', 's-b', 's-c');
  const random = fc.array(fc.record({ stream: names, text: fc.string() }), { minLength: 2, maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(random, fc.nat(), fc.constantFrom('remove', 'repeat', 'swap', 'cut'), async (given, at, how) => {
      const events = sealedLog(given);
      const root = await rootUpTo(events);
      const index = at % events.length;
      const tampered = tamper(events, index, how);
      fc.pre(JSON.stringify(tampered.map(({ id }) => id)) !== JSON.stringify(events.map(({ id }) => id)));
      assert.not.ok((await verify(tampered, [root])).ok);
    }),
    { numRuns: 300 },
  );
});

function tamper(events: readonly RawEvent[], index: number, how: string): readonly RawEvent[] {
  const event = events[index] as RawEvent; // the caller's index is within
  if (how === 'remove') return events.toSpliced(index, 1);
  if (how === 'repeat') return events.toSpliced(index, 0, event);
  if (how === 'cut') return events.slice(0, index);
  // Only events of one stream: the order of streams among each other is not what a chain proves.
  const other = events.findIndex(({ stream, revision }) => stream === event.stream && revision !== event.revision);
  return other < 0 ? events : events.with(index, events[other] as RawEvent).with(other, event); // found in the line above
}

test('memory is bounded, progress is told, and a verification can be stopped', async () => {
  const error = await verifyLog(reading(log), { logId, streamCountMax: 3 }).catch((thrown: unknown) => thrown);
  assert.instance(error, TooManyStreamsError);
  const told: VerifyProgress[] = [];
  await verifyLog(reading(log), { logId, progressEveryEvents: 3, onProgress: (progress) => told.push(progress) });
  assert.equal(
    told.map(({ events, streams }) => [events, streams]),
    [
      [3, 3],
      [6, 4],
    ],
  );
  const stopped = await verifyLog(reading(log), { logId, signal: AbortSignal.abort() }).catch(
    (thrown: unknown) => thrown,
  );
  assert.is((stopped as Error).name, 'AbortError');
});

test.run();
