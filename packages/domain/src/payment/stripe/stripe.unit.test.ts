import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { paymentEventSchemas, providerEndingSchema } from '../events.ts';
import type { PaymentFact } from '../fact.ts';
import { isSameEffect } from '../fact-identity.ts';
import { linksOf, referencesOf } from '../links.ts';
import type { PaymentReading } from '../reading.ts';
import { paymentFactsFromStripe } from './index.ts';
import { at, basilInvoice, dispute, oldInvoice, refundedCharge, stripeEvent } from './stripe.fixture.ts';

const test = suite('payment facts from Stripe');
const received = { receivedAt: '2027-06-02T09:00:05.000Z', rawRef: 'ab12' };

function read(event: unknown): PaymentReading {
  const [reading] = paymentFactsFromStripe(event, received);
  if (!reading) throw new Error('no reading');
  return reading;
}

function factOf(event: unknown): PaymentFact {
  const reading = read(event);
  if (reading.kind !== 'fact') throw new Error(`no fact: ${JSON.stringify(reading)}`);
  return reading.fact;
}

test('a paid invoice happened when it was paid, for the period of its line, whenever the event was made', () => {
  assert.equal(factOf(stripeEvent('invoice.paid', oldInvoice())), {
    kind: 'settled',
    provider: 'stripe',
    providerEventId: 'evt_1',
    providerObjectId: 'in_1',
    subscriptionRef: 'sub_1',
    invoiceRef: 'in_1',
    chargeRef: 'ch_1',
    paymentRef: 'pi_1',
    customerRef: 'cus_1',
    amount: { minor: 1500, currency: 'EUR' },
    servicePeriod: { start: '2027-06-01T00:00:00.000Z', end: '2027-07-01T00:00:00.000Z' },
    occurredAt: '2027-06-01T08:30:00.000Z',
    providerCreatedAt: '2027-06-02T09:00:00.000Z',
    apiVersion: '2020-08-27',
    ...received,
  });
});

test('the newer shape gives our reference and the provider’s', () => {
  const fact = factOf(stripeEvent('invoice.paid', basilInvoice(), { api_version: '2025-03-31.basil' }));
  assert.is(fact.subscriptionRef, 'acme/S1');
  assert.is(fact.providerSubscriptionRef, 'sub_1');
  assert.equal(fact.servicePeriod?.start, '2027-06-01T00:00:00.000Z');
  const bare = factOf(stripeEvent('invoice.paid', basilInvoice({ parent: null })));
  assert.is(bare.subscriptionRef, 'sub_1', 'from the line');
});

test('of several regular lines the latest period counts, of prorations only if there is nothing else', () => {
  const line = (start: string, end: string, proration = false): object => ({
    period: { start: at(start), end: at(end) },
    proration,
  });
  const periodOf = (...data: object[]): unknown =>
    factOf(stripeEvent('invoice.paid', oldInvoice({ lines: { data } }))).servicePeriod;
  const june = line('2027-06-01T00:00:00Z', '2027-07-01T00:00:00Z');
  const july = line('2027-07-01T00:00:00Z', '2027-08-01T00:00:00Z');
  const rest = line('2027-08-10T00:00:00Z', '2027-09-01T00:00:00Z', true);
  const point = line('2027-09-01T00:00:00Z', '2027-09-01T00:00:00Z');
  assert.equal(periodOf(june, july, rest, point), {
    start: '2027-07-01T00:00:00.000Z',
    end: '2027-08-01T00:00:00.000Z',
  });
  assert.equal(periodOf(rest, point), { start: '2027-08-10T00:00:00.000Z', end: '2027-09-01T00:00:00.000Z' });
  assert.is(periodOf(point), undefined);
  assert.equal(periodOf(june, rest), { start: '2027-06-01T00:00:00.000Z', end: '2027-07-01T00:00:00.000Z' });
});

test('both types that fire for one payment have one effect (scenario 9)', () => {
  const paid = factOf(stripeEvent('invoice.paid', oldInvoice()));
  const succeeded = factOf(
    stripeEvent('invoice.payment_succeeded', oldInvoice(), { id: 'evt_2', created: at('2027-06-02T09:00:01Z') }),
  );
  assert.is(succeeded.providerEventId, 'evt_2');
  assert.ok(isSameEffect(paid, succeeded));
});

