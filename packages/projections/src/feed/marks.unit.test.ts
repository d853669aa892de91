import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { foldStream } from '../projection/fold-stream.ts';
import { allProjections } from '../models/index.ts';
import { RowMap } from '../set/row.ts';
import { MemoryLog, type TestEvent } from '../testing/memory-log.ts';
import { sampleCatalogueEvents, sampleFact, sampleSeat, sampleSubscription } from '../testing/sample-log.ts';
import { marksOf } from './marks.ts';

const test = suite('feed marks');
const one = sampleSubscription('acme', 'sub-1');

/** The marks of a batch that comes after other events. */
function marksAfter(before: readonly TestEvent[], batch: readonly TestEvent[]): string[] {
  const log = new MemoryLog();
  const loaded = new RowMap();
  fold(log, loaded, before);
  const rows = new RowMap(loaded);
  fold(log, rows, batch);
  return marksOf(rows)
    .map(({ model, tenant, key }) => `${model} ${tenant} ${key}`.trim())
    .sort();
}

function fold(log: MemoryLog, rows: RowMap, events: readonly TestEvent[]): void {
  for (const item of log.append(...events)) {
    const concerned = allProjections.filter(({ handles }) => item.event.stream.startsWith(handles.streamPrefix));
    foldStream(concerned, [item], rows);
  }
}

test('many changes of one row in a batch are one mark', () => {
  const marks = marksAfter([], [one.created(), one.activated(), one.expired(30), one.disabled(60)]);
  assert.equal(marks, ['licenses acme E3', 'subscriptions acme sub-1']);
});

test('signing in and turning apps off marks that person alone', () => {
  const seat = sampleSeat('acme', 'sub-1', 'p-1', 2);
  const before = [one.created(), one.activated(), one.assigned('p-1'), one.assigned('p-2')];
  assert.equal(marksAfter(before, [seat.signedIn('pc'), seat.toggled(['word'])]), ['person acme p-1']);
});

test('an assignment marks one person and the counts, not everybody', () => {
  const marks = marksAfter([one.created(), one.activated(), one.assigned('p-1')], [one.assigned('p-2')]);
  assert.equal(marks, ['licenses acme E3', 'person acme p-2', 'subscriptions acme sub-1']);
});

test('a change of status marks the people of the subscription once, however many they are', () => {
  const people = Array.from({ length: 50 }, (_, index) => one.assigned(`p-${index}`));
  const marks = marksAfter([one.created(), one.activated(), ...people], [one.expired(30)]);
  assert.equal(marks, ['licenses acme E3', 'people-of acme sub-1', 'subscriptions acme sub-1']);
});

test('a renewal changes neither counts nor anybody’s access', () => {
  const marks = marksAfter(
    [one.created(), one.activated(), one.assigned('p-1')],
    [one.renewed(30, sampleFact('in_1'))],
  );
  assert.equal(marks, ['subscriptions acme sub-1']);
});

test('a published catalogue marks everybody', () => {
  assert.equal(marksAfter([], sampleCatalogueEvents('v1', ['E3'])), ['everybody']);
});

test('events that were seen before mark nothing', () => {
  assert.equal(marksAfter([one.created()], []), []);
});

test.run();
