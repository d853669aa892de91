import type { Chapter } from '../chapter.ts';
import { refundedCharge, stripeEvent } from '../stripe-event.ts';
import { people } from './cast.ts';
import { globexInvoice } from './out-of-order.ts';
import { accessThrough, shown, timeline } from './questions.ts';

/** The running year is paid back in full. */
export const refund: Chapter = {
  id: 'refund',
  title: 'Stripe pays a year back',
  about: 'A charge names no subscription; it is found by its invoice. A full refund of the running term cancels, once.',
  play: async (stage) => {
    const globex = stage.named('globex');
    const invoice = await globexInvoice(stage);
    const charge = refundedCharge(invoice, stage.now);
    await stage.stripe(stripeEvent(stage.named('evt_refund'), 'charge.refunded', stage.now, charge));
    await stage.advance({ advanceBy: 'PT1M' });
    const suite = shown(await stage.products(globex), 'suite');
    stage.check('globex/suite is cancelled', suite?.status, 'cancelled');
    const carol = await stage.account(globex, people.carol);
    stage.check('Carol has only what a desktop app can do alone', accessThrough(carol, 'suite'), ['none', 'reduced']);

    await stage.stripe(stripeEvent(stage.named('evt_refund_again'), 'charge.refunded', stage.now, charge));
    await stage.advance({ advanceBy: 'PT1M' });
    const types = (await timeline(stage, globex, 'suite')).map(({ type }) => type);
    const endings = types.filter((type) => type === 'SubscriptionCancelled');
    stage.check('the refund told again cancels nothing again', endings.length, 1);
  },
};