test('a failed invoice says whether Stripe tries again', () => {
  const open = { status: 'open', paid: false, amount_paid: 0, amount_remaining: 1500, attempt_count: 2 };
  const retry = at('2027-06-05T09:00:00Z');
  const again = factOf(stripeEvent('invoice.payment_failed', oldInvoice({ ...open, next_payment_attempt: retry })));
  assert.is(again.nextAttemptAt, '2027-06-05T09:00:00.000Z');
  assert.is(again.attempt, 2);
  assert.is(again.occurredAt, '2027-06-02T09:00:00.000Z');
  const last = factOf(stripeEvent('invoice.payment_failed', oldInvoice(open)));
  assert.is(last.nextAttemptAt, null);
  const first = factOf(
    stripeEvent('invoice.payment_failed', oldInvoice({ ...open, billing_reason: 'subscription_create' })),
  );
  assert.is(first.nextAttemptAt, undefined, 'the customer still has 23 hours');
});

test('a failure of a paid invoice is a contradiction and quarantined (scenario 35)', () => {
  const reading = read(stripeEvent('invoice.payment_failed', oldInvoice()));
  assert.is(reading.kind === 'quarantine' && reading.reason, 'CONTRADICTION');
  assert.match(reading.kind === 'quarantine' ? reading.detail : '', /paid with 0 remaining/);
  assert.equal(reading.kind === 'quarantine' && reading.fact.amount, { minor: 1500, currency: 'EUR' }, 'what was due');
  assert.is(read(stripeEvent('invoice.paid', oldInvoice({ status: 'open', paid: false }))).kind, 'quarantine');
  assert.is(read(stripeEvent('charge.refunded', refundedCharge({ refunded: false }))).kind, 'quarantine');
  const inquiry = { payment_method_details: { card: { case_type: 'inquiry' } } };
  assert.is(read(stripeEvent('charge.dispute.created', dispute(inquiry))).kind, 'quarantine');
});

test('a refund is of the invoice where that is known, and counts by its running total', () => {
  const partial = refundedCharge({ amount_refunded: 1000, refunded: false });
  const fact = factOf(
    stripeEvent('charge.refunded', partial, { data: { previous_attributes: { amount_refunded: 400 } } }),
  );
  assert.is(fact.providerObjectId, 'in_1');
  assert.is(fact.cumulativeRefunded, 1000);
  assert.equal(fact.amount, { minor: 600, currency: 'EUR' });
  assert.is(fact.occurredAt, '2027-06-10T00:00:00.000Z');
});

test('a refund says all that was given back when Stripe does not say what it was before, and its own instant when no list has one', () => {
  const fact = factOf(stripeEvent('charge.refunded', refundedCharge({ refunds: undefined })));
  assert.equal(fact.amount, { minor: 1500, currency: 'EUR' });
  assert.is(fact.occurredAt, '2027-06-02T09:00:00.000Z');
});

test('a refund without an invoice finds its subscription through what the payment taught', () => {
  const refund = factOf(stripeEvent('charge.refunded', refundedCharge({ invoice: null })));
  const joined = { id: 'inpay_1', invoice: 'in_1', payment: { type: 'payment_intent', payment_intent: 'pi_1' } };
  const links = [
    ...linksOf(factOf(stripeEvent('invoice.paid', basilInvoice()))),
    ...linksOf(factOf(stripeEvent('invoice_payment.paid', joined))),
  ];
  const seen = new Set(referencesOf(refund).map(({ kind, ref }) => `${kind} ${ref}`));
  for (let size = -1; size !== seen.size;) {
    size = seen.size;
    for (const { from, to } of links) if (seen.has(`${from.kind} ${from.ref}`)) seen.add(`${to.kind} ${to.ref}`);
  }
  assert.ok(seen.has('subscription acme/S1'));
});

