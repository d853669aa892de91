/** Ending, cancelling and coming back. */
import * as assert from 'uvu/assert';
import type { Json } from '../../pipeline/perennial.ts';
import { card } from './customer.ts';
import type { Scenario } from './play.ts';

const price = { minor: 1000, currency: 'EUR' } as const;

/** Scenarios of `domain.md` 7 about the lifecycle, and the late ones that it leaves out. */
export const lifecycleScenarios: readonly Scenario[] = [
  {
    name: '1: a term that nobody renews expires, is disabled and deleted, each at its due instant; 2: to the millisecond',
    story: async function* (customer) {
      yield '2026-06-01';
      await customer.buy({ recurringBilling: false });
      await customer.licenses(3);
      yield '2027-06-01';
      assert.is((await customer.show()).status, 'expired');
      assert.equal(await customer.access(), { desktop: 'full', service: 'full' });
      assert.is((await customer.show('?at=2027-05-31T23:59:59.999Z')).status, 'active');
      assert.is((await customer.show('?at=2027-06-01T00:00:00.000Z')).status, 'expired');
      yield '2027-07-01';
      assert.is((await customer.show()).status, 'disabled');
      assert.equal(await customer.access(), { desktop: 'reduced', service: 'none' });
      const refused = await customer.isRefused('assign-license', { userId: 'p4' });
      assert.ok(refused.reasonCodes.includes('LICENSE_ASSIGNMENT_FROZEN'));
      yield '2027-09-29';
      assert.is((await customer.show()).status, 'deleted');
      assert.equal(await customer.access(), { desktop: 'none', service: 'none' });
      assert.equal(await customer.told(/Expired|Disabled|Deleted/), [
        'SubscriptionExpired 2027-06-01T00:00:00.000Z',
        'SubscriptionDisabled 2027-07-01T00:00:00.000Z',
        'SubscriptionDeleted 2027-09-29T00:00:00.000Z',
      ]);
    },
  },
  {
    name: '11: reactivating what expired extends it from its old end, for the same people; 16: a full refund ends it, once',
    story: async function* (customer) {
      yield '2027-03-01';
      await customer.buy({ term: 'P1M', seats: 12, recurringBilling: false, price });
      await customer.pays('settled', { object: 'first', minor: 12_000 });
      await customer.licenses(12);
      yield '2027-04-11';
      assert.is((await customer.show()).status, 'expired');
      await customer.asks('reactivate', { paymentMethod: card }, { as: 'billing-admin' });
      const open = await customer.show();
      assert.equal([open.status, open.nextBilling], ['reactivated', '2027-05-01T00:00:00.000Z']);
      assert.equal(open.reactivation.amountDue, { minor: 12_000, currency: 'EUR' });
      yield '2027-04-11T00:10';
      await customer.pays('settled', { object: 'again', minor: 12_000 });
      const back = await customer.show();
      assert.equal([back.status, back.nextBilling, back.seats.assigned], ['active', '2027-05-01T00:00:00.000Z', 12]);
      assert.equal(await customer.access('p12'), { desktop: 'full', service: 'full' });
      yield '2027-04-11T12:00';
      await customer.pays('refunded', { object: 'again', minor: 4000, cumulativeRefunded: 4000 });
      assert.is((await customer.show()).status, 'active', 'a part of it changes nothing');
      yield '2027-04-12T09:00';
      await customer.pays('refunded', { object: 'again', minor: 12_000, cumulativeRefunded: 12_000 });
      const refunded = await customer.show();
      assert.equal([refunded.status, refunded.displayStatus], ['cancelled', 'disabled']);
      await customer.pays('refunded', {
        object: 'again',
        minor: 12_000,
        cumulativeRefunded: 12_000,
        providerEventId: 'the same refund told again',
      });
      assert.equal(await customer.told(/Cancelled/), ['SubscriptionCancelled 2027-04-12T09:00:00.000Z']);
    },
  },
  {
    name: '12: reactivating what was cancelled keeps the billing date, and charges what was given back',
    story: async function* (customer) {
      yield '2026-12-01';
      await customer.buy({ price }, { id: 's' });
      await customer.pays('settled', { object: 'year' });
      await customer.buy({}, { id: 'unpriced' });
      yield '2027-05-10';
      await customer.asks('cancel-now');
      await customer.asks('cancel-now', {}, { id: 'unpriced' });
      yield '2027-07-01';
      await customer.asks('reactivate', { paymentMethod: card });
      const { status, nextBilling, reactivation } = await customer.show();
      assert.equal([status, nextBilling], ['reactivated', '2027-12-01T00:00:00.000Z']);
      const [cancelled] = (await customer.history()).filter(({ type }) => type === 'SubscriptionCancelled');
      assert.equal(reactivation.amountDue, cancelled?.data.credit);
      const free = await customer.asks('reactivate', { paymentMethod: card }, { id: 'unpriced' });
      assert.is(free.status, 'active');
      assert.equal(
        free.events.map(({ type }: Json) => type).filter((type: string) => type !== 'PaymentMethodChanged'),
        ['SubscriptionReactivated', 'ReactivationConfirmed'],
      );
      assert.is((await customer.show('', { id: 'unpriced' })).nextBilling, '2027-12-01T00:00:00.000Z');
    },
  },
  {
    name: '14: where reactivation is not offered, every reason is named, with a way out in both languages',
    story: async function* (customer) {
      yield '2027-02-01';
      await customer.buy({ channel: 'reseller' });
      await customer.asks('disable', { reason: 'nonpayment' });
      await customer.asks('disable', { reason: 'fraud' });
      const row = await customer.action('reactivate', 'license-admin');
      assert.is(row.available, false);
      assert.equal([...row.reasonCodes].sort(), [
        'DISABLED_BY_PROVIDER',
        'NOT_BILLING_ADMIN',
        'NOT_REACTIVATABLE_BY_CHANNEL',
      ]);
      const kinds = row.remedies.map(({ kind }: Json) => kind);
      for (const kind of ['support', 'partner', 'upgrade_role']) assert.ok(kinds.includes(kind), kind);
      assert.ok(
        row.remedies.every(({ text }: Json) => text.nl.length > 0 && text.en.length > 0 && text.nl !== text.en),
      );
      const { deadline } = await customer.show();
      assert.equal(deadline, { kind: 'retention-end', at: '2027-05-02T00:00:00.000Z' });
    },
  },
  {
    name: '15: a reactivation that is never paid falls back, and leaves seven days at least',
    story: async function* (customer) {
      yield '2027-01-01';
      await customer.buy({ price });
      await customer.pays('settled', { object: 'year' });
      await customer.licenses(1);
      yield '2027-02-01';
      await customer.asks('cancel-now');
      yield '2027-04-30';
      await customer.asks('reactivate', { paymentMethod: { kind: 'bank', token: 'tok_bank', country: 'NL' } });
      assert.equal(await customer.access(), { desktop: 'full', service: 'full' });
      const { reactivation } = await customer.show();
      assert.is(reactivation.confirmBy, '2027-05-14T00:00:00.000Z', 'ten working days');
      yield '2027-05-14';
      const failed = await customer.show();
      assert.equal([failed.status, failed.deadline.at], ['cancelled', '2027-05-21T00:00:00.000Z']);
      assert.equal(await customer.access(), { desktop: 'reduced', service: 'none' });
      yield '2027-05-21';
      assert.is((await customer.show()).status, 'deleted');
      assert.equal(await customer.told(/React|Deleted/), [
        'SubscriptionReactivated 2027-04-30T00:00:00.000Z',
        'ReactivationFailed 2027-05-14T00:00:00.000Z',
        'SubscriptionDeleted 2027-05-21T00:00:00.000Z',
      ]);
    },
  },
  {
    name: '20: cancelled twice: the second is told about the first, and a repeated request gets its own answer',
    story: async function* (customer) {
      yield '2027-01-20';
      await customer.buy();
      const first = await customer.asks('cancel-now', { reason: 'no need' }, { key: 'A' });
      const second = await customer.isRefused('cancel-now', {}, { key: 'B' });
      assert.equal(second.reasonCodes, ['ALREADY_CANCELLED']);
      assert.is(second.firstEventId, first.events.at(-1).id);
      assert.equal(await customer.asks('cancel-now', { reason: 'no need' }, { key: 'A' }), first);
      assert.is((await customer.told(/Cancelled/)).length, 1);
    },
  },
  {
    name: '21: seven days from the start and from each renewal to cancel, to the millisecond',
    story: async function* (customer) {
      yield '2027-01-10T09:00';
      const ids = ['in-time', 'too-late', 'renewed'];
      for (const id of ids) {
        await customer.buy({ profile: 'direct-mca-2024', price }, { id });
        await customer.pays('settled', { object: `first-${id}`, ref: `${customer.tenant}/${id}` });
      }
      yield '2027-01-17T08:59:59.999';
      const cancelled = await customer.asks('cancel-now', {}, { id: 'in-time' });
      assert.is(cancelled.status, 'cancelled');
      const [event] = (await customer.history({ id: 'in-time' })).filter(
        ({ type }) => type === 'SubscriptionCancelled',
      );
      assert.ok(event?.data.credit.minor > 0, 'what is left of the term is given back');
      yield '2027-01-17T09:00:00.000';
      const refused = await customer.isRefused('cancel-now', {}, { id: 'too-late' });
      assert.equal(refused.reasonCodes, ['CANCEL_WINDOW_CLOSED']);
      assert.match(refused.remedies[0].text.en, /recurring billing/i);
      yield '2028-01-09';
      await customer.pays('settled', { object: 'second', ref: `${customer.tenant}/renewed` });
      yield '2028-01-12';
      assert.is((await customer.asks('cancel-now', {}, { id: 'renewed' })).status, 'cancelled');
    },
  },
  {
    name: 'ours (13, 23): a cancelled subscription is not brought back by money, and comes back out of its term with a new one',
    story: async function* (customer) {
      yield '2027-01-05';
      await customer.buy({ term: 'P1M' });
      await customer.pays('settled', { object: 'month' });
      yield '2027-01-10';
      await customer.asks('cancel-now');
      yield '2027-02-01';
      await customer.pays('settled', { object: 'late', at: '2027-02-01T00:00:00.000Z' });
      const paid = await customer.show();
      assert.equal([paid.status, paid.credit], ['cancelled', { minor: 3000, currency: 'EUR' }]);
      yield '2027-03-01';
      const refused = await customer.isRefused('reactivate', { paymentMethod: card, requireInTerm: true });
      assert.equal(refused.reasonCodes, ['REACTIVATION_NOT_IN_TERM']);
      await customer.asks('reactivate', { paymentMethod: card });
      const { termStart, termEnd } = await customer.show();
      assert.equal([termStart, termEnd], ['2027-03-01T00:00:00.000Z', '2027-04-01T00:00:00.000Z']);
    },
  },
];
