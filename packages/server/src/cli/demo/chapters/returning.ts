import { addDuration } from '@perennial/domain';
import { bankEvent } from '../bank-event.ts';
import type { Chapter } from '../chapter.ts';
import type { Stage } from '../stage.ts';
import { card, people } from './cast.ts';
import { accessThrough, shown } from './questions.ts';

/** Reactivated in two phases: on trust, then for good. */
export function reactivationChapters(): readonly [onTrust: Chapter, forGood: Chapter] {
  let since: string | undefined;
  const onTrust: Chapter = {
    id: 'reactivation-on-trust',
    title: 'Reactivated, first on trust',
    about: 'With payment details access is back at once, before any money has come.',
    play: async (stage) => {
      since = stage.now;
      await reactivate(stage);
    },
  };
  const forGood: Chapter = {
    id: 'reactivation-for-good',
    title: 'The money comes: active',
    about:
      'The payment settles the reactivation. A new month runs from the reactivation on, and the seats are taken as before.',
    play: async (stage) => {
      if (since === undefined) throw new Error('the second phase comes after the first');
      await settle(stage, since);
    },
  };
  return [onTrust, forGood];
}

async function reactivate(stage: Stage): Promise<void> {
  const acme = stage.named('acme');
  const key = stage.named('come-back');
  const body = { paymentMethod: card };
  const command = { tenant: acme, id: 'office', name: 'reactivate', body, roles: 'billing-admin', key };
  const first = await stage.command(command);
  stage.check('acme/office is reactivated', first.status, 'reactivated');
  const repeated = await stage.command(command);
  stage.check('the same Idempotency-Key gives the first result', repeated.events, first.events);
  const office = shown(await stage.products(acme), 'office');
  const confirmBy = addDuration(stage.now, 'PT23H', 'UTC');
  stage.check('a card has 23 hours to pay', office?.deadline?.at, confirmBy);
  const bob = await stage.account(acme, people.bob);
  stage.check('Bob has full access again', accessThrough(bob, 'office'), ['full']);
}

async function settle(stage: Stage, since: string): Promise<void> {
  const acme = stage.named('acme');
  await stage.advance({ advanceBy: 'PT1H' });
  const [eventId, invoice] = [stage.named('evt_back'), stage.named('inv_back')];
  await stage.publish(bankEvent({ eventId, invoice, subscriptionRef: `${acme}/office`, occurredAt: stage.now }));
  await stage.advance({ advanceBy: 'PT1M' });
  const office = shown(await stage.products(acme), 'office');
  stage.check('acme/office is active', office?.status, 'active');
  stage.check('with a new month from the reactivation on', office?.termEnd, addDuration(since, 'P1M', 'UTC'));
  stage.check('nobody had to be assigned again', office?.seats.assigned, 2);
  const bob = await stage.account(acme, people.bob);
  stage.check('Bob has full access', accessThrough(bob, 'office'), ['full']);
}
