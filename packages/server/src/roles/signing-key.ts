import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';

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
  if (!existsSync(path)) makeKey(path);
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

function makeKey(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const { privateKey } = generateKeyPairSync('ed25519');
  const made = `${path}.${process.pid}`;
  const file = openSync(made, 'wx', 0o600);
  try {
    writeSync(file, String(privateKey.export({ type: 'pkcs8', format: 'pem' })));
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  try {
    // Fails where another process was first; never a half-written key under the name.
    linkSync(made, path);
  } catch (error) {
    if (!existsSync(path)) throw error;
  } finally {
    rmSync(made, { force: true });
  }
}
