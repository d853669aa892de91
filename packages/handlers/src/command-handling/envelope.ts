import { tzdataVersion, type Instant } from '@perennial/domain';
import type { NewEvent } from '@perennial/event-store';
import type { PersonVault } from '../vault/person-vault.ts';
import type { Cause } from './command-service.ts';
import { metadataOf } from './metadata.ts';

/** An event as an aggregate decided it. */
export type SealableEvent = {
  readonly type: string;
  readonly data: object;
  readonly effectiveAt: Instant;
  /** Free text: encrypted here. */
  readonly reason?: string;
};

/** What the events of one decision have in common. */
export type EnvelopeContext = {
  readonly cause: Cause;
  readonly commandId: string;
  /** On the first event, so that a reused command id is recognised. */
  readonly commandHash?: string;
  readonly now: Instant;
  readonly tenant: string;
  /** `profile@version` that decided. */
  readonly policy: string | undefined;
  readonly catalogue: string | undefined;
  /** Free text is encrypted before it is hashed (architecture.md, Personal data). */
  readonly encryptText: (text: string) => Promise<string>;
};

/** Puts decided events into their envelope; the door adds schema version and hashes, and keeps `recordedAt` monotonic. */
export async function envelope(
  events: readonly SealableEvent[],
  context: EnvelopeContext,
): Promise<readonly NewEvent[]> {
  const { cause, commandId } = context;
  const shared = {
    ...metadataOf({ ...cause, commandId, now: context.now, tenant: context.tenant }),
    tzdata: tzdataVersion,
    ...(context.policy === undefined ? {} : { policy: context.policy }),
    ...(context.catalogue === undefined ? {} : { catalogue: context.catalogue }),
  };
  return Promise.all(
    events.map(async (event, index) => ({
      type: event.type,
      data: await withoutPlainText(event, context.encryptText),
      metadata: {
        ...shared,
        effectiveAt: event.effectiveAt,
        ...(event.reason === undefined ? {} : { reason: await context.encryptText(event.reason) }),
        ...(index === 0 && context.commandHash !== undefined ? { commandHash: context.commandHash } : {}),
      },
    })),
  );
}

/** A note is free text too; its ciphertext is what the chain hashes. */
async function withoutPlainText(
  { type, data }: SealableEvent,
  encryptText: EnvelopeContext['encryptText'],
): Promise<object> {
  if (type !== 'NoteAdded' || !('text' in data) || typeof data.text !== 'string') return data;
  return { ...data, text: await encryptText(data.text) };
}

/** Encrypts with the key of whoever wrote the text, where the vault knows that person, else with the tenant's. */
export async function encryptFor(
  vault: Pick<PersonVault, 'encrypt' | 'userIdOf'>,
  author: { readonly personId: string; readonly tenant: string },
  text: string,
): Promise<string> {
  const known = (await vault.userIdOf(author.personId)) !== undefined;
  return vault.encrypt(known ? { personId: author.personId } : { tenant: author.tenant }, text);
}
