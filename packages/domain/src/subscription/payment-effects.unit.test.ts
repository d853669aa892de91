import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { PaymentFact } from '../payment/fact.ts';
import { emptyLedger, ledgerKeys, mergeFact } from './ledger.ts';
import { effectsOf } from './payment-effects.ts';
import { card, inState } from './testing/states.ts';
import { Subject, at, fact } from './testing/subject.ts';

const test = suite('payments and disputes as objects (domain.md 6.10, rule 11)');

const eur = (minor: number) => ({ minor, currency: 'EUR' });

/** Every order of the facts, all known by `now`, ends in the same header, which is answered. */
function inAnyOrder(make: () => Subject, now: string, facts: readonly PaymentFact[]): Subject {
  const subjects = permutations(facts).map((order) => {
    const subject = make();
    subject.now = at(now);
    for (const each of order) subject.pay(each);
    subject.tick();
    return subject;
  });
  for (const { header } of subjects) assert.equal(comparable(header), comparable(subjects[0]?.header));
  const [first] = subjects;
  if (!first) throw new Error('no facts');
  return first;
}

function comparable(header: Subject['header'] | undefined): unknown {
  return { ...header, revision: 0, statusEventId: '' };
}

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length <= 1) return [[...items]];
  return items.flatMap((item, index) =>
    permutations(items.filter((_, other) => other !== index)).map((rest) => [item, ...rest]),
  );
}

const paid = (body: Parameters<typeof inState.active>[0] = {}): Subject => {
  const subject = inState.active({ price: eur(100), ...body });
  subject.now = at('2026-06-01T01:00');
  subject.pay(fact('settled', '2026-06-01T01:00', { id: 'in_1', chargeRef: 'ch_1', amount: eur(300) }));
  return subject;
};

test('a dispute takes access away a day after it was opened, at that instant', () => {
  const subject = paid();
  subject.now = at('2026-07-01T10:00');
  subject.pay(fact('dispute_opened', '2026-07-01T10:00', { id: 'dp_1' }));
  assert.equal([subject.header.status, subject.header.disabledReasons], ['active', ['chargeback']]);
  assert.equal(subject.view.deadline, { kind: 'chargeback', at: at('2026-07-02T10:00') });
  assert.equal(subject.view.disabledReasons, ['chargeback']);
  subject.tick('2026-12-01');
  const disabled = subject.log.find(({ type }) => type === 'SubscriptionDisabled');
  assert.is(disabled?.effectiveAt, at('2026-07-02T10:00'));
  assert.is(disabled?.type === 'SubscriptionDisabled' && disabled.data.retentionEndsAt, at('2026-09-30T10:00'));
});

test('won within the day: nothing is taken away; won later: active again while the term runs', () => {
  const opened = fact('dispute_opened', '2026-07-01', { id: 'dp_1' });
  const within = inAnyOrder(paid, '2026-08-01', [opened, fact('dispute_won', '2026-07-01T20:00', { id: 'dp_1' })]);
  assert.equal([within.header.status, within.header.statusSince], ['active', at('2026-06-01')]);
  const later = inAnyOrder(paid, '2026-08-01', [opened, fact('dispute_won', '2026-07-20', { id: 'dp_1' })]);
  assert.equal([later.header.status, later.header.statusSince], ['active', at('2026-07-20')]);
  assert.equal([later.header.disabledReasons, later.header.chargebackAt], [[], null]);
});

test('an end closes a dispute whenever its beginning arrives, also a beginning dated after it', () => {
  const closed = fact('dispute_won', '2026-07-01', { id: 'dp_1' });
  const subject = inAnyOrder(paid, '2026-08-01', [closed, fact('dispute_opened', '2026-07-02', { id: 'dp_1' })]);
  assert.equal([subject.header.status, subject.header.disputes], ['active', []]);
});

test('the first end of a dispute is the one: what was lost stays lost', () => {
  const facts = [
    fact('dispute_opened', '2026-07-01', { id: 'dp_1' }),
    fact('dispute_lost', '2026-07-10', { id: 'dp_1' }),
    fact('dispute_won', '2026-07-20', { id: 'dp_1' }),
  ];
  const { header } = inAnyOrder(paid, '2026-08-01', facts);
  assert.equal([header.status, header.disabledReasons], ['disabled', ['chargeback']]);
});

