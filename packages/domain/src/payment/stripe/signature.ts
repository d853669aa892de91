/** What of a signature check needs cryptography, handed in because the domain has none. */
export type SignatureTools = {
  /** HMAC-SHA256 of the bytes in lower-case hex. */
  readonly hmacSha256Hex: (secret: string, bytes: Uint8Array) => string;
};

/** Everything a check needs. */
export type StripeSignatureCheck = {
  /** The body exactly as it came: parsing and writing it again changes it. */
  readonly rawBody: Uint8Array;
  /** The `Stripe-Signature` header: `t=<seconds>,v1=<hex>,…`. */
  readonly header: string;
  /** Several while a secret is being changed. */
  readonly secrets: readonly string[];
  readonly nowSeconds: number;
  readonly toleranceSeconds?: number;
};

/** `valid`, or what is wrong. */
export type SignatureVerdict = 'valid' | 'MALFORMED_SIGNATURE' | 'SIGNATURE_EXPIRED' | 'SIGNATURE_MISMATCH';

const signatureCountMax = 16;

/** Checks the signature of a Stripe webhook; the age is looked at last, so that only a genuine event can be too old. */
export function verifyStripeSignature(check: StripeSignatureCheck, tools: SignatureTools): SignatureVerdict {
  const { rawBody, header, secrets, nowSeconds, toleranceSeconds = 300 } = check;
  const parts = header.split(',').map((part) => part.trim().split('='));
  const timestamp = parts.find(([name]) => name === 't')?.[1] ?? '';
  const given = parts.flatMap(([name, value]) => (name === 'v1' && value ? [value] : [])).slice(0, signatureCountMax);
  if (!/^\d{1,12}$/.test(timestamp) || given.length === 0) return 'MALFORMED_SIGNATURE';
  const prefix = new TextEncoder().encode(`${timestamp}.`);
  const signed = new Uint8Array(prefix.length + rawBody.length);
  signed.set(prefix);
  signed.set(rawBody, prefix.length);
  const expected = secrets.map((secret) => tools.hmacSha256Hex(secret, signed));
  // Every pair is compared, so that the time taken tells nothing about which one fits.
  const matches = expected.flatMap((one) => given.filter((other) => isSameText(one, other)));
  if (matches.length === 0) return 'SIGNATURE_MISMATCH';
  return Math.abs(nowSeconds - Number(timestamp)) > toleranceSeconds ? 'SIGNATURE_EXPIRED' : 'valid';
}

/** Compares in a time that depends on the length alone. */
function isSameText(a: string, b: string): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let index = 0; index < a.length; index += 1) difference |= a.charCodeAt(index) ^ b.charCodeAt(index);
  return difference === 0;
}
