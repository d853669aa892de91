import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { commandsBefore, placeRecorded } from './fact-order.ts';
import { at, fact } from './testing/subject.ts';

const test = suite('order of payment facts (domain.md 6.10, rule 11)');

const accepted = ['2026-06-01', '2026-06-02', '2026-06-02', '2026-06-05'].map((day) => ({ at: at(day), body: {} }));

test('a fact comes after the commands up to its own instant, and after no later one', () => {
  const counts = ['2026-05-31', '2026-06-01', '2026-06-02', '2026-06-04', '2026-06-09'].map((day) =>
    commandsBefore(accepted, at(day)),
  );
  assert.equal(counts, [0, 1, 3, 3, 4]);
  assert.is(commandsBefore([], at('2026-06-01')), 0);
});

test('a recorded fact stands at its instant, not before the creation, and not after the place of its event', () => {
  const settled = fact('settled', '2026-06-03');
  const placed = (place: string, created: string): string => placeRecorded(settled, at(place), at(created), accepted);
  assert.is(placed('2026-06-03', '2026-06-01'), at('2026-06-03'));
  assert.is(placed('2026-06-09', '2026-06-01'), at('2026-06-03'), 'applied later than it stands');
  assert.is(placed('2026-06-09', '2026-06-04'), at('2026-06-04'), 'created later');
  assert.is(placed('2026-06-02', '2026-06-04'), at('2026-06-02'), 'its event stands before');
});

test('a fact that names a reactivation stands after it was asked for', () => {
  const named = fact('settled', '2026-06-03', { reactivationRef: 'r-1' });
  const asked = [...accepted, { at: at('2026-06-07'), body: { memory: { reactivationId: 'r-1' } } }];
  assert.is(placeRecorded(named, at('2026-06-09'), at('2026-06-01'), asked), at('2026-06-07'));
  const other = fact('settled', '2026-06-03', { reactivationRef: 'r-2' });
  assert.is(placeRecorded(other, at('2026-06-09'), at('2026-06-01'), asked), at('2026-06-03'));
});

test.run();
