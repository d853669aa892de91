import type { DecidedEvent } from '@perennial/domain';

/** A deletion that a deadline brings, not somebody's request. */
function isDeletionByDeadline(event: DecidedEvent): boolean {
  return (
    event.type === 'SubscriptionDeleted' &&
    (event.data.cause === 'retention_elapsed' || event.data.cause === 'first_payment_unpaid')
  );
}

/** Whether a decision ends in a deletion by deadline. */
export function deletesByDeadline(events: readonly DecidedEvent[]): boolean {
  return events.some(isDeletionByDeadline);
}

/**
 * The events before the deletion. Deletion waits for payments (architecture.md, Deciding): only a tick that was cleared
 * writes it. The deadline stays due, so nothing is lost by leaving it to that tick.
 */
export function withoutDeletion(events: readonly DecidedEvent[]): readonly DecidedEvent[] {
  const index = events.findIndex(isDeletionByDeadline);
  return index < 0 ? events : events.slice(0, index);
}
