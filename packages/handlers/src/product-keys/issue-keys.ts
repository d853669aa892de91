import { createHash } from 'node:crypto';
import { remediesFor, writeKey, type ReasonCode } from '@perennial/domain';
import { canonicalJson } from '@perennial/event-store';
import type { KeyDesk } from './create-product-key-service.ts';
import type { IssueRequest, IssueResult, KeyRefusal, NewKey } from './product-key-service.ts';

/**
 * Issues a lot of keys. Which they are follows from the command id and the secret, so that an order whose answer was lost
 * can be repeated and issues nothing more; after a while its keys are not shown again.
 */
export async function issueKeys(desk: KeyDesk, request: IssueRequest): Promise<IssueResult> {
  const { offer, count, sold, expiresAt, countries, batch, commandId } = request;
  const secret = await desk.secret();
  const commandHash = sha256({ offer, count, sold, expiresAt, countries, batch });
  const terms = {
    ...offer,
    ...(expiresAt === undefined ? {} : { expiresAt }),
    ...(countries === undefined ? {} : { countries: [...countries] }),
    ...(batch === undefined ? {} : { batch }),
    commandHash,
  };
  const keys: NewKey[] = [];
  let [issuedCount, last] = [0, 0n];
  for (let index = 0; index < count; index += 1) {
    const key = writeKey(secret.payloadOf(`${commandId}\0${index}`));
    const made: NewKey = { key, keyId: secret.idOf(key), last5: key.slice(-5) };
    const issue = { keyId: made.keyId, last5: made.last5, ...terms };
    const { decision, state, position } = await desk.streams.handle(
      made.keyId,
      { kind: 'issue', issue, sold },
      request,
    );
    if (decision.kind === 'refused') return refusal(decision.reasonCodes);
    if (decision.kind === 'nothing' && state !== null && isOld(desk, state.issuedAt)) {
      return { kind: 'issued-before', issuedAt: state.issuedAt };
    }
    if (decision.kind === 'accepted') issuedCount += 1;
    if (position > last) last = position;
    keys.push(made);
  }
  return { kind: issuedCount === 0 ? 'repeated' : 'issued', keys, position: String(last) };
}

function isOld({ clock, showAgainMs }: KeyDesk, issuedAt: string): boolean {
  return Date.parse(clock.now()) - Date.parse(issuedAt) > showAgainMs;
}

/** A refusal with its remedies. */
export function refusal(
  reasonCodes: readonly ReasonCode[],
  more: { readonly maxSeats?: number | undefined } & Partial<Pick<KeyRefusal, 'redeemedBy' | 'retryAfterSeconds'>> = {},
): KeyRefusal {
  const { maxSeats, ...rest } = more;
  return {
    kind: 'refused',
    reasonCodes,
    remedies: remediesFor(reasonCodes, maxSeats === undefined ? {} : { n: maxSeats }),
    ...rest,
  };
}

/** Fingerprint of what was asked. Hex SHA-256. */
export function sha256(content: object): string {
  return createHash('sha256').update(canonicalJson(content)).digest('hex');
}