test('what counts in a dispute is its status; an inquiry is none (scenario 18)', () => {
  const kindOf = (type: string, status: string): string => factOf(stripeEvent(type, dispute({ status }))).kind;
  assert.is(kindOf('charge.dispute.created', 'warning_needs_response'), 'dispute_inquiry');
  assert.is(kindOf('charge.dispute.updated', 'warning_under_review'), 'dispute_inquiry');
  assert.is(kindOf('charge.dispute.closed', 'warning_closed'), 'dispute_inquiry');
  assert.is(kindOf('charge.dispute.created', 'needs_response'), 'dispute_opened');
  assert.is(kindOf('charge.dispute.updated', 'under_review'), 'dispute_opened');
  assert.is(kindOf('charge.dispute.closed', 'won'), 'dispute_won');
  assert.is(kindOf('charge.dispute.closed', 'lost'), 'dispute_lost');
  assert.is(read(stripeEvent('charge.dispute.closed', dispute({ status: 'never_seen' }))).kind, 'stored');
});

test('a dispute begins when it was made, and goes on when Stripe says so', () => {
  const occurredAt = (type: string, status: string): string =>
    factOf(stripeEvent(type, dispute({ status }))).occurredAt;
  assert.is(occurredAt('charge.dispute.created', 'needs_response'), '2027-06-20T00:00:00.000Z');
  assert.is(occurredAt('charge.dispute.closed', 'won'), '2027-06-02T09:00:00.000Z');
});

test('waiting for the customer is no failure, and a voided invoice is voided', () => {
  const open = oldInvoice({ status: 'open', paid: false, amount_remaining: 1500 });
  assert.is(factOf(stripeEvent('invoice.payment_action_required', open)).kind, 'action_required');
  const voided = { status: 'void', status_transitions: { paid_at: null, voided_at: at('2027-06-02T00:00:00Z') } };
  const fact = factOf(stripeEvent('invoice.voided', oldInvoice(voided)));
  assert.equal([fact.kind, fact.occurredAt], ['voided', '2027-06-02T00:00:00.000Z']);
});

test('money moved for a dispute says no more than its status', () => {
  const kindOf = (type: string, status: string): string => factOf(stripeEvent(type, dispute({ status }))).kind;
  assert.is(kindOf('charge.dispute.funds_withdrawn', 'needs_response'), 'dispute_opened');
  assert.is(kindOf('charge.dispute.funds_reinstated', 'won'), 'dispute_won');
});

test('a card that was updated says its expiry; another method has none', () => {
  const card = { brand: 'visa', last4: '4242', exp_month: 3, exp_year: 2031, fingerprint: 'never kept' };
  const object = { id: 'pm_1', object: 'payment_method', type: 'card', customer: 'cus_1', card };
  const previous = { previous_attributes: { card: { exp_year: 2027 } } };
  for (const type of ['payment_method.updated', 'payment_method.automatically_updated']) {
    const fact = factOf(stripeEvent(type, object, { data: previous }));
    assert.equal([fact.kind, fact.providerObjectId, fact.customerRef], ['method_updated', 'pm_1', 'cus_1']);
    assert.equal(fact.paymentMethod, { brand: 'visa', last4: '4242', expires: '2031-03' });
  }
  const bank = { id: 'pm_2', object: 'payment_method', type: 'sepa_debit', sepa_debit: { last4: '3000' } };
  assert.is(read(stripeEvent('payment_method.updated', bank)).kind, 'stored');
});

test('why a charge was declined is read where the event has it', () => {
  const open = { status: 'open', paid: false, amount_remaining: 1500 };
  const declineOf = (changes: object): unknown =>
    factOf(stripeEvent('invoice.payment_failed', oldInvoice({ ...open, ...changes }))).decline;
  const declined = (decline_code: string): object => ({
    payment_intent: { id: 'pi_1', last_payment_error: { code: 'card_declined', decline_code } },
  });
  assert.is(declineOf({}), undefined);
  assert.is(declineOf(declined('insufficient_funds')), 'soft');
  assert.is(declineOf(declined('lost_card')), 'hard');
  assert.is(declineOf({ charge: { id: 'ch_1', outcome: { reason: 'highest_risk_level' } } }), 'fraud');
});

