import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { accessOf, capabilityBucket } from './access.ts';
import { headerAsOf } from './as-of.ts';
import { nextDeadline } from './deadlines.ts';
import type { SubscriptionHeader } from './header.ts';
import { subscriptionStatuses } from './lifecycle.ts';
import { evolve, initialSubscription } from './state.ts';
import { applyDeadlines } from './view.ts';
import { histories, replay } from './testing/histories.ts';
import { inState } from './testing/states.ts';
import { Subject, at, fact } from './testing/subject.ts';

const test = suite('deadlines, reads and as-of (domain.md 6.6, 6.9)');

/** A header without what only recording gives. */
function comparable(header: SubscriptionHeader | null): unknown {
  if (header === null) return null;
  return { ...header, revision: 0, statusEventId: '' };
}

test('a hold that ends at the instant of a cancellation ends before it', () => {
  const { header } = Subject.active({}, '2026-06-01');
  const until = at('2026-09-01');
  const held = { kind: 'suspend' as const, from: at('2026-08-01'), until, movesTermEnd: false };
  const both = { ...header, cancelAt: until, holds: [held] };
  assert.equal(nextDeadline(both), { kind: 'hold-end', at: until });
  assert.equal(nextDeadline({ ...both, holds: [] }), { kind: 'cancel', at: until });
});

test('deadlines applied in memory are what a tick writes', () => {
  fc.assert(
    fc.property(histories, fc.integer({ min: 0, max: 400 }), (history, days) => {
      const subject = replay(history);
      subject.now = new Date(Date.parse(subject.now) + days * 86_400_000).toISOString();
      const applied = applyDeadlines(subject.header, subject.now);
      subject.tick();
      assert.equal(comparable(applied), comparable(subject.header));
      assert.is(subject.tick().kind, 'nothing');
      const next = nextDeadline(subject.header);
      assert.ok(next === null || next.at > subject.now);
    }),
    { numRuns: 100 },
  );
});

test('as of now, as known now, is the live state after every step', () => {
  fc.assert(
    fc.property(histories, (history) => {
      replay(history, (subject) => {
        const asOf = headerAsOf(subject.log, { at: subject.now, knownAt: subject.now });
        assert.equal(comparable(asOf), comparable(applyDeadlines(subject.header, subject.now)));
      });
    }),
    { numRuns: 100 },
  );
});

test('3: the same instant, as it was and as it was known', () => {
  const subject = Subject.active();
  subject.tick('2027-06-01');
  subject.now = at('2027-06-02T10:00');
  subject.pay(fact('settled', '2027-05-31T23:59:30'));
  const noon = at('2027-06-01T12:00');
  assert.is(headerAsOf(subject.log, { at: noon })?.status, 'active');
  assert.is(headerAsOf(subject.log, { at: noon, knownAt: noon })?.status, 'expired');
  assert.is(headerAsOf(subject.log, { at: at('2026-05-01') }), null);
});

test('folding the log again gives the same state, and a state survives cloning', () => {
  fc.assert(
    fc.property(histories, (history) => {
      const subject = replay(history);
      assert.equal(subject.log.reduce(evolve, initialSubscription), subject.state);
      assert.equal(structuredClone(subject.state), subject.state);
      assert.equal(JSON.parse(JSON.stringify(subject.header)), subject.header);
    }),
    { numRuns: 30 },
  );
});

test('the access matrix', () => {
  const access = subscriptionStatuses.map((status) => {
    const { header, now } = inState[status]();
    const { service, desktop, reason } = accessOf(header, now);
    return [status, service, desktop, reason, capabilityBucket(status)].join(' ');
  });
  assert.equal(access, [
    'pending none none pending ',
    'active full full active enabled',
    'expired full full expired warning',
    'disabled none reduced disabled suspended',
    'cancelled none reduced cancelled lockedOut',
    'reactivated full full reactivated enabled',
    'deleted none none deleted ',
  ]);
});

test('a hold takes access away, a trial and arrears only say so', () => {
  const { header, now } = inState.active();
  const held: SubscriptionHeader = {
    ...header,
    holds: [{ kind: 'pause', from: now, until: null, movesTermEnd: true }],
  };
  assert.equal(accessOf(held, now), {
    service: 'none',
    desktop: 'reduced',
    reason: 'held',
    // The clock of the term stands still.
    changesAt: null,
  });
  const trial = inState.active({ trial: true });
  assert.is(accessOf(trial.header, trial.now).reason, 'trial');
  const pastDue = inState.active();
  pastDue.now = at('2026-06-02');
  pastDue.pay(fact('failed', '2026-06-02'));
  assert.is(accessOf(pastDue.header, pastDue.now).reason, 'past_due');
});

test.run();
