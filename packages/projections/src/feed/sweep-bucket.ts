/**
 * Takes out of the bucket what is no row any more: after another set took over, and after a person was erased.
 *
 * @module
 */
import { parseViewKey, viewKey, type ViewKey } from '@perennial/broker';
import type { KV } from 'nats';
import type { People } from '../ports.ts';
import type { FeedBucket } from './bucket.ts';
import type { Mark } from './marks.ts';
import { rowsOf, type RowSource } from './rows.ts';

/** What sweeping needs. */
export type SweepOptions = {
  readonly views: Pick<KV, 'keys' | 'purge'>;
  readonly bucket: FeedBucket;
  readonly source: RowSource;
  readonly people: Pick<People, 'personIdIfKnown'>;
  readonly pageCountMax: number;
  readonly signal: AbortSignal;
};

/** Looks at every key of the bucket; what still is a row is left alone. */
export async function sweepBucket(options: SweepOptions): Promise<void> {
  let page: ViewKey[] = [];
  for await (const name of await options.views.keys()) {
    if (options.signal.aborted) return;
    page.push(parseViewKey(name));
    if (page.length < options.pageCountMax) continue;
    await sweepPage(options, page);
    page = [];
  }
  await sweepPage(options, page);
}

async function sweepPage(options: SweepOptions, keys: readonly ViewKey[]): Promise<void> {
  const marks = new Map<string, Mark[]>();
  for (const key of keys) {
    const mark = await markOf(options, key);
    if (mark === undefined) continue;
    const group = `${mark.model} ${mark.tenant}`;
    marks.set(group, [...(marks.get(group) ?? []), mark]);
  }
  for (const group of marks.values()) {
    for (const row of await rowsOf(options.source, group)) if (row.current === null) await options.bucket.publish(row);
  }
}

/** Undefined for what nobody can name any more: it is purged with its history. */
async function markOf({ people, views, bucket }: SweepOptions, key: ViewKey): Promise<Mark | undefined> {
  const { model, tenant } = key;
  if (model === 'subscriptions' || model === 'licenses') return { model, tenant, key: key.key };
  const personId = await people.personIdIfKnown(tenant, key.key);
  if (personId !== undefined) return { model: 'person', tenant, key: personId };
  const name = viewKey(model, tenant, key.key);
  bucket.forget(name);
  await views.purge(name);
  return undefined;
}
