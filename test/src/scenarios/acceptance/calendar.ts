/** Terms and windows by the calendar of the customer's zone. */
import * as assert from 'uvu/assert';
import type { Customer } from './customer.ts';
import type { Scenario } from './play.ts';

/** Where each term that was renewed begins. */
const renewals = async (customer: Customer): Promise<string[]> =>
  (await customer.history()).flatMap(({ type, data }) => (type === 'SubscriptionRenewed' ? [data.termStart] : []));

/** Pays the first term and so many more, all ahead. */
async function paysTerms(customer: Customer, count: number): Promise<void> {
  for (let number = 0; number <= count; number += 1) await customer.pays('settled', { object: `term-${number}` });
}

/** Scenarios of `domain.md` 7 about months, leap days and clocks that are moved. */
export const calendarScenarios: readonly Scenario[] = [
  {
    name: '27: bought on the 31st: the last day of a shorter month, and the 31st again',
    story: async function* (customer) {
      yield '2027-01-31T09:30';
      await customer.buy({ term: 'P1M', zone: 'Europe/Amsterdam' });
      await paysTerms(customer, 4);
      assert.equal(await renewals(customer), [
        '2027-02-28T09:30:00.000Z',
        '2027-03-31T08:30:00.000Z',
        '2027-04-30T08:30:00.000Z',
        '2027-05-31T08:30:00.000Z',
      ]);
    },
  },
  {
    name: '29: half past two does not exist in March, and twice in October; thirty days are calendar days',
    story: async function* (customer, stage) {
      const [grace, autumn] = [stage.customer('grace'), stage.customer('autumn')];
      const zone = 'Europe/Amsterdam';
      yield '2027-01-28T01:30';
      await customer.buy({ term: 'P1M', zone });
      await paysTerms(customer, 2);
      assert.equal(await renewals(customer), ['2027-02-28T01:30:00.000Z', '2027-03-28T01:30:00.000Z']);
      yield '2027-02-10T08:00';
      await grace.buy({ term: 'P1M', zone, recurringBilling: false });
      yield '2027-03-10T08:00';
      assert.equal((await grace.show()).deadline, { kind: 'grace-end', at: '2027-04-09T07:00:00.000Z' });
      yield '2027-04-09T06:59:59.999';
      assert.is((await grace.show()).status, 'expired');
      yield '2027-04-09T07:00';
      assert.is((await grace.show()).status, 'disabled');
      yield '2027-08-31T00:30';
      await autumn.buy({ term: 'P1M', zone });
      await paysTerms(autumn, 2);
      assert.equal(await renewals(autumn), ['2027-09-30T00:30:00.000Z', '2027-10-31T00:30:00.000Z']);
    },
  },
  {
    name: 'ours (28): bought on a leap day: the 28th in other years, and the 29th again',
    story: async function* (customer) {
      yield '2028-02-29';
      await customer.buy();
      await paysTerms(customer, 4);
      assert.equal(
        (await renewals(customer)).map((instant) => instant.slice(0, 10)),
        ['2029-02-28', '2030-02-28', '2031-02-28', '2032-02-29'],
      );
    },
  },
];
