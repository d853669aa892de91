/** Seats, keys, trials, holds, and the proof of it all. */
import * as assert from 'uvu/assert';
import type { Json } from '../../pipeline/perennial.ts';
import { plan } from './customer.ts';
import type { Scenario } from './play.ts';

const codesOf = ({ reasonCodes }: Json): Json => reasonCodes;

/** Scenarios of `domain.md` 7 about who may use what, and for how long without paying. */
export const peopleScenarios: readonly Scenario[] = [
  {
    name: '22: two tenants redeem one key at once: one has it, the other has nothing',
    story: async function* (customer, stage) {
      yield '2027-01-25';
      const issued = await stage.perennial.post('/product-keys', { planId: plan, seats: 5, term: 'P1Y' });
      assert.is(issued.status, 200, JSON.stringify(issued.body));
      const [{ key }] = issued.body.keys;
      const tenants = [customer.tenant, stage.customer('other').tenant];
      const answers = await Promise.all(
        tenants.map((tenant) => stage.perennial.post(`/tenants/${tenant}/product-keys/redeem`, { key, mode: 'new' })),
      );
      assert.equal(answers.map(({ status }) => status).sort(), [200, 409]);
      const loser = answers.findIndex(({ status }) => status === 409);
      assert.equal(codesOf(answers[loser]?.body), ['KEY_ALREADY_REDEEMED']);
      await stage.settle();
      const counts = await Promise.all(
        tenants.map(async (tenant) => (await customer.reads(`/tenants/${tenant}/subscriptions`)).subscriptions.length),
      );
      assert.equal(counts, loser === 0 ? [0, 1] : [1, 0]);
    },
  },
  {
    name: '24: fewer seats than assigned: refused at once; by the renewal a conflict, in which nobody loses access for 90 days',
    story: async function* (customer) {
      yield '2027-01-15';
      await customer.buy({ seats: 6 });
      await customer.pays('settled', { object: 'first' });
      await customer.licenses(6);
      const refused = await customer.isRefused('remove-seats', { count: 2 });
      assert.equal(codesOf(refused), ['SEATS_BELOW_ASSIGNED']);
      assert.match(refused.remedies[0].text.en, /2/);
      await customer.asks('remove-seats', { count: 2, when: 'renewal' });
      yield '2028-01-10';
      await customer.pays('settled', { object: 'second' });
      yield '2028-01-15';
      const open = await customer.show();
      assert.equal(open.seats, { purchased: 4, assigned: 6 });
      assert.equal(open.seatConflict, { excess: 2, deadline: '2028-04-14T00:00:00.000Z' });
      const { licenses } = await customer.reads(`/tenants/${customer.tenant}/licenses`);
      assert.is(licenses[0].conflict.excess, 2);
      const everybody = ['p1', 'p2', 'p3', 'p4', 'p5', 'p6'];
      for (const person of everybody) {
        assert.equal(await customer.access(person), { desktop: 'full', service: 'full' }, `${person} loses nothing`);
      }
      const seventh = await customer.isRefused('assign-license', { userId: 'p7' });
      assert.equal(codesOf(seventh), ['NO_FREE_SEAT']);
      yield '2028-04-13T23:59:59.999Z';
      assert.equal((await customer.show()).seats, { purchased: 4, assigned: 6 });
      const { notices } = await customer.reads(`/tenants/${customer.tenant}/subscriptions/s/notices`);
      const warned = notices.filter(({ kind }: Json) => kind === 'seat_conflict');
      assert.ok(warned.length > 1, `there were notices before, not ${JSON.stringify(notices)}`);
      yield '2028-04-14';
      const lapsed = await customer.show();
      assert.equal([lapsed.seats, lapsed.seatConflict], [{ purchased: 4, assigned: 4 }, null]);
      for (const person of everybody) {
        const access = everybody.indexOf(person) < 4 ? 'full' : 'none';
        assert.equal(
          await customer.access(person),
          { desktop: access, service: access },
          'whoever came last goes first',
        );
      }
      assert.equal((await customer.told(/SeatConflict|LicenseUnassigned/)).sort(), [
        'LicenseUnassigned 2028-04-14T00:00:00.000Z',
        'LicenseUnassigned 2028-04-14T00:00:00.000Z',
        'SeatConflictLapsed 2028-04-14T00:00:00.000Z',
        'SeatConflictOpened 2028-01-15T00:00:00.000Z',
      ]);
    },
  },
  {
    name: '25: two people for the last seat at once: one gets it',
    story: async function* (customer) {
      yield '2027-01-26';
      await customer.buy({ seats: 2 });
      await customer.licenses(1);
      const answers = await Promise.all(['p2', 'p3'].map((userId) => customer.sends('assign-license', { userId })));
      assert.equal(answers.map(({ status }) => status).sort(), [200, 409]);
      assert.equal(codesOf(answers.find(({ status }) => status === 409)?.body), ['NO_FREE_SEAT']);
      yield '2027-01-26T00:01';
      assert.equal((await customer.show()).seats, { purchased: 2, assigned: 2 });
    },
  },
  {
    name: '26: a licence moves without a moment in which its person has none',
    story: async function* (customer) {
      yield '2027-01-27';
      await customer.buy({}, { id: 's' });
      await customer.buy({ planId: 'SPE_E3', subscriptionId: 'to' }, { id: 'to' });
      await customer.licenses(1);
      const moving = new AbortController();
      const seen = (async (): Promise<string[]> => {
        const all: string[] = [];
        while (!moving.signal.aborted) all.push((await customer.access()).service);
        return all;
      })();
      const moved = await customer.sends('move-license', { userId: 'p1', toSubscriptionId: 'to' });
      assert.is(moved.status, 200, JSON.stringify(moved.body));
      yield '2027-01-27T00:01';
      moving.abort();
      const all = await seen;
      assert.ok(all.length > 0);
      assert.equal([...new Set(all)], ['full']);
      const { licenses } = await customer.reads(`/tenants/${customer.tenant}/users/p1/licenses`);
      assert.equal(
        licenses.map(({ subscriptionId }: Json) => subscriptionId),
        ['to'],
      );
    },
  },
  {
    name: '31: a trial ends in grace and is deleted, never disabled; there is one of an offer, and it can be extended once',
    story: async function* (customer, stage) {
      const extended = stage.customer('extended');
      yield '2027-01-01';
      await customer.buy({ trial: true });
      await extended.buy({ trial: true });
      yield '2027-01-11';
      assert.equal(codesOf(await extended.isRefused('extend-trial')), ['TRIAL_EXTENSION_TOO_EARLY']);
      yield '2027-01-20';
      await extended.asks('extend-trial');
      assert.is((await extended.show()).termEnd, '2027-03-03T00:00:00.000Z');
      yield '2027-02-01';
      const [over, running] = [await customer.show(), await extended.show()];
      assert.equal([over.status, running.status], ['expired', 'active']);
      const second = await stage.perennial.post(`/tenants/${customer.tenant}/subscriptions`, {
        planId: plan,
        seats: 1,
        term: 'P1Y',
        trial: true,
      });
      assert.equal([second.status, codesOf(second.body)], [409, ['TRIAL_ALREADY_USED']]);
      yield '2027-02-20';
      assert.ok(codesOf(await extended.isRefused('extend-trial')).includes('TRIAL_EXTENSION_USED'));
      yield '2027-03-03';
      assert.is((await customer.show()).status, 'deleted');
      assert.equal(await customer.told(/Expired|Disabled|Deleted/), [
        'SubscriptionExpired 2027-02-01T00:00:00.000Z',
        'SubscriptionDeleted 2027-03-03T00:00:00.000Z',
      ]);
    },
  },
  {
    name: '32: access returns when the last hold is gone; the paid time stands still for a pause, not for a suspension',
    story: async function* (customer) {
      yield '2027-01-20';
      await customer.buy({ channel: 'reseller' });
      await customer.licenses(1);
      yield '2027-01-25';
      await customer.asks('suspend', {}, { as: 'partner' });
      yield '2027-01-30';
      await customer.asks('pause', {}, { as: 'billing-admin' });
      yield '2027-02-04';
      await customer.asks('resume', { hold: 'suspend' }, { as: 'partner' });
      assert.equal(await customer.access(), { desktop: 'reduced', service: 'none' });
      yield '2027-02-09';
      await customer.asks('resume', { hold: 'pause' }, { as: 'billing-admin' });
      assert.equal(await customer.access(), { desktop: 'full', service: 'full' });
      assert.is((await customer.show()).termEnd, '2028-01-30T00:00:00.000Z', 'ten days of pause');
    },
  },
  {
    name: '33: every read model is what the log says, every chain holds, and a correction changes neither',
    story: async function* (customer, stage) {
      yield '2027-01-12';
      await customer.buy();
      await customer.licenses(2);
      await customer.pays('settled', { object: 'first' });
      const paid = (await customer.history()).find(({ data }) => data.fact !== undefined);
      await customer.asks('correct-fact', { eventId: paid?.id, reason: 'another customer' }, { as: 'support' });
      await customer.asks('add-note', { text: 'called about it' }, { as: 'support' });
      yield '2027-12-01';
      // What others of the play did is verified with it.
      const equal = await stage.perennial.post('/admin/projections/verify');
      assert.equal([equal.status, equal.body.equal], [200, true], JSON.stringify(equal.body));
      const response = await fetch(`${stage.perennial.url}/v1/tenants/${customer.tenant}/verify`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{}',
      });
      const lines = (await response.text()).trim().split('\n');
      const last: Json = JSON.parse(lines.at(-1) ?? '{}');
      assert.is(last.ok, true, lines.at(-1));
      const events = await customer.history();
      for (const [index, event] of events.entries()) {
        if (index > 0) assert.is(event.prevHash, events[index - 1]?.hash);
      }
      assert.is((await customer.show('?at=2027-01-12T00:00:00Z')).status, 'active');
    },
  },
  {
    name: 'ours (30): one command id is one command, for one subscription',
    story: async function* (customer) {
      yield '2027-01-28';
      await customer.buy({}, { id: 's' });
      await customer.buy({}, { id: 'other' });
      const first = await customer.asks('assign-license', { userId: 'p1' }, { key: 'same' });
      assert.equal(await customer.asks('assign-license', { userId: 'p1' }, { key: 'same' }), first);
      const reused = await customer.isRefused('assign-license', { userId: 'p2' }, { key: 'same' });
      assert.equal(codesOf(reused), ['COMMAND_ID_REUSED']);
      await customer.asks('assign-license', { userId: 'p2' }, { key: 'same', id: 'other' });
      await customer.isRefused('activate', {}, { key: 'free', id: 'other' });
      const other = await customer.asks('set-recurring-billing', { on: false }, { key: 'free', id: 'other' });
      assert.is(other.status, 'active', 'a refusal leaves its id free');
    },
  },
];
