import { addDuration } from '@perennial/domain';
import type { Chapter } from '../chapter.ts';
import type { Stage } from '../stage.ts';
import { failedInvoice, paidInvoice, stripeEvent, type StripeInvoice } from '../stripe-event.ts';
import { shown, subscription, timeline } from './questions.ts';

/** The invoice of Globex: paid here, refunded in a later chapter. */
export async function globexInvoice(stage: Stage): Promise<StripeInvoice> {
  const { termStart, termEnd } = await subscription(stage, stage.named('globex'), 'suite');
  return {
    id: stage.named('in_globex'),
    subscription: stage.named('sub_globex'),
    charge: stage.named('ch_globex'),
    period: { start: termStart ?? stage.now, end: termEnd ?? stage.now },
  };
}

/** Stripe delivers twice, under two types, and in the wrong order. */
export const outOfOrder: Chapter = {
  id: 'out-of-order',
  title: 'Stripe delivers in the wrong order',
  about:
    'The success comes first, then its sibling type, then the failed attempt before it. The signature of every event is checked on its bytes.',
  play: async (stage) => {
    const globex = stage.named('globex');
    const invoice = await globexInvoice(stage);
    const failedAt = stage.now;
    await stage.advance({ advanceBy: 'PT10M' });
    const paidAt = stage.now;
    const paid = stripeEvent(stage.named('evt_paid'), 'invoice.paid', paidAt, paidInvoice(invoice, paidAt));
    const forged = await stage.stripe(paid, 'whsec_not_the_secret');
    stage.check('an event with a wrong signature is refused', forged['code'], 'SIGNATURE_INVALID');
    await stage.stripe(paid);
    const again = await stage.stripe(paid);
    stage.check('the same event is recognised', again['duplicate'], true);
    const sibling = paidInvoice(invoice, paidAt);
    await stage.stripe(stripeEvent(stage.named('evt_succeeded'), 'invoice.payment_succeeded', paidAt, sibling));
    const failed = failedInvoice(invoice, addDuration(failedAt, 'P3D', 'UTC'));
    await stage.stripe(stripeEvent(stage.named('evt_failed'), 'invoice.payment_failed', failedAt, failed));
    await stage.advance({ advanceBy: 'PT1M' });

    const suite = shown(await stage.products(globex), 'suite');
    stage.check('globex/suite is active', suite?.status, 'active');
    stage.check('and not past due: the payment came after the failure', suite?.pastDue, null);
    stage.check('the payment covers the running year, once', suite?.termEnd, invoice.period.end);
    const renewals = (await timeline(stage, globex, 'suite')).filter(({ type }) => type === 'SubscriptionRenewed');
    stage.check('so nothing was renewed', renewals.length, 0);
  },
};
