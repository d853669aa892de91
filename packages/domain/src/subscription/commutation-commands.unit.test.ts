import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { chainItems } from './chain.ts';
import { policyOf } from './decide.ts';
import { ledgerKeys } from './ledger.ts';
import { isLifecycleEvent } from './lifecycle-events.ts';
import { lifecycleSchema } from './lifecycle.ts';
import { effectsOf } from './payment-effects.ts';
import { simulate } from './simulation.ts';
import * as shuffling from './testing/shuffling.ts';
import { deliver, history, inOrder, instantAfter, outcome } from './testing/shuffling.ts';
import type { Step } from './testing/shuffling.ts';

const test = suite('payment facts commute between commands (domain.md 6.10, rule 8)');

const seed = Number(process.env['SHUFFLE_SEED'] ?? Date.now() % 2 ** 31);
const setCount = 800;
console.log(`NOTE payment facts were shuffled ${setCount} times between commands with SHUFFLE_SEED=${seed}`);

const hour = 3_600_000;

test('with commands between as well: where the same ones were accepted, the header is the same', () => {
  let sameCount = 0;
  let runCount = 0;
  fc.assert(
    fc.property(history, shuffling.commands, (given, commands) => {
      runCount += 1;
      const both = shuffling.withCommands(given, commands);
      if (both === null) return;
      sameCount += 1;
      const [known, late] = both.map(outcome);
      assert.equal(late, known);
    }),
    { numRuns: setCount, seed },
  );
  assert.ok(sameCount > runCount / 2, `${sameCount} of ${runCount} could be compared`);
});

test('what is recorded is what a simulation from the beginning gives: the fast way is the slow way', () => {
  fc.assert(
    fc.property(history, shuffling.commands, ({ facts, ticks, sold, seed: mixed }, given) => {
      const delay = (index: number): number => ((mixed >>> index) % 20) * 24 * hour;
      const steps: Step[] = [
        ...facts.map(shuffling.factOf).map((each, index): Step => ({
          at: new Date(Date.parse(each.occurredAt) + delay(index)).toISOString(),
          fact: each,
        })),
        ...given.map(({ hours, command }): Step => ({ at: instantAfter(hours), command })),
        ...ticks.map((hours): Step => ({ at: instantAfter(hours) })),
      ];
      const subject = deliver(inOrder(steps), sold);
      // Deleted by a command: what became known since is kept beside (`domain.md 6.3`, deleted).
      if (subject.header.status === 'deleted') return;
      const { state, header } = subject;
      const [created] = chainItems(state.timeline);
      if (created === undefined) return;
      const { events, header: simulated } = simulate({
        header: { ...header, ...lifecycleSchema.parse(created.before) },
        policy: policyOf(header),
        until: subject.now,
        deletes: false,
        effects: effectsOf(state.ledger, ledgerKeys(state.ledger)),
        commands: state.commands,
        commandOffset: 0,
        ledger: state.ledger,
      });
      const ideal = events.map(({ event }) => event).filter(isLifecycleEvent);
      const recorded = chainItems(state.timeline).filter(({ type }) => type !== 'ExpiryReversed');
      assert.equal(
        recorded.map(({ type, effectiveAt }) => `${type} ${effectiveAt}`),
        ideal.map(({ type, effectiveAt }) => `${type} ${effectiveAt}`),
      );
      assert.equal(
        { ...lifecycleSchema.parse(simulated), statusEventId: '' },
        { ...lifecycleSchema.parse(header), statusEventId: '' },
      );
    }),
    { numRuns: 200, seed },
  );
});

test.run();
