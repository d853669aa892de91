import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { accessOf } from './access.ts';
import { availableActions } from './actions.ts';
import { Subject, at, fact } from './testing/subject.ts';

const test = suite('holds (domain.md 6.1, 6.3, 6.9; scenario 32)');

const access = (subject: Subject): string => {
  const { service, desktop, reason } = accessOf(subject.header, subject.now);
  return `${service} ${desktop} ${reason}`;
};

function monthly(options: Parameters<typeof Subject.active>[0] = {}): Subject {
  return Subject.active({ term: 'P1M', ...options });
}

test('32: access returns only when every hold is gone; billing goes on under a suspension, not under a pause', () => {
  const subject = Subject.active({ channel: 'reseller' });
  subject.roles = ['partner'];
  subject.tick('2026-07-01');
  subject.accept('suspend');
  subject.roles = ['billing-admin'];
  subject.accept('pause');
  subject.roles = ['partner'];
  subject.tick('2026-07-11');
  subject.accept('resume', { hold: 'suspend' });
  assert.is(access(subject), 'none reduced held');
  subject.roles = ['billing-admin'];
  subject.tick('2026-07-21');
  subject.accept('resume', { hold: 'pause' });
  assert.is(access(subject), 'full full active');
  assert.is(subject.header.termEnd, at('2027-06-21'), 'twenty paused days');
});

test('each side releases its own hold only', () => {
  const subject = Subject.active();
  subject.roles = ['billing-admin'];
  assert.equal(subject.codes('resume', { hold: 'pause' }), ['NOT_PAUSED']);
  assert.equal(subject.codes('suspend'), ['ROLE_MISSING']);
  subject.roles = ['support'];
  assert.equal(subject.codes('pause'), ['NOT_BILLING_ADMIN']);
  subject.accept('suspend');
  subject.roles = ['billing-admin'];
  assert.equal(subject.codes('resume', { hold: 'suspend' }), ['ROLE_MISSING']);
  assert.equal(
    subject.codes('resume', { hold: 'pause' }),
    ['ROLE_MISSING', 'NOT_PAUSED'],
    'what is there is not theirs',
  );
  subject.roles = ['support'];
  subject.accept('resume', { hold: 'suspend' });
});

test('a hold blocks changes, not the way out', () => {
  const subject = Subject.active({ seats: 2 });
  subject.accept('assign-license', { personId: 'a' });
  subject.accept('pause');
  for (const [name, body] of [
    ['add-seats', { count: 1 }],
    ['remove-seats', { count: 1 }],
    ['change-plan', { planId: 'other' }],
    ['assign-license', { personId: 'b' }],
  ] as const) {
    assert.ok(subject.codes(name, body).includes('SUSPENDED'), name);
  }
  subject.accept('unassign-license', { personId: 'a' });
  subject.accept('cancel-now');
  assert.equal(subject.header.holds, []);
});

test('a paused term does not end; the next one begins where it does, and is as long as any', () => {
  const subject = monthly();
  subject.tick('2026-06-11');
  subject.accept('pause');
  subject.tick('2026-07-15');
  assert.is(subject.header.status, 'active', 'the clock of the term stands still');
  subject.tick('2026-07-21');
  subject.accept('resume', { hold: 'pause' });
  assert.is(subject.header.termEnd, at('2026-08-10'));
  subject.now = at('2026-08-02');
  subject.pay(fact('settled', '2026-08-01', { id: 'a' }));
  assert.is(subject.header.termEnd, at('2026-09-10'));
  subject.pay(fact('settled', '2026-08-02', { id: 'b' }));
  assert.is(subject.header.termEnd, at('2026-10-10'));
  assert.is(subject.view.termStart, at('2026-06-01'));
});

test('a suspended term ends like any other, and the hold with it', () => {
  const subject = monthly();
  subject.accept('suspend');
  subject.tick('2026-07-01');
  assert.equal([subject.header.status, subject.header.holds.length], ['expired', 0]);
  assert.is(access(subject), 'full full expired');
  assert.equal(subject.codes('resume', { hold: 'suspend' }), ['NOT_PAUSED']);
});

