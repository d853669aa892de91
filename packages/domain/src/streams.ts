/**
 * Names of streams. A part of a name encodes every byte outside `[A-Za-z0-9-]` as `=XX`, so that no two tenants and no
 * two objects can meet in one stream: `_` between parts can never come from a part.
 *
 * @module
 */

/** A part of a stream name that cannot be written in UTF-8, for instance a lone surrogate. */
export class StreamNameError extends Error {
  override readonly name = 'StreamNameError';
  readonly code = 'INVALID_STREAM_PART';
}

/** What a stream's name says. */
export type StreamIdentity =
  | { readonly kind: 'subscription'; readonly tenant: string; readonly subscriptionId: string }
  | { readonly kind: 'seat'; readonly tenant: string; readonly subscriptionId: string; readonly personId: string }
  | { readonly kind: 'commandId'; readonly tenant: string; readonly subscriptionId: string; readonly idHash: string }
  | { readonly kind: 'payment'; readonly provider: string; readonly object: string }
  | { readonly kind: 'attempts'; readonly tenant: string; readonly subscriptionId: string }
  | { readonly kind: 'notices'; readonly tenant: string; readonly subscriptionId: string }
  | { readonly kind: 'tenant'; readonly tenant: string }
  | { readonly kind: 'person'; readonly tenant: string; readonly personId: string }
  | { readonly kind: 'trial'; readonly tenant: string; readonly planId: string }
  | { readonly kind: 'productKey'; readonly keyId: string }
  | { readonly kind: 'clock' | 'catalogue' | 'log' | 'roots' };

/** Stream of the virtual clock (`ClockAdvanced`). */
export const clockStream = 'clock';
/** Stream of published catalogues. */
export const catalogueStream = 'catalogue';
/** Stream of `LogCreated`, the first event of all. */
export const logStream = 'log';
/** Stream of published roots (`LogRootPublished`). */
export const rootsStream = 'roots';

/** Stream of a subscription. */
export function subscriptionStream(tenant: string, subscriptionId: string): string {
  return `subscription-${encodePart(tenant)}_${encodePart(subscriptionId)}`;
}

/** Stream of the app toggles and devices of one licensed person. */
export function seatStream(tenant: string, subscriptionId: string, personId: string): string {
  return `seat-${encodePart(tenant)}_${encodePart(subscriptionId)}_${encodePart(personId)}`;
}

/** Stream of a command id that was used on a seat of the subscription; `idHash` is its SHA-256, whatever its length. */
export function commandIdStream(tenant: string, subscriptionId: string, idHash: string): string {
  return `commandId-${encodePart(tenant)}_${encodePart(subscriptionId)}_${encodePart(idHash)}`;
}

/** Stream of the payment facts of one object of a provider that named no subscription we know. */
export function paymentStream(provider: string, object: string): string {
  return `payment-${encodePart(provider)}_${encodePart(object)}`;
}

/** Stream of refused commands on a subscription; bounded by `$maxCount`. */
export function attemptsStream(tenant: string, subscriptionId: string): string {
  return `attempts-${encodePart(tenant)}_${encodePart(subscriptionId)}`;
}

/** Stream of what people are told about a subscription. */
export function noticesStream(tenant: string, subscriptionId: string): string {
  return `${noticesPrefix}${encodePart(tenant)}_${encodePart(subscriptionId)}`;
}

/** What the names of notices' streams begin with. */
export const noticesPrefix = 'notices-';

/** Stream of the reservation of a tenant's trial of a plan. */
export function trialStream(tenant: string, planId: string): string {
  return `trial-${encodePart(tenant)}_${encodePart(planId)}`;
}

/** Stream of the licences that a person was about to get, where the catalogue says that some exclude one another. */
export function personStream(tenant: string, personId: string): string {
  return `person-${encodePart(tenant)}_${encodePart(personId)}`;
}

/** Stream of the facts about a tenant and its people. */
export function tenantStream(tenant: string): string {
  return `tenant-${encodePart(tenant)}`;
}

/** Stream of a product key; `keyId` is the hash of the key, never the key. */
export function productKeyStream(keyId: string): string {
  return `${productKeyPrefix}${encodePart(keyId)}`;
}

/** What the names of product keys' streams begin with. */
export const productKeyPrefix = 'productKey-';

/** Reads a stream's name back; `undefined` for a name that none of the functions here makes. */
export function parseStream(name: string): StreamIdentity | undefined {
  if (name === clockStream || name === catalogueStream || name === logStream || name === rootsStream) {
    return { kind: name };
  }
  const dash = name.indexOf('-');
  if (dash < 0) return undefined;
  const parts = name
    .slice(dash + 1)
    .split('_')
    .map(decodePart);
  const [first, second, third] = parts;
  if (first === undefined || parts.length > 3) return undefined;
  if (parts.length === 3) {
    if (second === undefined || third === undefined) return undefined;
    const of = { tenant: first, subscriptionId: second };
    if (name.startsWith('seat-')) return { kind: 'seat', ...of, personId: third };
    return name.startsWith('commandId-') ? { kind: 'commandId', ...of, idHash: third } : undefined;
  }
  if (second === undefined) return parts.length === 1 ? ofOnePart(name.slice(0, dash), first) : undefined;
  switch (name.slice(0, dash)) {
    case 'subscription':
      return { kind: 'subscription', tenant: first, subscriptionId: second };
    case 'payment':
      return { kind: 'payment', provider: first, object: second };
    case 'trial':
      return { kind: 'trial', tenant: first, planId: second };
    case 'person':
      return { kind: 'person', tenant: first, personId: second };
    case 'attempts':
      return { kind: 'attempts', tenant: first, subscriptionId: second };
    case 'notices':
      return { kind: 'notices', tenant: first, subscriptionId: second };
    default:
      return undefined;
  }
}

function ofOnePart(category: string, part: string): StreamIdentity | undefined {
  if (category === 'tenant') return { kind: 'tenant', tenant: part };
  return category === 'productKey' ? { kind: 'productKey', keyId: part } : undefined;
}

/** Nearly every part is spelt as it is. */
const plainPart = /^[A-Za-z0-9-]*$/;

/** Writes every byte outside `[A-Za-z0-9-]` as `=XX`. @throws StreamNameError when the text is not well-formed Unicode */
export function encodePart(text: string): string {
  if (plainPart.test(text)) return text;
  let percent: string;
  try {
    percent = encodeURIComponent(text);
  } catch (cause) {
    throw new StreamNameError('a part of a stream name holds half a surrogate pair; send well-formed Unicode', {
      cause,
    });
  }
  // What encodeURIComponent leaves as it is, but for letters, digits and dashes.
  return percent
    .replace(/[!'()*._~]/g, (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%', '=');
}

/** Only the one spelling that {@link encodePart} writes is accepted: two names never mean one thing. */
function decodePart(part: string): string | undefined {
  if (plainPart.test(part)) return part;
  if (!/^(?:[A-Za-z0-9-]|=[0-9A-F]{2})*$/.test(part)) return undefined;
  let text: string;
  try {
    text = decodeURIComponent(part.replaceAll('=', '%'));
  } catch {
    // Bytes that are not UTF-8: no name of ours.
    return undefined;
  }
  return encodePart(text) === part ? text : undefined;
}
