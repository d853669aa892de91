import { nextDeadline, type SubscriptionState } from '@perennial/domain';
import type { Clock } from '../clock/clock.ts';
import { failureCode, failureMessage } from '../retry/classify-failure.ts';
import type { Logger } from '../role/logger.ts';
import type { StreamHandler } from './stream-handler.ts';

/** A subscription whose deadlines were fired. */
export type PassedDeadlines = { readonly tenant: string; readonly subscriptionId: string };

/**
 * Tells of every append that fired deadlines, whoever made it: a timer, or a command or payment that came before the timers
 * did. The states that were passed over in one step leave nothing behind that is still due, so that nobody else would look.
 * What the listener cannot do is logged: the append stands.
 */
export function tellingOfDeadlines(
  handler: StreamHandler<SubscriptionState>,
  {
    clock,
    log,
    onDeadlinesPassed,
  }: {
    readonly clock: Pick<Clock, 'now'>;
    readonly log: Logger;
    readonly onDeadlinesPassed: (subscription: PassedDeadlines) => Promise<unknown>;
  },
): StreamHandler<SubscriptionState> {
  return {
    read: (stream) => handler.read(stream),
    transact: async (stream, decide) => {
      let due: PassedDeadlines | null = null;
      const outcome = await handler.transact(stream, (view) => {
        const { header } = view.state;
        const deadline = header === null ? null : nextDeadline(header);
        due = header !== null && deadline !== null && deadline.at <= clock.now() ? header : null;
        return decide(view);
      });
      if (due === null || outcome.appended.length === 0) return outcome;
      try {
        await onDeadlinesPassed(due);
      } catch (error) {
        log.warn({ code: failureCode(error) }, `after deadlines: ${failureMessage(error)}`);
      }
      return outcome;
    },
  };
}
