import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Tail, Wakeup } from './tail.ts';

const test = suite('tail');

function eventsAt(...positions: number[]) {
  return positions.map((position) => ({ position, value: Buffer.alloc(10) }));
}

function positionsAfter(tail: Tail, position: number, count = 100) {
  return tail.after(position, count)?.map((event) => event.position);
}

test('gives the events after a position, whether or not an event is there', () => {
  const tail = new Tail(0, { events: 10, bytes: 1000 });
  tail.push(eventsAt(64, 100, 130));
  assert.equal(positionsAfter(tail, 0), [64, 100, 130]);
  assert.equal(positionsAfter(tail, 64), [100, 130]);
  assert.equal(positionsAfter(tail, 99), [100, 130]);
  assert.equal(positionsAfter(tail, 130), []);
  assert.equal(positionsAfter(tail, 500), []);
  assert.equal(positionsAfter(tail, 0, 2), [64, 100]);
});

test('does not answer for what was written before it began', () => {
  const tail = new Tail(500, { events: 10, bytes: 1000 });
  tail.push(eventsAt(520));
  assert.is(positionsAfter(tail, 499), undefined);
  assert.equal(positionsAfter(tail, 500), [520]);
});

for (const limits of [
  { events: 3, bytes: 1000 },
  { events: 100, bytes: 30 },
]) {
  test(`forgets the oldest beyond ${limits.events} events or ${limits.bytes} bytes, and says so`, () => {
    const tail = new Tail(0, limits);
    for (let position = 1; position <= 5000; position += 1) tail.push(eventsAt(position));
    assert.equal(positionsAfter(tail, 4997), [4998, 4999, 5000]);
    assert.is(positionsAfter(tail, 4996), undefined);
  });
}

test('a wake-up that nobody waited for is not lost, and counts once', async () => {
  const wakeup = new Wakeup();
  wakeup.wake();
  wakeup.wake();
  await wakeup.wait();
  let woken = false;
  const waiting = wakeup.wait().then(() => (woken = true));
  await new Promise((resolve) => setImmediate(resolve));
  assert.is(woken, false);
  wakeup.wake();
  assert.is(await waiting, true);
});

test('wakes watchers of everything, and of the stream written to, until they stop watching', async () => {
  const tail = new Tail(0, { events: 10, bytes: 1000 });
  const woken: string[] = [];
  const watcher = (name: string) => {
    const wakeup = new Wakeup();
    wakeup.wake = () => void woken.push(name);
    return wakeup;
  };
  tail.watch(watcher('all'));
  tail.watch(watcher('a'), 'a');
  const stop = tail.watch(watcher('b'), 'b');
  tail.announce(['a']);
  assert.equal(woken.splice(0), ['all', 'a']);
  stop();
  tail.announce(['b']);
  assert.equal(woken, ['all']);
});

test.run();