test('with several disputes on one charge the reason goes with the last one, and never if one was lost', () => {
  const both = [
    fact('dispute_opened', '2026-07-01', { id: 'dp_1', chargeRef: 'ch_1' }),
    fact('dispute_opened', '2026-07-03', { id: 'dp_2', chargeRef: 'ch_1' }),
    fact('dispute_won', '2026-07-10', { id: 'dp_1', chargeRef: 'ch_1' }),
  ];
  assert.is(inAnyOrder(paid, '2026-08-01', both).header.status, 'disabled');
  const won = inAnyOrder(paid, '2026-08-01', [...both, fact('dispute_won', '2026-07-12', { id: 'dp_2' })]);
  assert.equal([won.header.status, won.header.statusSince], ['active', at('2026-07-12')]);
  const lost = inAnyOrder(paid, '2026-08-01', [...both, fact('dispute_lost', '2026-07-12', { id: 'dp_2' })]);
  assert.equal([lost.header.status, lost.header.disabledReasons], ['disabled', ['chargeback']]);
});

test('a payment clears nonpayment only: the dispute has to be won as well, in either order', () => {
  const make = (): Subject => inState.active();
  const arrears = fact('failed', '2026-06-01T01:00', { id: 'in_1' });
  const opened = fact('dispute_opened', '2026-07-05', { id: 'dp_1' });
  const settled = fact('settled', '2026-07-10', { id: 'in_1' });
  const half = inAnyOrder(make, '2026-08-01', [arrears, opened, settled]);
  assert.equal([half.header.status, half.header.disabledReasons], ['disabled', ['chargeback']]);
  const won = fact('dispute_won', '2026-07-20', { id: 'dp_1' });
  const whole = inAnyOrder(make, '2026-08-01', [arrears, opened, settled, won]);
  assert.equal([whole.header.status, whole.header.statusSince], ['active', at('2026-07-20')]);
});

test('in grace with an open dispute no payment brings it back by itself', () => {
  const subject = inState.active();
  subject.tick('2027-06-01');
  subject.now = at('2027-06-01T06:00');
  subject.pay(fact('dispute_lost', '2027-06-01T06:00', { id: 'dp_1' }));
  assert.is(subject.header.status, 'expired');
  subject.now = at('2027-06-01T07:00');
  subject.pay(fact('settled', '2027-06-01T07:00', { id: 'late' }));
  subject.tick('2027-06-03');
  assert.equal([subject.header.status, subject.header.disabledReasons], ['disabled', ['chargeback']]);
  assert.equal(subject.header.credit, eur(1000));
});

test('a dispute against a reactivation from grace: back, and cut off a day later', () => {
  const subject = inState.reactivated();
  subject.pay(fact('dispute_opened', subject.now, { id: 'dp_1' }));
  assert.equal([subject.header.status, subject.header.disabledReasons], ['expired', ['chargeback']]);
  assert.equal(subject.codes('reactivate', { paymentMethod: card }), ['DISABLED_BY_PROVIDER']);
  subject.tick('2027-06-06');
  assert.is(subject.header.status, 'disabled');
});

test('disputed before it ever started: pending again when won, with its whole window, and what was paid is kept', () => {
  const subject = Subject.created({}, '2026-06-01');
  subject.pay(fact('dispute_opened', '2026-06-01', { id: 'dp_1' }));
  assert.is(subject.header.status, 'disabled');
  subject.now = at('2026-06-10');
  subject.pay(fact('dispute_won', '2026-06-10', { id: 'dp_1' }));
  assert.equal([subject.header.status, subject.header.firstPaymentBy], ['pending', at('2026-06-10T23:00')]);
  const kept = Subject.created({}, '2026-06-01');
  kept.pay(fact('dispute_opened', '2026-06-01', { id: 'dp_1' }));
  kept.now = at('2026-06-10');
  kept.pay(fact('settled', '2026-06-05', { id: 'in_1' }));
  kept.pay(fact('dispute_won', '2026-06-10', { id: 'dp_1' }));
  kept.accept('activate');
  assert.ok(kept.header.termPaid);
});

