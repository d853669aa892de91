import { randomBytes as cryptoRandomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { open } from 'lmdb';
import { v4 as uuidV4 } from 'uuid';
import { keyBytes, readSealed, sealText } from './cipher.ts';
import type { PersonVault, TextOwner } from './person-vault.ts';

/** A person that the vault does not know, or that was erased. */
export class UnknownPersonError extends Error {
  override readonly name = 'UnknownPersonError';
  readonly code = 'UNKNOWN_PERSON';
  constructor(personId: string) {
    super(`The vault knows no person ${personId}: erased, or of another installation. Use an id it has answered.`);
  }
}

/** Options of {@link openPersonVault}. */
export type PersonVaultOptions = {
  /** A directory of its own, made when absent; readable by its owner only. */
  readonly directory: string;
  /** Random bytes for ids, keys and nonces; default `crypto.randomBytes`. */
  readonly randomBytes?: (count: number) => Uint8Array;
  /** Most bytes the vault may grow to; default 16 GiB of address space, not of disk. */
  readonly mapSizeBytes?: number;
};

type Person = { readonly tenant: string; readonly userId: string; readonly key: Uint8Array };
type Value = string | Uint8Array | Person;
type Key = readonly ['user', string, string] | readonly ['person', string] | readonly ['tenant', string];

/**
 * Opens the vault on LMDB. Write transactions exclude each other across processes, and a commit is on disk before its
 * promise resolves, so two processes never make two ids for one user and no answered id is ever lost.
 */
export function openPersonVault(options: PersonVaultOptions): PersonVault {
  mkdirSync(options.directory, { recursive: true, mode: 0o700 });
  const randomBytes = options.randomBytes ?? cryptoRandomBytes;
  const db = open<Value, Key[number][]>({
    path: options.directory,
    mapSize: options.mapSizeBytes ?? 16 * 1024 ** 3,
    // Commits resolve only after the sync to disk.
    overlappingSync: false,
    encoding: 'msgpack',
  });
  const get = (key: Key): Value | undefined => db.get([...key]);
  const personOf = (personId: string): Person | undefined => {
    const found = get(['person', personId]);
    return isPerson(found) ? found : undefined;
  };
  const knownId = (tenant: string, userId: string): string | undefined => {
    const found = get(['user', tenant, userId]);
    return typeof found === 'string' ? found : undefined;
  };
  const keyOf = (owner: string): Uint8Array | undefined => {
    const id = owner.slice(2);
    if (owner.startsWith('p:')) return personOf(id)?.key;
    const key = get(['tenant', id]);
    return key instanceof Uint8Array ? key : undefined;
  };
  const makePerson = (tenant: string, userId: string): string => {
    const known = knownId(tenant, userId);
    if (known !== undefined) return known;
    const personId = uuidV4({ random: randomBytes(16) });
    void db.put(['person', personId], { tenant, userId, key: Buffer.from(randomBytes(keyBytes)) });
    void db.put(['user', tenant, userId], personId);
    return personId;
  };
  const tenantKey = (tenant: string): Promise<Uint8Array> =>
    db.transaction(() => {
      const known = keyOf(`t:${tenant}`);
      if (known) return known;
      const key = Buffer.from(randomBytes(keyBytes));
      void db.put(['tenant', tenant], key);
      return key;
    });
  const ownerKey = async (owner: TextOwner): Promise<{ name: string; key: Uint8Array }> => {
    if ('personId' in owner) {
      const key = personOf(owner.personId)?.key;
      if (!key) throw new UnknownPersonError(owner.personId);
      return { name: `p:${owner.personId}`, key };
    }
    return { name: `t:${owner.tenant}`, key: keyOf(`t:${owner.tenant}`) ?? (await tenantKey(owner.tenant)) };
  };

  return {
    personIdFor: async (tenant, userId) =>
      knownId(tenant, userId) ?? (await db.transaction(() => makePerson(tenant, userId))),
    personIdIfKnown: async (tenant, userId) => knownId(tenant, userId),
    userIdOf: async (personId) => personOf(personId)?.userId,
    personOf: async (personId) => {
      const person = personOf(personId);
      return person && { tenant: person.tenant, userId: person.userId };
    },
    userIdsOf: async (personIds) => {
      const found = new Map<string, string>();
      for (const personId of personIds) {
        const person = personOf(personId);
        if (person) found.set(personId, person.userId);
      }
      return found;
    },
    encrypt: async (owner, text) => {
      const { name, key } = await ownerKey(owner);
      return sealText(name, key, text, randomBytes);
    },
    decrypt: async (text) => {
      const sealed = readSealed(text);
      if (!sealed) return { kind: 'text', text };
      const key = keyOf(sealed.owner);
      return key ? { kind: 'text', text: sealed.open(key) } : { kind: 'erased' };
    },
    erase: (personId) =>
      db.transaction(() => {
        const person = personOf(personId);
        if (!person) return false;
        void db.remove(['person', personId]);
        void db.remove(['user', person.tenant, person.userId]);
        return true;
      }),
    close: () => db.close(),
  };
}

function isPerson(value: Value | undefined): value is Person {
  return typeof value === 'object' && 'userId' in value;
}
