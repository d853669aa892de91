/**
 * Forgetting a person: the log keeps a random id that nobody can resolve any more, so that every count, chain and replay
 * stays what it was.
 *
 * @module
 */
import type { Statement, TenantService } from '../tenants/tenant-service.ts';
import type { PersonVault } from '../vault/person-vault.ts';

/** What erasing needs. */
export type ErasureOptions = {
  readonly tenants: Pick<TenantService, 'erasePerson'>;
  readonly vault: Pick<PersonVault, 'personIdIfKnown' | 'personOf' | 'erase'>;
  /** Takes what is published about a user out of the change feed, with its history. */
  readonly removeFromFeed: (tenant: string, userId: string) => Promise<void>;
};

/** What erasing somebody came to. */
export type Erasure = {
  /** False when the vault knows nobody by that id: never seen, or erased before. */
  readonly erased: boolean;
  /** Of the event that records it; read models at this position know nothing of the person any more. */
  readonly position: string | null;
};

/** See the module's description. */
export type Erasures = {
  /** Forgets a user. Asking again does nothing. */
  erase(tenant: string, userId: string, by: Statement): Promise<Erasure>;
  /** Does what is left to do for a person whose erasure is recorded; answers whether there was anything. */
  finish(personId: string): Promise<boolean>;
};

/**
 * The order makes every crash harmless: the event comes first and is durable, so that start-up finds what is unfinished; the
 * feed is emptied while it is known under which name; then the vault forgets; then the feed once more, because it may have
 * been written to meanwhile. The publisher also sweeps it when the event reaches it.
 */
export function createErasures({ tenants, vault, removeFromFeed }: ErasureOptions): Erasures {
  const finish = async (personId: string): Promise<boolean> => {
    const person = await vault.personOf(personId);
    if (person === undefined) return false;
    await removeFromFeed(person.tenant, person.userId);
    await vault.erase(personId);
    await removeFromFeed(person.tenant, person.userId);
    return true;
  };
  return {
    erase: async (tenant, userId, by) => {
      const personId = await vault.personIdIfKnown(tenant, userId);
      if (personId === undefined) return { erased: false, position: null };
      const { position } = await tenants.erasePerson(tenant, personId, by);
      await finish(personId);
      return { erased: true, position };
    },
    finish,
  };
}
