/**
 * The secret that product keys are hashed with. It lives beside the vault, never in the log: whoever has the log alone can
 * neither recognise a key nor make one.
 *
 * @module
 */
import { createHmac, randomBytes as cryptoRandomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { keyAlphabet, keyPayloadLength } from '@perennial/domain';
import { writeOnce } from '../vault/write-once.ts';

/** See the module's description. */
export type KeySecret = {
  /** The one id of a key: HMAC-SHA-256 of its spelling, in hex. */
  idOf(key: string): string;
  /**
   * The payload of the key that is issued under this name, as unguessable as random numbers: so that an order whose
   * answer was lost can be repeated, although no key is kept anywhere.
   */
  payloadOf(name: string): readonly number[];
};

/** Keys were issued with another secret, and it is not here. */
export class KeySecretMissingError extends Error {
  override readonly name = 'KeySecretMissingError';
  readonly code = 'KEY_SECRET_MISSING';
  constructor(path: string) {
    super(
      `The log holds product keys, but the secret that they are hashed with is not in ${path}: put back the file of the ` +
        'installation that issued them. Without it no key can be recognised.',
    );
  }
}

const secretBytes = 32;

/** Options of {@link openKeySecret}. */
export type KeySecretOptions = {
  /** The file; its directory is made when absent. */
  readonly path: string;
  /** Whether keys were issued already: then the secret is never made anew. */
  readonly hasKeys: () => Promise<boolean>;
  /** Default `crypto.randomBytes`. */
  readonly randomBytes?: (count: number) => Uint8Array;
};

/**
 * Opens the secret, made when there is none yet. Processes that start at once agree on one.
 * @throws KeySecretMissingError
 */
export async function openKeySecret(options: KeySecretOptions): Promise<KeySecret> {
  const { path, randomBytes = cryptoRandomBytes } = options;
  if (!existsSync(path)) {
    if (await options.hasKeys()) throw new KeySecretMissingError(path);
    // Another process may be faster: then its secret counts.
    writeOnce(path, randomBytes(secretBytes));
  }
  const secret = readFileSync(path);
  if (secret.length !== secretBytes) throw new KeySecretMissingError(path);
  return keySecret(secret);
}

/** A secret from its bytes. */
export function keySecret(secret: Uint8Array): KeySecret {
  return {
    idOf: (key) => createHmac('sha256', secret).update(`key\0${key}`).digest('hex'),
    payloadOf: (name) =>
      payloadFrom((block) => createHmac('sha512', secret).update(`issue\0${block}\0${name}`).digest()),
  };
}

/** Numbers from 0 to 22, each as likely as another: bytes beyond the last multiple of 23 are passed over. */
function payloadFrom(bytesOf: (block: number) => Uint8Array): readonly number[] {
  const base = keyAlphabet.length;
  const limit = 256 - (256 % base);
  const payload: number[] = [];
  for (let block = 0; payload.length < keyPayloadLength; block += 1) {
    payload.push(
      ...Array.from(bytesOf(block))
        .filter((byte) => byte < limit)
        .map((byte) => byte % base),
    );
  }
  return payload.slice(0, keyPayloadLength);
}
