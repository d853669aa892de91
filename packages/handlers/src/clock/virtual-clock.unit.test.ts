import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { z } from 'zod';
import { createMemoryEventStore } from '../testing/memory-event-store.ts';
import { ClockWouldGoBackError, followVirtualClock } from './virtual-clock.ts';

const test = suite('virtual clock');
const definitions = [{ type: 'ClockAdvanced', schemaVersion: 1, schema: z.object({ to: z.string() }) }];
const [june, july, august] = ['2027-06-01T00:00:00.000Z', '2027-07-01T00:00:00.000Z', '2027-08-01T00:00:00.000Z'];

test('the configured start counts only while the stream is empty', async () => {
  const store = createMemoryEventStore(definitions);
  const first = await followVirtualClock(store, july);
  const second = await followVirtualClock(store, june);
  assert.is(second.now(), july);
  assert.is(store.log.length, 1);
  await Promise.all([first.close(), second.close()]);
});

test('a move is seen by every process that follows', async () => {
  const store = createMemoryEventStore(definitions);
  const one = await followVirtualClock(store, june);
  const two = await followVirtualClock(store, june);
  const seen = new Promise((resolve) => two.onAdvance(resolve));
  assert.is(await one.advanceTo(july), july);
  assert.is(await seen, july);
  assert.is(two.now(), july);
  await Promise.all([one.close(), two.close()]);
});

test('it never goes back, and standing still appends nothing', async () => {
  const store = createMemoryEventStore(definitions);
  const clock = await followVirtualClock(store, july);
  const refused = await clock.advanceTo(june).catch((error: unknown) => error);
  assert.instance(refused, ClockWouldGoBackError);
  assert.is(await clock.advanceTo(july), july);
  assert.is(store.log.length, 1);
  await clock.close();
});

test('two who move it at once leave it at the later time', async () => {
  const store = createMemoryEventStore(definitions);
  const [one, two] = [await followVirtualClock(store, june), await followVirtualClock(store, june)];
  const outcomes = await Promise.allSettled([one.advanceTo(august), two.advanceTo(july)]);
  assert.is(outcomes[0].status, 'fulfilled');
  assert.is(one.now(), august);
  await Promise.all([one.close(), two.close()]);
});

test.run();