test('an ended subscription is an ending at its instant', () => {
  const object = {
    id: 'sub_1',
    customer: 'cus_1',
    status: 'canceled',
    ended_at: at('2027-06-01T12:00:00Z'),
    metadata: {},
  };
  const reading = read(stripeEvent('customer.subscription.deleted', object));
  if (reading.kind !== 'ending') throw new Error(reading.kind);
  assert.equal(providerEndingSchema.parse(reading.ending), reading.ending);
  assert.equal([reading.ending.subscriptionRef, reading.ending.endedAt], ['sub_1', '2027-06-01T12:00:00.000Z']);
  const own = read(stripeEvent('customer.subscription.deleted', { ...object, metadata: { perennial: 'acme/S1' } }));
  assert.is(own.kind === 'ending' && own.ending.subscriptionRef, 'acme/S1');
  assert.is(own.kind === 'ending' && own.links.length, 1);
});

test('types that are not interpreted are stored, not dropped', () => {
  const reading = read(stripeEvent('entitlements.active_entitlement_summary.updated', { customer: 'cus_1' }));
  if (reading.kind !== 'stored') throw new Error(reading.kind);
  assert.equal(paymentEventSchemas.ProviderEventStored.parse(reading.event), reading.event);
  assert.is(reading.event.providerObjectId, 'evt_1', 'an object without an id');
});

test('an event that is not interpreted still teaches who belongs to whom', () => {
  const told = (type: string, object: object): string[] =>
    linksLearntFrom(stripeEvent(type, object)).map(({ from, to }) => `${from.ref} > ${to.ref}`);
  const created = { id: 'sub_1', object: 'subscription', latest_invoice: 'in_1', metadata: { perennial: 'acme/S1' } };
  assert.equal(told('customer.subscription.created', created), ['sub_1 > acme/S1', 'in_1 > acme/S1']);
  assert.equal(told('charge.succeeded', { id: 'ch_1', object: 'charge', payment_intent: 'pi_1', invoice: null }), [
    'ch_1 > pi_1',
  ]);
  const session = { id: 'cs_1', object: 'checkout.session', payment_intent: 'pi_1', subscription: 'sub_1', charge: 7 };
  assert.equal(told('checkout.session.completed', { ...session, client_reference_id: 'victim/S1' }), ['pi_1 > sub_1']);
  assert.equal(
    told('customer.subscription.created', { ...created, default_payment_method: 'pm_1' }).at(-1),
    'pm_1 > acme/S1',
  );
  assert.equal(told('invoice.finalized', basilInvoice()), ['sub_1 > acme/S1', 'in_1 > acme/S1']);
});

test('no personal data and no card number gets into a fact', () => {
  const text = JSON.stringify(
    read(stripeEvent('invoice.paid', oldInvoice({ charge: '4111 1111 1111 1111', description: '4111111111111111' }))),
  );
  assert.not.ok(text.includes('someone@example.com') || text.includes('4111'));
});

test('amounts are ISO minor units, also where Stripe writes hundredths of a currency that has none', () => {
  const amountOf = (currency: string, amount_paid: number): unknown =>
    factOf(stripeEvent('invoice.paid', oldInvoice({ currency, amount_paid }))).amount;
  assert.equal(amountOf('jpy', 500), { minor: 500, currency: 'JPY' });
  assert.equal(amountOf('isk', 50_000), { minor: 500, currency: 'ISK' });
  assert.is(read(stripeEvent('invoice.paid', oldInvoice({ currency: 'isk', amount_paid: 50_050 }))).kind, 'unreadable');
});

test('what is no Stripe event, or a broken one, is parked with its issues', () => {
  const codeOf = (event: unknown): string => {
    const reading = read(event);
    return reading.kind === 'unreadable' ? reading.code : reading.kind;
  };
  assert.is(codeOf('hello'), 'NOT_A_STRIPE_EVENT');
  assert.is(codeOf(stripeEvent('invoice.paid', oldInvoice({ id: 'in_\ud83d' }))), 'ILL_FORMED_TEXT');
  assert.is(codeOf({ ...stripeEvent('invoice.paid', {}), created: 'yesterday' }), 'NOT_A_STRIPE_EVENT');
  assert.is(codeOf(stripeEvent('invoice.paid', { id: 'in_1' })), 'INVALID_FACT');
  assert.is(codeOf(stripeEvent('charge.refunded', { id: 'ch_1', amount: -1 })), 'INVALID_FACT');
});

function linksLearntFrom(event: unknown): ReturnType<typeof linksOf> {
  const reading = read(event);
  return reading.kind === 'stored' ? (reading.event.links ?? []) : [];
}

test.run();
