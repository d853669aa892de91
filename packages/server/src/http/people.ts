/**
 * From user ids to the person ids that the log knows.
 *
 * @module
 */
import { randomUUID } from 'node:crypto';
import type { Actor } from '@perennial/event-store';
import type { Caller } from '../auth/caller.ts';
import type { ApiServices } from './services.ts';

/** Whether an id may be made for a person not seen before. Nothing is stored for a caller who only looks. */
export type Acquaintance = 'make' | 'known-only';

type Vault = ApiServices['vault'];

// Starts with a character that no tenant may have, so that people who act on the whole platform are nobody's users.
const platformTenant = '_platform';

/** A person by the random id itself: the only way to name somebody who was erased and still holds a seat. */
const byPersonId = /^person:([0-9a-f-]{36})$/;

/** The person id of a user; for a stranger who only looks, an id that nobody has. */
export async function personOf(vault: Vault, tenant: string, userId: string, how: Acquaintance): Promise<string> {
  return how === 'make'
    ? vault.personIdFor(tenant, userId)
    : ((await vault.personIdIfKnown(tenant, userId)) ?? byPersonId.exec(userId)?.[1] ?? randomUUID());
}

/** The caller as events name him: people by person id, parts of systems by their own name. */
export async function actorOf(
  vault: Vault,
  caller: Caller,
  tenant: string | undefined,
  how: Acquaintance,
): Promise<Actor> {
  const isPerson = caller.type === 'user' || caller.type === 'partner' || caller.type === 'support';
  const id = isPerson ? await personOf(vault, tenant ?? platformTenant, caller.name, how) : caller.name;
  return { type: caller.type, id, roles: caller.roles };
}
