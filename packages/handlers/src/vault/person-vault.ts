/** Whose key encrypts a text: a person's, so that erasing the person makes it unreadable, or the tenant's. */
export type TextOwner = { readonly personId: string } | { readonly tenant: string };

/** A decrypted text, or the fact that its key is gone. */
export type DecryptedText = { readonly kind: 'text'; readonly text: string } | { readonly kind: 'erased' };

/**
 * Who the random person ids of the log are, and the keys of encrypted texts. It lives apart from the log and from the
 * read database, and may be opened by several processes of one data directory at the same time. Everything it answers
 * has been synced to disk before.
 */
export type PersonVault = {
  /** The person id of a user of a tenant, made when there is none yet. */
  personIdFor(tenant: string, userId: string): Promise<string>;
  /** As {@link PersonVault.personIdFor}, but never makes one. */
  personIdIfKnown(tenant: string, userId: string): Promise<string | undefined>;
  /** The user id of a person, undefined when unknown or erased. */
  userIdOf(personId: string): Promise<string | undefined>;
  /** The tenant and user id of a person, undefined when unknown or erased. */
  personOf(personId: string): Promise<{ readonly tenant: string; readonly userId: string } | undefined>;
  /** As {@link PersonVault.userIdOf} for many; persons that are unknown or erased are left out. */
  userIdsOf(personIds: Iterable<string>): Promise<Map<string, string>>;
  /** `enc1.<owner>.<iv>.<ciphertext>.<tag>` (AES-256-GCM); an unknown person's text is refused with UnknownPersonError. */
  encrypt(owner: TextOwner, text: string): Promise<string>;
  /** What {@link PersonVault.encrypt} made; any other text is answered as it is. */
  decrypt(text: string): Promise<DecryptedText>;
  /** Forgets a person and their key; answers whether there was one. Their texts can never be read again. */
  erase(personId: string): Promise<boolean>;
  close(): Promise<void>;
};
