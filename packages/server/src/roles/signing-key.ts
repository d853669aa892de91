import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { writeOnce } from '@perennial/handlers';

/** The file holds something else than a key to sign with. */
export class SigningKeyError extends Error {
  override readonly name = 'SigningKeyError';
  readonly code = 'SIGNING_KEY_INVALID';
  constructor(path: string, options: ErrorOptions) {
    super(
      `${path} is no private Ed25519 key in PEM: put back the one that evidence was signed with, or move the file away ` +
        'so that a new one is made (its fingerprint will be another).',
      options,
    );
  }
}

/**
 * The key that evidence is signed with, made once and readable by this user only. Two processes that start at once agree on
 * one.
 * @throws SigningKeyError
 */
export function openSigningKey(path: string): KeyObject {
  if (!existsSync(path)) {
    const { privateKey } = generateKeyPairSync('ed25519');
    writeOnce(path, Buffer.from(String(privateKey.export({ type: 'pkcs8', format: 'pem' }))));
  }
  try {
    const key = createPrivateKey(readFileSync(path));
    if (key.asymmetricKeyType !== 'ed25519') throw new Error(`it is a key of type ${key.asymmetricKeyType}`);
    return key;
  } catch (cause) {
    throw new SigningKeyError(path, { cause });
  }
}

/** The public half as PEM. */
export function publicPem(key: KeyObject): string {
  return String(createPublicKey(key).export({ type: 'spki', format: 'pem' }));
}
