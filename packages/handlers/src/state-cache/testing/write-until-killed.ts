/**
 * A process that writes the states of one subscription until it is killed, and says after each step how many there were.
 *
 * @module
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { subscriptionAggregate } from '../../command-handling/subscription-aggregate.ts';
import { openDiskStateCache } from '../disk-state-cache.ts';
import { subscriptionParts } from '../subscription-parts.ts';
import { began, createSubject, seatStep } from './cached-subscription.ts';

const [, , directory = ''] = process.argv;
const subject = createSubject();
const cache = await openDiskStateCache({
  directory,
  store: subject.store,
  aggregate: subscriptionAggregate,
  codec: { ...subscriptionParts, snapshotEvery: () => 7 },
});
for (const step of began) await subject.take(step, cache);
for (let count = 0; ; count += 1) {
  await subject.take(seatStep(count), cache);
  process.send?.(count);
  // LMDB commits between turns of the event loop.
  await nextTurn();
}
