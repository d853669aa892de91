import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { endingAsFact } from '../payment/ending.ts';
import { inState } from './testing/states.ts';
import { Subject, at, fact } from './testing/subject.ts';

const test = suite('the ending that a provider reports (domain.md 6.10, rule 7)');

const ended = (endedAt: string, eventId = 'evt_ended') =>
  endingAsFact({
    provider: 'stripe',
    providerEventId: eventId,
    providerObjectId: 'sub_1',
    subscriptionRef: 'sub_1',
    endedAt: at(endedAt),
    cause: 'payment_failed',
  });

/** What the last events were and when they held. */
const last = (subject: Subject, count: number): string[] =>
  subject.log.slice(-count).map(({ type, effectiveAt }) => `${type} ${effectiveAt.slice(0, 16)}`);

test('takes effect when it happened, however late it becomes known; retention counts from there', () => {
  const subject = Subject.active();
  subject.tick('2026-09-20T15:00');
  subject.pay(ended('2026-09-01T10:00'));
  assert.equal(last(subject, 2), ['PaymentFactRecorded 2026-09-01T10:00', 'SubscriptionCancelled 2026-09-01T10:00']);
  const cancelled = subject.log.at(-1);
  assert.ok(cancelled?.type === 'SubscriptionCancelled');
  assert.equal([cancelled.data.by, cancelled.reason], ['provider', 'payment_failed']);
  assert.equal(subject.view.deadline, { kind: 'retention-end', at: at('2026-11-30T10:00') });
});

test('an expiry that was recorded since is undone: it had ended before', () => {
  const subject = Subject.active();
  subject.tick('2027-06-10');
  subject.pay(ended('2027-05-20'));
  assert.equal([subject.header.status, subject.header.statusSince], ['cancelled', at('2027-05-20')]);
  assert.ok(subject.types().includes('ExpiryReversed'));
});

test('what happened at the end of the term is an expiry, and what is over stays as it is', () => {
  const subject = Subject.active();
  subject.now = at('2027-06-02');
  subject.pay(ended('2027-06-01'));
  subject.tick();
  assert.is(subject.header.status, 'expired');
  for (const status of ['expired', 'disabled', 'cancelled'] as const) {
    const over = inState[status]();
    over.pay(ended(over.now));
    assert.is(over.header.status, status);
  }
});

test('a later term is paid already: it was an earlier subscription of the provider that ended', () => {
  const subject = Subject.active({ term: 'P1M' });
  subject.now = at('2026-06-28');
  subject.pay(fact('settled', '2026-06-28', { id: 'july' }));
  const decision = subject.pay(ended('2026-06-15'));
  assert.equal(decision, { kind: 'nothing', outcome: 'STALE_FACT' });
  assert.is(subject.header.status, 'active');
});

test('a payment that was made before it and becomes known after it, for a later term, undoes it', () => {
  const ahead = fact('settled', '2026-06-14', { id: 'july' });
  const subject = Subject.active({ term: 'P1M' });
  subject.now = at('2026-06-16');
  subject.pay(ended('2026-06-15'));
  assert.is(subject.header.status, 'cancelled');
  subject.pay(ahead);
  assert.equal([subject.header.status, subject.header.termEnd], ['active', at('2026-08-01')]);
});

test("a payment that was made after it is the customer's money", () => {
  const subject = Subject.active({ term: 'P1M' });
  subject.now = at('2026-06-16');
  subject.pay(ended('2026-06-15'));
  subject.pay(fact('settled', '2026-06-16', { id: 'july' }));
  assert.equal([subject.header.status, subject.header.credit?.minor], ['cancelled', 1000]);
});

test('the same ending again changes nothing', () => {
  const subject = Subject.active();
  subject.now = at('2026-09-01');
  subject.pay(ended('2026-09-01'));
  const count = subject.log.length;
  assert.is(subject.pay(ended('2026-09-01')).kind, 'repeated');
  assert.equal(subject.pay(ended('2026-09-01', 'evt_other')), { kind: 'nothing', outcome: 'DUPLICATE_EFFECT' });
  assert.is(subject.log.length, count);
});

test('what never began is given up, by the next tick: payments come first', () => {
  const subject = Subject.created({ startsAt: at('2026-08-01') });
  subject.now = at('2026-06-02');
  subject.pay(ended('2026-06-02'));
  assert.is(subject.header.status, 'pending');
  subject.tick();
  assert.is(subject.header.status, 'deleted');
});

test.run();
