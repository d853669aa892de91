/**
 * Stripe's webhook signatures (`domain.md 5.1`, `6.10` rule 1): `t=<unix s>,v1=<hex>,…`, HMAC-SHA256 over
 * `<t>.<raw body>` with the whole endpoint secret as the key.
 *
 * @module
 */
import { createHmac, timingSafeEqual } from 'node:crypto';

/** What a check needs to know. */
export type StripeSignatureCheck = {
  /** The `Stripe-Signature` header. */
  readonly header: string | undefined;
  /** Exactly the bytes that were received. */
  readonly body: Uint8Array;
  /** All secrets in force: two while one is rotated. */
  readonly secrets: readonly string[];
  /** The machine's own clock: a virtual clock says nothing about when a message was sent. */
  readonly nowMs: number;
  readonly toleranceSeconds: number;
};

/** How a check ended. */
export type StripeSignatureResult = 'valid' | 'missing' | 'malformed' | 'stale' | 'wrong';

const signatureCountMax = 16;

/** Checks a signature in constant time; any one of the `v1` signatures may fit any one of the secrets. */
export function checkStripeSignature(check: StripeSignatureCheck): StripeSignatureResult {
  if (check.header === undefined || check.header === '') return 'missing';
  const parsed = parse(check.header);
  if (parsed === undefined) return 'malformed';
  const ageSeconds = Math.abs(check.nowMs / 1000 - Number(parsed.timestamp));
  const fits = check.secrets.some((secret) => {
    const expected = createHmac('sha256', secret).update(`${parsed.timestamp}.`).update(check.body).digest();
    return parsed.signatures.some((signature) => timingSafeEqual(signature, expected));
  });
  if (!fits) return 'wrong';
  return ageSeconds <= check.toleranceSeconds ? 'valid' : 'stale';
}

function parse(header: string): { readonly timestamp: string; readonly signatures: readonly Buffer[] } | undefined {
  const parts = header.split(',').map((part) => part.trim().split('='));
  const timestamp = parts.find(([key]) => key === 't')?.[1];
  const signatures = parts
    .filter(([key, value]) => key === 'v1' && /^[0-9a-f]{64}$/i.test(value ?? ''))
    .slice(0, signatureCountMax)
    .map(([, value]) => Buffer.from(value ?? '', 'hex'));
  if (timestamp === undefined || !/^\d{1,12}$/.test(timestamp) || signatures.length === 0) return undefined;
  return { timestamp, signatures };
}

/** Signs a body as Stripe does; for the demo and for tests. */
export function signAsStripe(body: Uint8Array | string, secret: string, timestampSeconds: number): string {
  const signature = createHmac('sha256', secret).update(`${timestampSeconds}.`).update(body).digest('hex');
  return `t=${timestampSeconds},v1=${signature}`;
}
