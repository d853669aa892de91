import { bankEvent } from '../bank-event.ts';
import type { Chapter } from '../chapter.ts';
import { plans } from './cast.ts';
import { apiPath } from '../../client.ts';
import { shown, timeline } from './questions.ts';

/** A payment for a subscription that nobody knows yet. */
export const unknown: Chapter = {
  id: 'unknown',
  title: 'A payment before its subscription',
  about:
    'Nobody knows what the bank pays for. The payment waits in the inbox until a subscription names the reference.',
  play: async (stage) => {
    const initech = stage.named('initech');
    const reference = stage.named('bank-777');
    const invoice = stage.named('inv_unknown');
    const eventId = stage.named('evt_unknown');
    await stage.publish(bankEvent({ eventId, invoice, subscriptionRef: reference, occurredAt: stage.now }));
    await stage.advance({ advanceBy: 'PT1M' });
    const parked = (await stage.inbox('parked')).payments.find((payment) => payment.providerEventId === eventId);
    stage.did('http', 'look into the inbox', { ...parked });
    stage.check('the payment is parked', parked?.reason, 'UNKNOWN_SUBSCRIPTION');

    const providerRefs = { bank: { subscription: reference } };
    const order = { subscriptionId: 'apps', planId: plans.apps, seats: 5, term: 'P1Y', providerRefs };
    await stage.create(initech, order);
    await stage.command({ tenant: initech, id: 'apps', name: 'activate' });
    await stage.advance({ advanceBy: 'PT40M' });
    const matched = (await stage.inbox('matched')).payments.find((payment) => payment.providerEventId === eventId);
    stage.did('http', 'look into the inbox', { ...matched });
    stage.check('it is matched', matched?.matchedTo, `${initech}/apps`);
    const apps = shown(await stage.products(initech), 'apps');
    stage.check('initech/apps is active', apps?.status, 'active');
    const events = await timeline(stage, initech, 'apps');
    const noted = events.filter(({ data }) => JSON.stringify(data).includes(`"${invoice}"`));
    stage.check('the payment is in its timeline exactly once', noted.length, 1);
  },
};

type ParkedList = {
  readonly parked: readonly { readonly id: number; readonly headers: Readonly<Record<string, readonly string[]>> }[];
};

/** Bytes that nobody can read. */
export const unreadable: Chapter = {
  id: 'unreadable',
  title: 'A message that nobody can read',
  about: 'It is kept with its raw bytes and the reason; what comes behind it is not held up.',
  play: async (stage) => {
    const text = 'Dear billing team, {this is not JSON';
    const messageId = stage.named('not-json');
    const stored = await stage.doors.publish('bank', text, messageId);
    stage.did('nats', `"${text}"`, stored);
    await stage.advance({ advanceBy: 'PT1M' });
    const { parked } = await stage.read<ParkedList>(apiPath('admin', 'parked'));
    const found = parked.find(({ headers }) => headers['Nats-Msg-Id']?.includes(messageId));
    const shownMessage = await stage.read<Readonly<Record<string, unknown>>>(
      apiPath('admin', 'parked', String(found?.id ?? 0)),
    );
    stage.did('http', 'look at what is parked', shownMessage);
    stage.check('the message is parked by intake', shownMessage['component'], 'intake');
    stage.check('with its bytes', shownMessage['payload'], text);
  },
};
