import { createCipheriv, createDecipheriv } from 'node:crypto';

const algorithm = 'aes-256-gcm';
const ivBytes = 12;

/** Bytes of a key. */
export const keyBytes = 32;

/** An encrypted text: `enc1.<owner>.<iv>.<ciphertext>.<tag>`, each part base64url. The owner is authenticated with it. */
export function sealText(owner: string, key: Uint8Array, text: string, randomBytes: (count: number) => Uint8Array) {
  const iv = randomBytes(ivBytes);
  const cipher = createCipheriv(algorithm, key, iv);
  cipher.setAAD(Buffer.from(owner));
  const ciphertext = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return ['enc1', ...[Buffer.from(owner), iv, ciphertext, cipher.getAuthTag()].map(base64url)].join('.');
}

/** The owner and parts of an encrypted text; undefined for any other text. */
export function readSealed(text: string): { owner: string; open: (key: Uint8Array) => string } | undefined {
  const [version, owner, iv, ciphertext, tag, ...rest] = text.split('.');
  if (version !== 'enc1' || owner === undefined || iv === undefined || ciphertext === undefined) return undefined;
  if (tag === undefined || rest.length > 0) return undefined;
  const ownerText = bytes(owner).toString('utf8');
  return {
    owner: ownerText,
    open: (key) => {
      const decipher = createDecipheriv(algorithm, key, bytes(iv), { authTagLength: 16 });
      decipher.setAAD(Buffer.from(ownerText));
      decipher.setAuthTag(bytes(tag));
      return Buffer.concat([decipher.update(bytes(ciphertext)), decipher.final()]).toString('utf8');
    },
  };
}

function base64url(part: Uint8Array): string {
  return Buffer.from(part).toString('base64url');
}

function bytes(part: string): Buffer {
  return Buffer.from(part, 'base64url');
}
