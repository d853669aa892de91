import { readKey } from '@perennial/domain';
import type { KeyDesk } from './create-product-key-service.ts';
import { refusal } from './issue-keys.ts';
import type { KeyCause, KeyChangeResult, KeyName } from './product-key-service.ts';

type Change =
  | { readonly kind: 'sell'; readonly seller?: string | undefined }
  | { readonly kind: 'block'; readonly reason?: string | undefined };

/** Others may keep beginning orders; each is finished first. */
const attemptCountMax = 5;

/** Sells or blocks a key; an order that is under way comes first. */
export async function changeKey(
  desk: KeyDesk,
  name: KeyName,
  change: Change,
  cause: KeyCause,
): Promise<KeyChangeResult> {
  const keyId = await keyIdOf(desk, name);
  if (keyId === undefined) return refusal(['KEY_MALFORMED']);
  for (let attempt = 1; attempt <= attemptCountMax; attempt += 1) {
    const { decision, state, position } = await desk.streams.handle(keyId, change, cause);
    if (decision.kind === 'refused') return refusal(decision.reasonCodes, decision);
    if (decision.kind === 'accepted' || decision.kind === 'nothing') {
      return { kind: decision.kind, keyId, last5: state?.last5 ?? '', position: String(position) };
    }
    await desk.orders.driveOn(keyId);
  }
  return refusal(['KEY_SERVICE_UNAVAILABLE']);
}

async function keyIdOf(desk: KeyDesk, name: KeyName): Promise<string | undefined> {
  if ('keyId' in name) return name.keyId;
  const reading = readKey(name.key);
  return reading.kind === 'key' ? (await desk.secret()).idOf(reading.key) : undefined;
}
