import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { BuildRate } from './build-rate.ts';

const test = suite('rate of a build');

test('a rate needs two samples', () => {
  const rate = new BuildRate();
  assert.equal([rate.eventsPerSecond, rate.etaS(10n)], [0, undefined]);
  rate.note(0, 0, 0n);
  assert.equal([rate.eventsPerSecond, rate.etaS(10n)], [0, undefined]);
});

test('what is left takes as long as the last seconds say', () => {
  const rate = new BuildRate(1_000);
  rate.note(0, 0, 0n);
  rate.note(1_000, 10, 100n);
  assert.equal([rate.eventsPerSecond, rate.etaS(500n)], [10, 4]);
  // Ten times as fast since then: the slow beginning is forgotten.
  rate.note(2_000, 110, 1_100n);
  rate.note(3_000, 210, 2_100n);
  assert.equal([rate.eventsPerSecond, rate.etaS(4_100n)], [100, 2]);
  assert.is(rate.etaS(2_000n), 0);
});

test.run();
