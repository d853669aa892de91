import { addDuration } from '@perennial/domain';
import type { z } from '@hono/zod-openapi';
import type { actionsSchema } from '../../../http/schemas/actions.ts';
import { apiPath } from '../../client.ts';
import type { Chapter } from '../chapter.ts';
import { people } from './cast.ts';
import { accessThrough, shown, subscription, timeline } from './questions.ts';

/** The paid month is over. */
export const expiry: Chapter = {
  id: 'expiry',
  title: 'Nobody pays for the next month: expired',
  about: 'The term is over to the millisecond. During the grace of 30 days everybody keeps full access.',
  play: async (stage) => {
    const acme = stage.named('acme');
    const { termEnd } = await subscription(stage, acme, 'office');
    const end = termEnd ?? stage.now;
    await stage.advance({ advanceTo: new Date(Date.parse(end) - 1).toISOString() });
    stage.check('a millisecond before it is active', (await subscription(stage, acme, 'office')).status, 'active');
    await stage.advance({ advanceTo: end });
    const office = shown(await stage.products(acme), 'office');
    stage.check('at the end of the term it is expired', office?.status, 'expired');
    stage.check('grace ends 30 days later', office?.deadline?.at, addDuration(end, 'P30D', 'UTC'));
    const alice = await stage.account(acme, people.alice);
    stage.check('Alice still has full access to what Office opens', accessThrough(alice, 'office'), ['full']);
  },
};

/** Grace is over as well. */
export const disabled: Chapter = {
  id: 'disabled',
  title: 'Grace is over: disabled',
  about:
    'Services are cut off, desktop apps fall back to reading and printing, and no licence can be assigned. What Visio opens stays.',
  play: async (stage) => {
    const acme = stage.named('acme');
    const { deadline } = await subscription(stage, acme, 'office');
    const graceEnd = deadline?.at ?? stage.now;
    await stage.advance({ advanceTo: graceEnd });
    const office = shown(await stage.products(acme), 'office');
    stage.check('acme/office is disabled', office?.status, 'disabled');
    stage.check('because grace has elapsed', office?.disabledReasons, ['grace_elapsed']);
    stage.check('its data is kept 90 days', office?.deadline?.at, addDuration(graceEnd, 'P90D', 'UTC'));
    const bob = await stage.account(acme, people.bob);
    stage.check('Bob has only what a desktop app can do alone', accessThrough(bob, 'office'), ['none', 'reduced']);
    const alice = await stage.account(acme, people.alice);
    stage.check('Alice keeps what Visio opens', accessThrough(alice, 'visio'), ['full']);
    const events = await timeline(stage, acme, 'office');
    const due = events.find(({ type }) => type === 'SubscriptionDisabled')?.effectiveAt;
    stage.check('the log says that it happened when it was due', due, graceEnd);
    const refusal = await stage.refusedCommand({
      tenant: acme,
      id: 'office',
      name: 'assign-license',
      body: { userId: 'dave@acme.example' },
      roles: 'billing-admin',
    });
    stage.check('with every reason at once', [...refusal.reasonCodes].sort(), [
      'LICENSE_ASSIGNMENT_FROZEN',
      'NOT_LICENSE_ADMIN',
    ]);
    const remedies = refusal.remedies.map(({ text }) => [text.en !== '', text.nl !== '']);
    stage.check(
      'and what to do, in English and Dutch',
      remedies.every(([en, nl]) => en && nl),
      true,
    );
  },
};

/** What an administrator may do now: the list that the command handler itself decides by. */
export const actions: Chapter = {
  id: 'actions',
  title: 'What can be done about it?',
  about: 'Every command says whether it may be given, to this caller, now; if not, why, and what helps.',
  play: async (stage) => {
    const acme = stage.named('acme');
    const path = apiPath('tenants', acme, 'subscriptions', 'office', 'actions');
    const offered = await stage.read<z.infer<typeof actionsSchema>>(path);
    const available = offered.actions.filter((action) => action.available).map(({ command }) => command);
    const reactivate = offered.actions.find(({ command }) => command === 'reactivate');
    stage.did('http', 'list the actions on acme/office', { available });
    stage.check('Reactivate is offered', reactivate?.available, true);
    stage.check('and asks for a payment method', reactivate?.needs, ['paymentMethod']);
    const refusal = await stage.refusedCommand({
      tenant: acme,
      id: 'office',
      name: 'reactivate',
      roles: 'license-admin',
    });
    stage.check('a licence administrator may not pay', refusal.reasonCodes.includes('NOT_BILLING_ADMIN'), true);
    await stage.products(acme);
  },
};
