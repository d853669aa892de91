import type { Instant } from '@perennial/domain';
import type { NewEvent } from '@perennial/event-store';
import type { Cause } from './command-service.ts';

/** Whoever causes an event, by which command, and when. */
export type CausedEvent = Cause & {
  readonly commandId: string;
  readonly now: Instant;
  /** Absent for what belongs to no tenant (yet). */
  readonly tenant?: string | undefined;
};

/** The metadata that every event has; it holds from `now` on, unless the caller says otherwise. */
export function metadataOf({ actor, roles, commandId, now, tenant, ...cause }: CausedEvent): NewEvent['metadata'] {
  return {
    effectiveAt: now,
    recordedAt: now,
    actor: { type: actor.type, id: actor.id, roles },
    commandId,
    $correlationId: cause.correlationId,
    $causationId: cause.causationId ?? commandId,
    ...(tenant === undefined ? {} : { tenant }),
    ...(cause.traceparent === undefined ? {} : { traceparent: cause.traceparent }),
  };
}
