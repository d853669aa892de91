import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { SubscriptionEvent } from './events.ts';
import { pagedEntries, pagedParts } from './paged-map.ts';
import { evolve, evolveAll, initialSubscription, type SubscriptionState } from './state.ts';
import { histories, replay } from './testing/histories.ts';
import { instantAfter, shuffled } from './testing/shuffling.ts';
import { Subject, fact } from './testing/subject.ts';

const test = suite('folding many events');

/** Whoever changed it afterwards would throw. */
function frozen(state: SubscriptionState): SubscriptionState {
  const left: unknown[] = [state];
  for (let value = left.pop(); value !== undefined; value = left.pop()) {
    if (typeof value !== 'object' || value === null || Object.isFrozen(value)) continue;
    Object.freeze(value);
    left.push(...Object.values(value).filter((each) => each !== undefined));
  }
  return state;
}

/** Each of them handed out before the next event. */
function oneByOne(events: readonly SubscriptionEvent[]): SubscriptionState[] {
  const states = [frozen(initialSubscription)];
  for (const event of events) states.push(frozen(evolve(states.at(-1) ?? initialSubscription, event)));
  return states;
}

/** All that a state says, the order of its maps included. */
function read({ seats, commandIds, ledger, ...others }: SubscriptionState): unknown {
  const { refundedOnly, entries } = ledger;
  return {
    ...others,
    refundedOnly,
    maps: [seats, commandIds, entries].map((map) => [map.size, ...pagedEntries<unknown>(map)]),
  };
}

/** Folded in stretches, each from a state that was handed out. */
function holdsInStretches(events: readonly SubscriptionEvent[], cuts: readonly number[]): void {
  const states = oneByOne(events);
  const ends = [...new Set([...cuts.map((cut) => Math.floor(cut * events.length)), events.length])];
  let [state, from] = [initialSubscription, 0];
  for (const to of ends.sort((a, b) => a - b)) {
    state = frozen(evolveAll(state, events.slice(from, to)));
    assert.equal(read(state), read(states[to] ?? initialSubscription));
    from = to;
  }
}

const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 4 });

test('whatever happened, in one go or in several it gives what one event after the other gives, and changes nothing that was handed out', () => {
  fc.assert(
    fc.property(histories, cuts, (history, given) => holdsInStretches(replay(history).log, given)),
    { numRuns: 100 },
  );
});

test('the same for a long history with payments that came late, seats and commands', () => {
  const subject = Subject.active({ seats: 40, term: 'P1M' }, '2027-01-31T10:00');
  subject.checksEvents = false;
  const paid = Array.from({ length: 60 }, (_, index) =>
    fact('settled', instantAfter(1 + (index % 7) * 24 * 40 + index), { id: `in_${index}` }),
  );
  const late = shuffled(paid, 11);
  for (const [index, each] of late.entries()) {
    const now = instantAfter(24 * 4 * index);
    subject.now = now > each.occurredAt ? now : each.occurredAt;
    subject.pay(each);
    subject.command('assign-license', { personId: `person-${index % 40}` });
    if (index % 3 === 0) subject.command('unassign-license', { personId: `person-${index % 7}` });
    if (index % 5 === 0) subject.command('set-recurring-billing', { on: index % 2 === 0 });
  }
  const { log } = subject;
  const types = new Set(log.map(({ type }) => type));
  for (const type of ['SubscriptionRenewed', 'ExpiryReversed', 'LicenseUnassigned'] as const)
    assert.ok(types.has(type));
  holdsInStretches(log, []);
  holdsInStretches(
    log,
    Array.from({ length: 30 }, (_, index) => index / 30),
  );
});

test('no events, no change', () => {
  const { state } = Subject.active({}, '2027-01-31');
  assert.is(evolveAll(state, []), state);
});

test('what a fold did not touch it shares with the state before', () => {
  const subject = Subject.active({ seats: 2 }, '2027-01-31');
  const before = subject.state;
  subject.pay(fact('settled', '2027-01-31', { id: 'in_1' }));
  assert.is(subject.state.seats, before.seats);
  assert.is(subject.state.commands, before.commands);
  assert.is.not(
    pagedParts(subject.state.ledger.entries, 0)[0]?.identity,
    pagedParts(before.ledger.entries, 0)[0]?.identity,
  );
});

test('nothing happens before the creation', () => {
  const [, activated] = Subject.active({}, '2027-01-31').log;
  if (!activated) throw new Error('created and activated');
  assert.throws(() => evolveAll(initialSubscription, [activated]), /begins with SubscriptionCreated/);
});

test.run();
