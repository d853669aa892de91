import { encodePart, paymentStream, productKeyStream } from '@perennial/domain';
import type { RawEvent } from '@perennial/event-store';

/** What the evidence is about: one subscription, or everything of a tenant. */
export type EvidenceScope = { readonly tenant: string; readonly subscriptionId?: string };

/** Categories whose names do not begin with a tenant: they are found by what the events of the scope refer to. */
const foreignCategories: ReadonlySet<string> = new Set(['payment', 'productKey']);

/** Whether a stream belongs to the scope by its name: `<category>-<tenant>_<subscription>` and what is below it. */
export function isWithin({ tenant, subscriptionId }: EvidenceScope, stream: string): boolean {
  const dash = stream.indexOf('-');
  if (dash < 0 || foreignCategories.has(stream.slice(0, dash))) return false;
  const name = stream.slice(dash + 1);
  const wanted = [tenant, ...(subscriptionId === undefined ? [] : [subscriptionId])].map(encodePart).join('_');
  return name === wanted || name.startsWith(`${wanted}_`);
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
