/**
 * Why an event happened: its causes, the nearest first, back to the payment or the person that it all began with.
 *
 * @module
 */
import type { Deadline } from '@perennial/domain';
import type { RecordedEvent } from '@perennial/event-store';
import type { EventRef } from '../log/log.ts';

/** One cause. */
export type Because =
  /** Somebody, or a part of the system, asked for it. `command` where the event names it. */
  | {
      readonly kind: 'command';
      readonly actor: { readonly type: string; readonly id: string; readonly roles: readonly string[] };
      readonly commandId: string;
      readonly command: string | null;
    }
  /** A payment provider reported it. `message`: where in `PAYMENTS` it came from, while that is kept. */
  | {
      readonly kind: 'payment';
      readonly provider: string;
      readonly object: string;
      readonly providerEventId: string;
      /** Kind of the fact, `ending` where the provider ended the subscription. */
      readonly fact: string;
      readonly occurredAt: string | null;
      readonly receivedAt: string | null;
      readonly amount: { readonly minor: number; readonly currency: string } | null;
      readonly message: string | null;
    }
  /** Time passed: nobody asked. */
  | { readonly kind: 'deadline'; readonly deadline: Deadline['kind']; readonly at: string }
  /** An event before it, of this or another stream. */
  | { readonly kind: 'event'; readonly event: EventRef };

/** Longest chain that is told. */
export const chainLengthMax = 20;

/** Who gave the command behind an event. */
export function commandOf(
  { metadata }: Pick<RecordedEvent, 'metadata'>,
  command: string | null,
): Extract<Because, { kind: 'command' }> {
  const { actor, commandId } = metadata;
  return { kind: 'command', actor: { type: actor.type, id: actor.id, roles: actor.roles }, commandId, command };
}
