import { createHash } from 'node:crypto';
import type { PaymentFact, SeatCommand, SubscriptionCommand } from '@perennial/domain';
import { canonicalJson } from '@perennial/event-store';
import { v5 as uuidV5 } from 'uuid';
import type { MoveLicenseRequest } from './command-service.ts';

/** Namespace of ids that callers leave out. Never change it. */
const subscriptionIdNamespace = '4b1f0c3e-6f0a-5e55-9d0b-0c7d3c1c9f61';

/** Which subscription a command is for. */
export type CommandTarget = { readonly tenant: string; readonly subscriptionId: string };

/** Fingerprint of a command's content: the same id with other content is recognised by it. Hex SHA-256. */
export function commandHash(
  command: SubscriptionCommand | SeatCommand | MoveLicenseRequest['command'],
  target: CommandTarget,
): string {
  return sha256({ name: command.name, body: command.body, target });
}

/** Id under which a subscription remembers a payment fact. */
export function factCommandId(fact: PaymentFact): string {
  return `fact:${fact.provider}:${fact.providerEventId}`;
}

/** Fingerprint of a fact, without what belongs to its delivery: a redelivery has the same. Hex SHA-256. */
export function factHash({ receivedAt: _receivedAt, rawRef: _rawRef, ...fact }: PaymentFact): string {
  return sha256(fact);
}

/** The id of a subscription created without one: a retried create means the same subscription (architecture.md, Aggregates). */
export function subscriptionIdFor(tenant: string, commandId: string): string {
  return uuidV5(commandId, uuidV5(tenant, subscriptionIdNamespace));
}

/** Ids that the engine makes itself begin with one of these; a caller's may not (`docs/http-api.md`). */
const engineIds = /^(fact|ending|timer|key|move|reactivation):/;

/** Whether somebody chose the id, so that it may come again with other content. */
export function isChosenByCaller({
  commandId,
  isIdMadeUp = false,
}: {
  readonly commandId: string;
  readonly isIdMadeUp?: boolean | undefined;
}): boolean {
  return !isIdMadeUp && !engineIds.test(commandId);
}

/** Hex SHA-256 of anything that is JSON. */
export function sha256(content: unknown): string {
  return createHash('sha256').update(canonicalJson(content)).digest('hex');
}