test('a refund finds its payment by invoice, charge or payment, whichever is known first', () => {
  const refs = [{ invoiceRef: 'x_9' }, { chargeRef: 'x_9' }, { paymentRef: 'x_9' }];
  for (const ref of refs) {
    const facts = [
      fact('settled', '2026-06-01T01:00', { id: 'in_9', ...ref }),
      fact('refunded', '2026-07-01', { id: 'ch_9', ...ref, cumulativeRefunded: 1000 }),
    ];
    const { header } = inAnyOrder(() => inState.active(), '2026-07-01', facts);
    assert.equal([header.status, header.statusSince], ['cancelled', at('2026-07-01')]);
  }
});

test('a refund that knows only the charge is joined by what links the charge to the invoice', () => {
  const facts = [
    fact('settled', '2026-06-01T01:00', { id: 'in_9' }),
    fact('refunded', '2026-07-01', { id: 'ch_9', chargeRef: 'ch_9', paymentRef: 'pi_9', cumulativeRefunded: 1000 }),
    fact('linked', '2026-06-01T01:00', { id: 'in_9', invoiceRef: 'in_9', paymentRef: 'pi_9' }),
  ];
  const { header } = inAnyOrder(() => inState.active(), '2026-07-01', facts);
  assert.equal([header.status, header.statusSince], ['cancelled', at('2026-07-01')]);
});

test('a second report of a payment adds the references that the first one lacked', () => {
  const facts = [
    fact('settled', '2026-06-01T01:00', { id: 'in_9', eventId: 'evt_1' }),
    fact('settled', '2026-06-01T01:00', { id: 'in_9', eventId: 'evt_2', chargeRef: 'ch_9' }),
    fact('refunded', '2026-07-01', { id: 'ch_9', cumulativeRefunded: 1000 }),
  ];
  assert.is(inAnyOrder(() => inState.active(), '2026-07-01', facts).header.status, 'cancelled');
});

test('two events about one payment have one effect, whichever comes first', () => {
  const siblings = ['evt_a', 'evt_b'].map((eventId) =>
    fact('settled', '2027-05-20', { id: 'in_2', eventId, amount: eur(300) }),
  );
  for (const order of [siblings, siblings.toReversed()]) {
    const subject = paid();
    subject.now = at('2027-05-20');
    const decisions = order.map((each) => subject.pay(each));
    assert.equal(decisions.at(-1), { kind: 'nothing', outcome: 'DUPLICATE_EFFECT' });
    assert.is(subject.types().filter((type) => type === 'SubscriptionRenewed').length, 1);
    assert.is(subject.types().includes('ExpiryReversed'), false);
  }
});

test('refunds of two charges of one invoice add up, and repeated totals do not', () => {
  const facts = [
    fact('refunded', '2026-07-01', { id: 'ch_1', chargeRef: 'ch_1', cumulativeRefunded: 100 }),
    fact('refunded', '2026-07-02', { id: 'in_1', chargeRef: 'ch_1', cumulativeRefunded: 100, eventId: 'again' }),
    fact('refunded', '2026-07-03', { id: 'in_1', chargeRef: 'ch_2', cumulativeRefunded: 199 }),
  ];
  assert.is(inAnyOrder(paid, '2026-08-01', facts).header.status, 'active');
  const rest = fact('refunded', '2026-07-04', { id: 'in_1', chargeRef: 'ch_2', cumulativeRefunded: 200 });
  const { header } = inAnyOrder(paid, '2026-08-01', [...facts, rest]);
  assert.equal([header.status, header.statusSince], ['cancelled', at('2026-07-04')]);
});

test('a payment that was voided first is none; voided later it goes back once, whatever is refunded besides', () => {
  const before = [
    fact('voided', '2027-05-01', { id: 'in_2' }),
    fact('settled', '2027-05-02', { id: 'in_2', amount: eur(300) }),
  ];
  assert.is(inAnyOrder(paid, '2027-05-03', before).header.termEnd, at('2027-06-01'));
  const after = [
    fact('voided', '2026-07-01', { id: 'in_1' }),
    fact('refunded', '2026-06-20', { id: 'in_1', cumulativeRefunded: 100 }),
    fact('refunded', '2026-07-02', { id: 'in_1', cumulativeRefunded: 300, eventId: 'all' }),
  ];
  const { header } = inAnyOrder(paid, '2026-08-01', after);
  assert.equal([header.status, header.statusSince], ['cancelled', at('2026-07-01')]);
});

