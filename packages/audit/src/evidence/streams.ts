import { encodePart, paymentStream, productKeyStream, type StreamIdentity } from '@perennial/domain';
import type { RawEvent } from '@perennial/event-store';

/** What the evidence is about: one subscription, or everything of a tenant. */
export type EvidenceScope = { readonly tenant: string; readonly subscriptionId?: string };

/**
 * Categories whose streams are of one tenant, and whether they are of one subscription. Payments and product keys are not
 * among them: they are found by what the events of the scope refer to.
 */
const categories: Readonly<Record<Extract<StreamIdentity, { tenant: string }>['kind'], 'subscription' | 'tenant'>> = {
  subscription: 'subscription',
  seat: 'subscription',
  commandId: 'subscription',
  attempts: 'subscription',
  notices: 'subscription',
  person: 'tenant',
  tenant: 'tenant',
  trial: 'tenant',
};

/** What the names of the scope's streams begin with; some others may begin so too, see {@link within}. */
export function prefixesOf({ tenant, subscriptionId }: EvidenceScope): readonly string[] {
  const parts = [tenant, ...(subscriptionId === undefined ? [] : [subscriptionId])].map(encodePart).join('_');
  return Object.entries(categories)
    .filter(([, isOf]) => subscriptionId === undefined || isOf === 'subscription')
    .map(([category]) => `${category}-${parts}`);
}

/** Tells whether a stream belongs to the scope by its name: `<category>-<tenant>_<subscription>` and what is below it. */
export function within(scope: EvidenceScope): (stream: string) => boolean {
  const prefixes = prefixesOf(scope);
  return (stream) => prefixes.some((prefix) => stream === prefix || stream.startsWith(`${prefix}_`));
}

/** The payments and product keys that an event refers to, by their streams. */
export function referencedStreams({ rawData }: Pick<RawEvent, 'rawData'>): readonly string[] {
  const found = new Set<string>();
  collect(JSON.parse(Buffer.from(rawData).toString()), found);
  return [...found];
}

function collect(value: unknown, found: Set<string>): void {
  if (Array.isArray(value)) {
    for (const member of value) collect(member, found);
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  const members = value as Readonly<Record<string, unknown>>; // an object that JSON wrote
  const { provider, providerObjectId, keyId } = members;
  if (typeof provider === 'string' && typeof providerObjectId === 'string') {
    found.add(paymentStream(provider, providerObjectId));
  }
  if (typeof keyId === 'string') found.add(productKeyStream(keyId));
  for (const member of Object.values(members)) collect(member, found);
}
