import { nextDeadline, subscriptionStream } from '@perennial/domain';
import type { Cause, DeletionClearance, TickResult } from './command-service.ts';
import { deletesByDeadline, withoutDeletion } from './deletion.ts';
import { nothing, type SubscriptionWriter } from './subscription-writer.ts';

/** `successor-open`: no deadline is due, but a reactivation as a new subscription is half done. */
type Ticked = TickResult | { readonly kind: 'successor-open' };

/** Fires the deadlines that are due at the clock's now. The state alone says which; a late tick writes the same events. */
export async function tick(
  writer: SubscriptionWriter,
  request: { readonly tenant: string; readonly subscriptionId: string; readonly deletion: DeletionClearance },
): Promise<Ticked> {
  const { tenant, subscriptionId, deletion } = request;
  const target = { tenant, subscriptionId };

  const { answer, view, appended } = await writer.subscriptions.transact<Ticked['kind']>(
    subscriptionStream(tenant, subscriptionId),
    async ({ state }) => {
      if (!state.header) return nothing('not-found');
      const deadline = nextDeadline(state.header);
      if (!deadline || deadline.at > writer.clock.now()) {
        return nothing(state.header.successor?.started === false ? 'successor-open' : 'nothing');
      }
      const commandId = `timer:${deadline.kind}:${deadline.at}`;
      const cause: Cause = { actor: { type: 'system', id: 'timers' }, roles: [], correlationId: commandId };
      const decision = writer.decide(state, { kind: 'tick' }, writer.context({ target, caller: cause, state }));
      if (decision.kind !== 'accepted') return nothing('nothing');
      if (deletion === 'ask' && deletesByDeadline(decision.events)) return nothing('deletion-due');
      const decided = deletion === 'cleared' ? decision.events : withoutDeletion(decision.events);
      const { policy } = state.header;
      return { events: await writer.seal(decided, { tenant, cause, commandId, policy }), answer: 'ticked' };
    },
  );
  if (answer !== 'ticked') return { kind: answer };
  if (appended.length === 0 || view.position === undefined) return { kind: 'nothing' };
  return { kind: 'ticked', position: view.position, eventCount: appended.length };
}
