import type { SubscriptionHeader } from '@perennial/domain';
import type { CommandResult } from './command-service.ts';

/** How a subscription stands, as answers tell it. */
export function standing({
  status,
  termEnd,
  reactivation,
}: SubscriptionHeader): Pick<Extract<CommandResult, { kind: 'accepted' | 'repeated' }>, 'status' | 'termEnd'> {
  return { status, termEnd: status === 'deleted' ? null : (reactivation?.newTermEnd ?? termEnd) };
}
