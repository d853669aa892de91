import type { EventStore } from '@perennial/event-store';
import type { Clock } from '../clock/clock.ts';
import { encryptFor } from '../command-handling/envelope.ts';
import { CommandConflictError } from '../command-handling/stream-handler.ts';
import type { PersonVault } from '../vault/person-vault.ts';
import type { ParkedMessage } from './parked-message.ts';

/** Stream of what operators gave up. */
export const discardsStream = 'discards';

const attemptCountMax = 10;

/** Writes down who gave up which message and why, for auditors. */
export async function recordDiscard(
  { store, clock, vault }: { store: EventStore; clock: Clock; vault: Pick<PersonVault, 'encrypt' | 'userIdOf'> },
  parked: ParkedMessage,
  discard: { readonly reason: string; readonly by: string },
): Promise<void> {
  const now = clock.now();
  const commandId = `discard:${parked.id}`;
  const { component, subject, sequence, error } = parked;
  const event = {
    type: 'ParkedMessageDiscarded',
    data: { parkedId: parked.id, component, subject, sequence, errorCode: error.code },
    metadata: {
      effectiveAt: now,
      recordedAt: now,
      actor: { type: 'support' as const, id: discard.by, roles: [] },
      commandId,
      $correlationId: commandId,
      $causationId: commandId,
      // Not of one tenant: the operators' own key.
      reason: await encryptFor(vault, { personId: discard.by, tenant: 'operators' }, discard.reason),
    },
  };
  for (let attempt = 1; attempt <= attemptCountMax; attempt += 1) {
    const outcome = await store.append(discardsStream, await store.readHead(discardsStream), [event]);
    if (outcome.kind === 'appended') return;
  }
  throw new CommandConflictError(discardsStream, attemptCountMax);
}
