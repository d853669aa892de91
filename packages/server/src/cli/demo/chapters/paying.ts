import { addDuration } from '@perennial/domain';
import { bankEvent, type BankEvent, type BankPayment } from '../bank-event.ts';
import type { Chapter } from '../chapter.ts';
import type { Stage } from '../stage.ts';
import { shown, subscription } from './questions.ts';

/** A bank pays, and then tells of its payment again: two chapters about the same message. */
export function payingChapters(): readonly [paying: Chapter, duplicates: Chapter] {
  let renewal: BankEvent | undefined;
  const paying: Chapter = {
    id: 'paying',
    title: 'A bank pays over NATS',
    about:
      'The first payment covers the running month; the second names the next month as its service period and renews.',
    play: async (stage) => {
      renewal = await payTwice(stage);
    },
  };
  const duplicates: Chapter = {
    id: 'duplicates',
    title: 'The same payment again, three times',
    about:
      'The broker recognises the id of the message, the engine the id of the event, and then the payment itself under the id of another event.',
    play: async (stage) => {
      if (renewal === undefined) throw new Error('the chapter "duplicates" comes after "paying"');
      await repeat(stage, renewal);
    },
  };
  return [paying, duplicates];
}

async function payTwice(stage: Stage): Promise<BankEvent> {
  const acme = stage.named('acme');
  const { termEnd } = await subscription(stage, acme, 'office');
  const start = termEnd ?? stage.now;
  const end = addDuration(start, 'P1M', 'UTC');
  const renewal = bankEvent({ ...renewalOf(stage), servicePeriod: { start, end } });
  await stage.publish(bankEvent({ ...renewalOf(stage), eventId: stage.named('evt_1'), invoice: stage.named('inv_1') }));
  await stage.publish(renewal);
  await stage.advance({ advanceBy: 'PT1M' });
  const office = shown(await stage.products(acme), 'office');
  stage.check('acme/office is renewed by one month', office?.termEnd, end);
  stage.check('and is billed again then', office?.nextBilling, end);
  return renewal;
}

async function repeat(stage: Stage, renewal: BankEvent): Promise<void> {
  const acme = stage.named('acme');
  const before = await subscription(stage, acme, 'office');
  const again = await stage.publish(renewal);
  stage.check('the broker says that it has this message', again.duplicate, true);
  const otherMessage = await stage.publish(renewal, stage.named('another-message-id'));
  stage.check('as another message it is stored again', otherMessage.duplicate, false);
  const eventId = stage.named('evt_2_told_differently');
  await stage.publish({ ...renewal, id: eventId, data: { ...dataOf(renewal), providerEventId: eventId } });
  await stage.advance({ advanceBy: 'PT1M' });
  const { payments } = await stage.inbox('duplicate');
  const noted = payments.find(({ providerEventId }) => providerEventId === eventId);
  stage.check('the other event about it is noted in the inbox', noted?.reason, 'DUPLICATE_EFFECT');
  const after = shown(await stage.products(acme), 'office');
  stage.check('acme/office did not change at all', after?.version, before.version);
  stage.check('its term ends when it did', after?.termEnd, before.termEnd);
}

function renewalOf(stage: Stage): BankPayment {
  return {
    eventId: stage.named('evt_2'),
    invoice: stage.named('inv_2'),
    subscriptionRef: `${stage.named('acme')}/office`,
    occurredAt: stage.now,
  };
}

function dataOf(event: BankEvent): object {
  // `bankEvent` puts an object there.
  return event['data'] as object;
}
