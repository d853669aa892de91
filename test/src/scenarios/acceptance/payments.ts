/** Money: late, early, twice, back, disputed, contradictory. */
import * as assert from 'uvu/assert';
import type { Json } from '../../pipeline/perennial.ts';
import type { Customer } from './customer.ts';
import type { Scenario } from './play.ts';
import { stripeDispute, stripeInvoice } from './stripe.ts';

const effects = async (customer: Customer, id = 's'): Promise<string[]> =>
  (await customer.history({ id })).flatMap(({ type, data }) => (type === 'PaymentFactRecorded' ? [data.effect] : []));

/** Scenarios of `domain.md` 7 about payments, and those that it leaves out. */
export const paymentScenarios: readonly Scenario[] = [
  {
    name: '3: paid in time and delivered late leaves no gap, and the log still knows what was known when',
    story: async function* (customer) {
      yield '2026-06-01';
      await customer.buy();
      await customer.pays('settled', { object: 'first' });
      yield '2027-06-01T12:00';
      assert.is((await customer.show()).status, 'expired');
      yield '2027-06-02T10:00';
      await customer.pays('settled', { object: 'renewal', at: '2027-05-31T23:59:30.000Z' });
      const { status, termEnd } = await customer.show();
      assert.equal([status, termEnd], ['active', '2028-06-01T00:00:00.000Z']);
      const events = (await customer.history()).slice(-3);
      assert.equal(
        events.map(({ type, effectiveAt }) => `${type} ${effectiveAt}`),
        [
          'PaymentFactRecorded 2027-05-31T23:59:30.000Z',
          'ExpiryReversed 2027-06-01T00:00:00.000Z',
          'SubscriptionRenewed 2027-06-01T00:00:00.000Z',
        ],
      );
      assert.is((await customer.show('?at=2027-06-01T12:00:00Z')).status, 'active');
      assert.is((await customer.show('?at=2027-06-01T12:00:00Z&knownAt=2027-06-01T12:00:00Z')).status, 'expired');
    },
  },
  {
    name: '4: a late payment in grace brings it back by itself, from the old end',
    story: async function* (customer) {
      yield '2026-06-01';
      await customer.buy();
      await customer.pays('settled', { object: 'first' });
      yield '2027-06-20T08:00';
      assert.is((await customer.show()).status, 'expired');
      await customer.pays('settled', { object: 'renewal' });
      const { status, termEnd } = await customer.show();
      assert.equal([status, termEnd], ['active', '2028-06-01T00:00:00.000Z']);
      assert.equal(await customer.told(/Reactivat/), [
        'SubscriptionReactivated 2027-06-20T08:00:00.000Z',
        'ReactivationConfirmed 2027-06-20T08:00:00.000Z',
      ]);
    },
  },
  {
    name: 'ours (5): disabled for not paying, a late payment brings it back; with fraud among the reasons it does not',
    story: async function* (customer) {
      yield '2026-06-01';
      for (const id of ['s', 'fraud']) await customer.buy({ term: 'P1M' }, { id });
      yield '2026-08-15';
      assert.is((await customer.show()).status, 'disabled');
      await customer.asks('disable', { reason: 'fraud' }, { id: 'fraud' });
      await customer.pays('settled', { object: 'late' });
      await customer.pays('settled', { object: 'suspect', ref: `${customer.tenant}/fraud` });
      const back = await customer.show();
      assert.equal(
        [back.status, back.termStart, back.termEnd],
        ['active', '2026-08-15T00:00:00.000Z', '2026-09-15T00:00:00.000Z'],
      );
      const kept = await customer.show('', { id: 'fraud' });
      assert.equal([kept.status, kept.credit], ['disabled', { minor: 3000, currency: 'EUR' }]);
    },
  },
  {
    name: '6: money for what is deleted is due back, and changes nothing',
    story: async function* (customer) {
      yield '2026-06-01';
      await customer.buy({ term: 'P1M', recurringBilling: false });
      yield '2027-01-01';
      const before = await customer.show();
      assert.is(before.status, 'deleted');
      await customer.pays('settled', { object: 'late' });
      assert.is((await customer.show()).status, 'deleted');
      const due = await customer.inbox('refund_due');
      assert.is(due.length, 1, JSON.stringify(due));
    },
  },
  {
    name: '7: a payment for a subscription that nobody knows yet waits, and is matched once',
    story: async function* (customer) {
      yield '2027-02-10T08:00';
      const ref = `sub_999_${customer.tenant}`;
      await customer.pays('settled', { object: 'invoice', ref });
      assert.is((await customer.inbox('parked')).length, 1);
      yield '2027-02-10T08:40';
      await customer.order({ providerRefs: { bank: { subscription: ref } } });
      await customer.asks('activate');
      yield '2027-02-10T08:41';
      const { status, termStart } = await customer.show();
      assert.equal([status, termStart], ['active', '2027-02-10T08:40:00.000Z']);
      const paid = (await customer.history()).filter(({ data }) => data.fact !== undefined);
      assert.equal(
        paid.map(({ data }) => data.fact.occurredAt),
        ['2027-02-10T08:00:00.000Z'],
        'applied once, at the instant it was paid',
      );
      assert.equal(await customer.inbox('parked'), []);
      assert.is((await customer.inbox('matched')).length, 1);
    },
  },
  {
    name: '8: paid before the activation: the term begins with the activation, and is paid',
    story: async function* (customer) {
      yield '2027-02-01';
      await customer.order({ price: { minor: 1000, currency: 'EUR' } });
      yield '2027-02-01T01:00';
      await customer.pays('settled', { object: 'order' });
      assert.equal(await effects(customer), ['parked']);
      yield '2027-02-04';
      await customer.asks('activate');
      const { termStart, termEnd, credit, pastDue } = await customer.show();
      assert.equal([termStart, termEnd], ['2027-02-04T00:00:00.000Z', '2028-02-04T00:00:00.000Z']);
      assert.equal([credit, pastDue], [null, null]);
      await customer.pays('settled', { object: 'next' });
      assert.is((await customer.show()).termEnd, '2029-02-04T00:00:00.000Z', 'the next payment is for the next term');
    },
  },
  {
    name: '9: a payment that is told twice, by one event or by two, at once, renews once',
    story: async function* (customer) {
      yield '2026-12-01';
      const sub = `sub_${customer.tenant}`;
      await customer.buy({ providerRefs: { stripe: { subscription: sub } } });
      await customer.pays('settled', { object: 'first' });
      yield '2027-02-01';
      const paid = stripeInvoice(customer.tenant, {
        sub,
        paidAt: '2027-02-01T00:00:00Z',
        from: '2027-12-01',
        to: '2028-12-01',
      });
      const events = ['invoice.paid', 'invoice.paid', 'invoice.payment_succeeded'].map((type) =>
        paid(`evt_${type}`, type),
      );
      // Over NATS, by two senders that the broker cannot tell to be one.
      const servicePeriod = { start: '2028-12-01T00:00:00Z', end: '2029-12-01T00:00:00Z' };
      const second = { object: 'second', providerEventId: `evt_${customer.tenant}_second`, servicePeriod };
      await Promise.all([
        ...events.map((event) => customer.stripeSends(event)),
        customer.publishes('settled', { ...second, messageId: 'one' }),
        customer.publishes('settled', { ...second, messageId: 'two' }),
      ]);
      yield '2027-02-01T00:01';
      assert.is((await customer.told(/SubscriptionRenewed/)).length, 2);
      assert.is((await customer.show()).termEnd, '2029-12-01T00:00:00.000Z', 'two payments, two terms');
      const duplicates = (await customer.inbox('duplicate')).map(({ reason }: Json) => reason).sort();
      assert.equal(duplicates, ['DUPLICATE_EFFECT', 'DUPLICATE_TRANSPORT']);
    },
  },
  {
    name: '18: an inquiry is not a dispute; ours (17): a dispute cuts off after a day, and won it gives back',
    story: async function* (customer) {
      yield '2027-03-01';
      const sub = `sub_${customer.tenant}`;
      await customer.buy({ providerRefs: { stripe: { subscription: sub } } });
      const paid = stripeInvoice(customer.tenant, {
        sub,
        paidAt: '2027-03-01T00:00:00Z',
        from: '2027-03-01',
        to: '2028-03-01',
      });
      await customer.stripeSends(paid('evt_paid', 'invoice.paid'));
      const dispute = stripeDispute(customer.tenant);
      await customer.stripeSends(dispute('evt_inquiry', 'created', 'warning_needs_response', '2027-03-01T00:00:00Z'));
      yield '2027-03-05';
      assert.equal([(await customer.show()).status, await effects(customer)], ['active', ['activation', 'noted']]);
      await customer.stripeSends(dispute('evt_dispute', 'updated', 'needs_response', '2027-03-05T00:00:00Z'));
      yield '2027-03-05T12:00';
      const open = await customer.show();
      assert.equal([open.status, open.disabledReasons], ['active', ['chargeback']]);
      yield '2027-03-06';
      assert.is((await customer.show()).status, 'disabled');
      await customer.stripeSends(dispute('evt_won', 'closed', 'won', '2027-03-06T00:00:00Z'));
      yield '2027-03-06T00:01';
      const won = await customer.show();
      assert.equal([won.status, won.disabledReasons, won.termEnd], ['active', [], '2028-03-01T00:00:00.000Z']);
    },
  },
  {
    name: 'ours (19): a lost dispute stays; only Support brings the subscription back',
    story: async function* (customer) {
      yield '2027-03-01';
      await customer.buy();
      await customer.pays('settled', { object: 'first' });
      await customer.pays('dispute_lost', { object: 'dispute', invoiceRef: 'first' });
      const lost = await customer.show();
      assert.equal([lost.status, lost.disabledReasons], ['disabled', ['chargeback']]);
      await customer.pays('settled', { object: 'sorry' });
      assert.is((await customer.show()).status, 'disabled');
      assert.equal((await customer.action('reactivate')).reasonCodes, ['DISABLED_BY_PROVIDER']);
      const back = await customer.asks('support-reactivate', { reason: 'agreed', ticket: 'T-1' }, { as: 'support' });
      assert.is(back.status, 'active');
    },
  },
  {
    name: '35: what contradicts itself is kept aside, and moves nothing',
    story: async function* (customer) {
      yield '2027-03-01';
      const sub = `sub_${customer.tenant}`;
      await customer.buy({ providerRefs: { stripe: { subscription: sub } } });
      const paid = stripeInvoice(customer.tenant, {
        sub,
        paidAt: '2027-03-01T00:00:00Z',
        from: '2027-03-01',
        to: '2028-03-01',
      });
      // Failed by its type, paid by its content.
      await customer.stripeSends(paid('evt_both', 'invoice.payment_failed'));
      yield '2027-03-01T00:01';
      assert.equal([(await customer.show()).status, (await customer.show()).pastDue], ['active', null]);
      assert.equal(await effects(customer), []);
      const [row] = await customer.inbox('quarantined');
      assert.ok(row, 'it is in the inbox');
      assert.ok(row.reason, JSON.stringify(row));
    },
  },
  {
    name: 'ours (34): two billing systems may pay one subscription, each by a name of its own',
    story: async function* (customer) {
      yield '2027-03-01';
      const [bank, psp] = [`b-${customer.tenant}`, `p-${customer.tenant}`];
      await customer.buy({
        term: 'P1M',
        providerRefs: { bank: { subscription: bank }, psp: { subscription: psp } },
      });
      await customer.pays('settled', { object: 'one', ref: bank });
      yield '2027-03-20';
      // The same id at another provider is another payment.
      await customer.pays('settled', { object: 'one', ref: psp, provider: 'psp' });
      assert.is((await customer.show()).termEnd, '2027-05-01T00:00:00.000Z');
    },
  },
];
