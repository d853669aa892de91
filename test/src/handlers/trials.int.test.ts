/**
 * One trial per tenant and offer, on real engines and with two processes' worth of command services.
 */
import { subscriptionStream, trialStream, type SubscriptionCommand } from '@perennial/domain';
import type { CommandResult } from '@perennial/handlers';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { startEngines, type Engines } from './engines.ts';
import { openWriteSide, type WriteSide } from './write-side.ts';

const test = suite('trials on real engines');
let engines: Engines;
let one: WriteSide;
let other: WriteSide;

test.before(async () => {
  engines = await startEngines();
  one = await openWriteSide(engines);
  other = await openWriteSide(engines);
});

test.after(async () => {
  await one?.stop();
  await other?.stop();
  await engines?.stop();
});

function trial(planId: string): SubscriptionCommand {
  return {
    name: 'create',
    body: {
      planId,
      seats: 1,
      term: 'P1M',
      zone: 'UTC',
      profile: 'direct-mosa-2020',
      channel: 'direct',
      recurringBilling: true,
      trial: true,
      providerRefs: {},
    },
  };
}

async function count(stream: string): Promise<number> {
  let events = 0;
  for await (const _ of engines.store.readStream(stream)) events += 1;
  return events;
}

test('of ten creates at once, from two processes, exactly one has the trial', async () => {
  for (let round = 1; round <= 5; round += 1) {
    const plan = `offer-${round}`;
    const ids = Array.from({ length: 10 }, (_, index) => `${plan}-${index}`);
    const results = await Promise.all(
      ids.map((id, index) => (index % 2 === 0 ? one : other).execute(id, trial(plan), `create-${id}`)),
    );
    const kinds = (kind: CommandResult['kind']): number => results.filter((result) => result.kind === kind).length;
    assert.equal([kinds('accepted'), kinds('refused')], [1, 9], JSON.stringify(results.map(({ kind }) => kind)));
    for (const result of results) {
      if (result.kind === 'refused') assert.equal(result.reasonCodes, ['TRIAL_ALREADY_USED']);
    }
    assert.is(await count(trialStream('acme', plan)), 1);
    const created = await Promise.all(ids.map((id) => count(subscriptionStream('acme', id))));
    assert.is(created.filter((events) => events > 0).length, 1, 'nothing is left behind for the losers');
  }
});

test('the winner’s create repeated by the other process is the same trial', async () => {
  const command = trial('offer-again');
  assert.is((await one.execute('again', command, 'create-again')).kind, 'accepted');
  assert.is((await other.execute('again', command, 'create-again')).kind, 'repeated');
  assert.is(await count(trialStream('acme', 'offer-again')), 1);
});

test.run();
