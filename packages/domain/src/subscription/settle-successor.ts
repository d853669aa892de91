import type { SubscriptionDecision, SubscriptionInput } from './decision.ts';
import type { Deciding } from './decide-command.ts';

/** Closes the open reservation of a successor; a repeat, or news of another one, changes nothing. */
export function settleSuccessor(
  { header, now }: Deciding,
  { successorId, refused }: Extract<SubscriptionInput, { kind: 'successor' }>,
): SubscriptionDecision {
  const { successor } = header;
  if (successor === null || successor.started || successor.subscriptionId !== successorId) return { kind: 'nothing' };
  const data = { successorId, reactivationId: successor.reactivationId };
  return {
    kind: 'accepted',
    events: [
      refused === undefined
        ? { type: 'SuccessorStarted', data, effectiveAt: now }
        : { type: 'SuccessorReleased', data: { ...data, reasonCodes: [...refused] }, effectiveAt: now },
    ],
  };
}
