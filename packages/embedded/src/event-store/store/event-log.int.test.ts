import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { ProposedEvent } from '../engine/proposed-event.ts';
import { EventLog, type WriteOutcome } from './event-log.ts';
import { LmdbStore } from './lmdb-store.ts';
import { streamPages, viewStream } from './reader.ts';
import { idOf } from './record.ts';

const test = suite('event log with tiny bounds');
const limits = { streamsCachedMax: 5, recentIdsMax: 4, tailEventsMax: 3, tailBytesMax: 1000 };
let directory = '';
let log: EventLog;

function open(): EventLog {
  return new EventLog(LmdbStore.open(directory), {
    limits,
    now: Date.now,
    onCommitFailed: (error) => {
      throw error;
    },
  });
}

test.before.each(() => {
  directory = mkdtempSync(join(tmpdir(), 'event-log-'));
  log = open();
});
test.after.each(async () => {
  await log.close();
  rmSync(directory, { recursive: true, force: true });
});

function event(data = '{}'): ProposedEvent {
  return { id: randomUUID(), type: 'Tested', isJson: true, data: Buffer.from(data), customMetadata: Buffer.alloc(0) };
}

function idsIn(stream: string): string[] {
  const view = viewStream(log, stream);
  if (view.kind !== 'readable') return [];
  const pages = [...streamPages(log, view, { from: 0, backwards: false, count: Infinity })];
  return pages.flat().map(({ value }) => idOf(value));
}

test('concurrent writers to many more streams than are cached lose and repeat nothing', async () => {
  const written = new Map<string, string[]>();
  const writers = Array.from({ length: 60 }, async (_, index) => {
    const stream = `s-${index}`;
    const ids: string[] = [];
    written.set(stream, ids);
    for (let revision = 0; revision < 8; revision += 1) {
      const one = event();
      const expectation =
        revision === 0 ? { kind: 'noStream' as const } : { kind: 'revision' as const, revision: BigInt(revision - 1) };
      const outcome = await log.append({ stream, expectation, events: [one] });
      assert.is(outcome.kind === 'written' && outcome.revision, revision);
      ids.push(one.id);
    }
  });
  await Promise.all(writers);
  for (const [stream, ids] of written) assert.equal(idsIn(stream), ids);
  await log.close();
  log = open();
  for (const [stream, ids] of written) assert.equal(idsIn(stream), ids);
});

test('of two appends made in the same instant at one revision only one is written', async () => {
  const attempt = () => log.append({ stream: 's', expectation: { kind: 'noStream' }, events: [event()] });
  const outcomes = await Promise.all([attempt(), attempt(), attempt()]);
  assert.equal(
    outcomes.map(({ kind }) => kind),
    ['written', 'wrongExpectedVersion', 'wrongExpectedVersion'],
  );
  assert.is(idsIn('s').length, 1);
});

test('a refusal is answered only when the write it rests on is durable', async () => {
  const answered: string[] = [];
  const note = (name: string) => (outcome: WriteOutcome) => void answered.push(`${name} ${outcome.kind}`);
  const first = log.append({ stream: 's', expectation: { kind: 'noStream' }, events: [event()] }).then(note('first'));
  const second = log.append({ stream: 's', expectation: { kind: 'noStream' }, events: [event()] }).then(note('second'));
  await second;
  assert.is(idsIn('s').length, 1);
  await first;
  assert.equal(answered, ['first written', 'second wrongExpectedVersion']);
});

test('a retry is recognised from the disk when its ids are long forgotten', async () => {
  const events = [event(), event()];
  const request = { stream: 's', expectation: { kind: 'noStream' as const }, events };
  const first = await log.append(request);
  for (let index = 0; index < 20; index += 1) {
    await log.append({ stream: 'other', expectation: { kind: 'any' }, events: [event()] });
  }
  assert.equal(await log.append(request), first);
});

test('a retry made while the first attempt is still being written is one append', async () => {
  const request = { stream: 's', expectation: { kind: 'noStream' as const }, events: [event(), event()] };
  const outcomes = await Promise.all([log.append(request), log.append(request), log.append(request)]);
  assert.equal(outcomes[1], outcomes[0]);
  assert.equal(outcomes[2], outcomes[0]);
  assert.is(idsIn('s').length, 2);
});

test('a stream revived at the moment it is deleted keeps its metadata', async () => {
  await log.append({ stream: 's', expectation: { kind: 'any' }, events: [event()] });
  const deleted = log.delete({ stream: 's', expectation: { kind: 'any' } });
  const revived = log.append({ stream: 's', expectation: { kind: 'any' }, events: [event()] });
  await Promise.all([deleted, revived]);
  assert.is(idsIn('s').length, 1);
  const view = viewStream(log, 's');
  assert.is(view.kind === 'readable' && view.first, 1);
});

test('positions go on after a reopen', async () => {
  const before = await log.append({ stream: 'a', expectation: { kind: 'any' }, events: [event()] });
  await log.close();
  log = open();
  const after = await log.append({ stream: 'b', expectation: { kind: 'any' }, events: [event()] });
  assert.ok(before.kind === 'written' && after.kind === 'written');
  assert.ok((after.position ?? 0) > (before.position ?? 0));
  assert.is(log.lastPosition, after.position);
});

test.run();