test('voiding the charge that failed ends its arrears, voiding another one does not', () => {
  const failed = fact('failed', '2027-05-01', { id: 'in_2' });
  const other = inAnyOrder(paid, '2027-05-10', [failed, fact('voided', '2027-05-05', { id: 'in_3' })]);
  assert.is(other.header.pastDue?.payment, 'stripe/in_2');
  const own = inAnyOrder(paid, '2027-05-10', [failed, fact('voided', '2027-05-05', { id: 'in_2' })]);
  assert.is(own.header.pastDue, null);
});

test('a charge that no retry can mend ends dunning sooner, also when an earlier attempt had a longer time', () => {
  const accelerated = { profile: 'direct-mca-2024' };
  const subject = paid(accelerated);
  subject.now = at('2027-04-20');
  subject.pay(fact('failed', '2027-04-20', { id: 'in_2', attempt: 1, decline: 'soft' }));
  assert.is(subject.header.pastDue?.dunningEndsAt, at('2027-05-20'));
  subject.now = at('2027-04-23');
  subject.pay(fact('failed', '2027-04-23', { id: 'in_2', attempt: 2, decline: 'hard' }));
  assert.is(subject.header.pastDue?.dunningEndsAt, at('2027-04-25'));
  subject.now = at('2027-04-24');
  subject.pay(fact('failed', '2027-04-24', { id: 'in_2', attempt: 3 }));
  assert.is(subject.header.pastDue?.dunningEndsAt, at('2027-04-25'));
  subject.tick('2027-04-25');
  assert.equal([subject.header.status, subject.header.disabledReasons], ['disabled', ['nonpayment']]);
  for (const [body, ends] of [
    [accelerated, '2027-04-22'],
    [{}, '2027-05-20'],
  ] as const) {
    const fraud = paid(body);
    fraud.now = at('2027-04-20');
    fraud.pay(fact('failed', '2027-04-20', { id: 'in_2', nextAttemptAt: null, decline: 'fraud' }));
    assert.is(fraud.header.pastDue?.dunningEndsAt, at(ends), 'by policy (domain.md 1.6)');
  }
});

test('a final failure is final: a later report that a retry is left changes nothing', () => {
  const make = (): Subject => inState.reactivated();
  const final = fact('failed', '2027-06-05T01:00', { id: 'in_2', nextAttemptAt: null });
  const late = fact('failed', '2027-06-05T02:00', { id: 'in_2', nextAttemptAt: at('2027-06-08') });
  assert.is(inAnyOrder(make, '2027-06-05T03:00', [final, late]).header.status, 'expired');
});

test('the latest word on the card in use holds, and a newer card of ours is not overwritten', () => {
  const make = (): Subject => {
    const subject = inState.active();
    subject.accept('add-payment-method', { paymentMethod: { ...card, token: 'pm_1', expires: '2027-01' } });
    return subject;
  };
  const updates = ['2028-01', '2029-01', '2030-01'].map((expires, index) =>
    fact('method_updated', `2026-07-0${index + 1}`, { id: 'pm_1', paymentMethod: { expires } }),
  );
  assert.is(inAnyOrder(make, '2026-08-01', updates).header.paymentMethod?.expires, '2030-01');
  const replaced = make();
  replaced.now = at('2026-07-10');
  replaced.accept('replace-payment-method', { paymentMethod: { ...card, token: 'pm_1', expires: '2031-01' } });
  assert.equal(
    replaced.pay(fact('method_updated', '2026-07-05', { id: 'pm_1', paymentMethod: { expires: '2028-01' } })).kind,
    'accepted',
  );
  assert.is(replaced.header.paymentMethod?.expires, '2031-01');
});

test('a card is updated until the deletion is written, whether or not timers have run', () => {
  const update = fact('method_updated', '2027-09-29', { id: 'pm_1', paymentMethod: { expires: '2030-01' } });
  for (const ticks of [true, false]) {
    const subject = inState.active();
    subject.accept('add-payment-method', { paymentMethod: { ...card, token: 'pm_1' } });
    subject.now = at('2027-09-29');
    if (ticks) subject.tickWithoutDeleting();
    subject.pay(update);
    assert.is(subject.header.paymentMethod?.expires, '2030-01');
  }
});