test('a hold until an instant ends by itself, then, however late the timer', () => {
  const subject = monthly();
  subject.accept('pause', { until: '2026-06-08T00:00:00Z' });
  assert.is(accessOf(subject.header, subject.now).changesAt, at('2026-06-08'));
  subject.tick('2026-07-05');
  assert.equal([subject.header.status, subject.header.termEnd], ['active', at('2026-07-08')]);
  const released = subject.log.find(({ type }) => type === 'HoldReleased');
  assert.is(released?.effectiveAt, at('2026-06-08'));
  assert.equal(subject.codes('pause', { until: '2026-07-01T00:00:00Z' }), ['nothing'], 'over already');
});

test('paused time is not used up: it is given back in full by a cancellation', () => {
  const price = { minor: 3000, currency: 'EUR' };
  const subject = monthly({ seats: 1, price });
  subject.pay(fact('settled', '2026-06-01', { id: 'a', amount: price }));
  subject.tick('2026-06-16');
  subject.accept('pause');
  subject.tick('2026-07-20');
  subject.accept('cancel-now');
  assert.equal(subject.header.cancelCredit, { minor: 1500, currency: 'EUR' });
});

test('a payment from before the pause that becomes known after it leaves the pause in place', () => {
  const subject = monthly();
  subject.tick('2026-06-11');
  subject.accept('pause');
  subject.tick('2026-06-21');
  subject.accept('resume', { hold: 'pause' });
  subject.tick('2026-07-12');
  assert.is(subject.header.status, 'expired');
  subject.pay(fact('settled', '2026-06-05', { id: 'early' }));
  assert.equal([subject.header.status, subject.header.termEnd], ['active', at('2026-08-11')]);
});

test('a pause while a reactivation is open moves the term that it leads to', () => {
  const subject = monthly();
  subject.tick('2026-07-05');
  subject.accept('reactivate', { paymentMethod: { kind: 'boleto', token: 't', country: 'NL' } });
  assert.is(subject.view.termEnd, at('2026-08-01'));
  subject.accept('pause', { until: '2026-07-10T00:00:00Z' });
  subject.tick('2026-07-11');
  subject.pay(fact('settled', '2026-07-11', { id: 'back' }));
  assert.equal([subject.header.status, subject.header.termEnd], ['active', at('2026-08-06')]);
  subject.now = at('2026-07-12');
  subject.pay(fact('settled', '2026-07-12', { id: 'next' }));
  assert.is(subject.header.termEnd, at('2026-09-06'));
});

test('terms that were paid ahead of a pause begin later by as long, and are still paid by the same payments', () => {
  const subject = monthly();
  subject.now = at('2026-06-05');
  for (const id of ['a', 'b', 'c']) subject.pay(fact('settled', '2026-06-05', { id }));
  const begins = (): unknown =>
    subject.header.payments.map(({ payment, termStart }) => `${payment} ${termStart.slice(0, 10)}`);
  assert.equal(begins(), ['stripe/a 2026-07-01', 'stripe/b 2026-08-01', 'stripe/c 2026-09-01']);
  subject.tick('2026-06-11');
  subject.accept('pause');
  subject.tick('2026-06-21');
  subject.accept('resume', { hold: 'pause' });
  assert.equal(begins(), ['stripe/a 2026-07-11', 'stripe/b 2026-08-11', 'stripe/c 2026-09-11']);
});

test('the list of actions finds the one hold there is', () => {
  const subject = Subject.active({ channel: 'reseller' });
  subject.roles = ['partner'];
  subject.accept('suspend');
  const resume = availableActions(subject.state, subject.context()).find(({ command }) => command === 'resume');
  assert.equal([resume?.available, resume?.reasonCodes], [true, []]);
});

test.run();
