import { addDuration } from '@perennial/domain';
import type { Chapter } from '../chapter.ts';
import type { Stage } from '../stage.ts';
import { people, plans } from './cast.ts';
import { accessThrough, shown } from './questions.ts';

/** Two organisations buy, activate and assign. */
export const buying: Chapter = {
  id: 'buying',
  title: 'Two organisations buy; people get their licences',
  about: 'Acme takes Office by the month and Visio by the year, Globex a suite by the year. A licence opens the apps.',
  play: async (stage) => {
    const [acme, globex] = [stage.named('acme'), stage.named('globex')];
    const bought = stage.now;
    await buy(stage, acme, 'office', { planId: plans.office, seats: 3, term: 'P1M' });
    await buy(stage, acme, 'visio', { planId: plans.visio, seats: 1, term: 'P1Y' });
    const providerRefs = { stripe: { subscription: stage.named('sub_globex') } };
    await buy(stage, globex, 'suite', { planId: plans.suite, seats: 2, term: 'P1Y', providerRefs });
    await assign(stage, acme, 'office', people.alice);
    await assign(stage, acme, 'office', people.bob);
    await assign(stage, acme, 'visio', people.alice);
    await assign(stage, globex, 'suite', people.carol);

    const products = await stage.products(acme);
    const office = shown(products, 'office');
    stage.check('acme/office is active', office?.status, 'active');
    stage.check('two of its three seats are taken', office?.seats, { purchased: 3, assigned: 2 });
    stage.check('its first term is one month', office?.termEnd, addDuration(bought, 'P1M', 'UTC'));
    const suite = shown(await stage.products(globex), 'suite');
    stage.check('globex/suite runs for a year', suite?.termEnd, addDuration(bought, 'P1Y', 'UTC'));
    const alice = await stage.account(acme, people.alice);
    stage.check('Alice has full access to what Office opens', accessThrough(alice, 'office'), ['full']);
    stage.check('and to what Visio opens', accessThrough(alice, 'visio'), ['full']);
  },
};

async function buy(stage: Stage, tenant: string, id: string, order: Readonly<Record<string, unknown>>): Promise<void> {
  await stage.create(tenant, { subscriptionId: id, ...order });
  await stage.command({ tenant, id, name: 'activate' });
}

async function assign(stage: Stage, tenant: string, id: string, userId: string): Promise<void> {
  await stage.command({ tenant, id, name: 'assign-license', body: { userId } });
}