test('money for what is deleted is due back once, whatever else is told of the same payment', () => {
  const subject = inState.deleted();
  const outcome = (payment: PaymentFact): unknown => {
    const decision = subject.pay(payment);
    return 'outcome' in decision ? decision.outcome : decision.kind;
  };
  assert.is(outcome(fact('settled', '2027-11-30', { id: 'in_5', eventId: 'evt_1' })), 'REFUND_DUE');
  assert.is(outcome(fact('settled', '2027-11-30', { id: 'in_5', eventId: 'evt_2' })), 'DUPLICATE_EFFECT');
  assert.is(outcome(fact('settled', '2027-11-29', { id: 'in_5', eventId: 'evt_0' })), 'NOTED');
  assert.is(outcome(fact('refunded', '2027-12-01', { id: 'in_5' })), 'NOTED');
});

test('what waits for the payment it refers to is not stale; what a further fact has overtaken is', () => {
  const subject = paid();
  subject.now = at('2026-07-01');
  const outcome = (payment: PaymentFact): unknown => {
    const decision = subject.pay(payment);
    return 'outcome' in decision ? decision.outcome : decision.kind;
  };
  assert.is(outcome(fact('refunded', '2026-07-01', { id: 'ch_7', cumulativeRefunded: 10 })), 'NOTED');
  assert.is(outcome(fact('failed', '2026-06-20', { id: 'in_1' })), 'STALE_FACT');
  assert.is(outcome(fact('action_required', '2026-06-20', { id: 'in_1' })), 'STALE_FACT');
  assert.is(outcome(fact('dispute_inquiry', '2026-06-20', { id: 'dp_7' })), 'NOTED');
  assert.is(outcome(fact('linked', '2026-06-20', { id: 'in_1', paymentRef: 'pi_new' })), 'NOTED');
});

test('a refund that names no charge says the total of the payment, those of charges add up', () => {
  const refunds = [
    fact('refunded', '2026-07-01', { id: 'in_1', chargeRef: 'ch_1', cumulativeRefunded: 40 }),
    fact('refunded', '2026-07-02', { id: 'in_1', chargeRef: 'ch_2', cumulativeRefunded: 30 }),
    fact('refunded', '2026-07-03', { id: 'in_1', cumulativeRefunded: 80 }),
  ];
  let ledger = emptyLedger;
  for (const each of [fact('settled', '2026-06-01', { id: 'in_1', amount: eur(300) }), ...refunds])
    ledger = mergeFact(ledger, { fact: each, place: each.occurredAt, after: 0 });
  const effects = effectsOf(ledger, ledgerKeys(ledger)).filter(({ kind }) => kind === 'refunded');
  assert.equal(
    effects.map(({ refunded }) => refunded),
    [40, 30, 10],
  );
});

test('payments of one instant wait in either order: what became known of the time before decides none of them again', () => {
  for (const order of [
    ['in_1', 'in_2'],
    ['in_2', 'in_1'],
  ]) {
    const waiting = (): Subject => {
      const subject = Subject.created({ price: eur(1000) });
      subject.now = at('2026-06-01T10:00');
      for (const id of order) subject.pay(fact('settled', '2026-06-01T10:00', { id }));
      return subject;
    };
    const failed = waiting();
    failed.pay(fact('failed', '2026-06-01T08:00', { id: 'in_9' }));
    assert.equal(failed.types(3), ['PaymentFactRecorded']);
    const disputed = waiting();
    disputed.pay(fact('dispute_opened', '2026-06-01T08:00', { id: 'dp_1' }));
    assert.equal([disputed.header.status, disputed.header.parked.length], ['disabled', 2]);
    const ended = waiting();
    const decision = ended.pay(fact('ended', '2026-06-01T08:00', { id: 'sub_1' }));
    assert.is(decision.kind === 'accepted' && decision.outcome, 'REFUND_DUE');
    assert.equal(ended.header.parked, []);
  }
});

test.run();
