/**
 * Takes out of the bucket what is no row any more: after another set took over, and after a person was erased.
 *
 * @module
 */
import { parseViewKey, viewKey, type ViewKey } from '@perennial/broker';
import type { People } from '../ports.ts';
import type { FeedBucket } from './bucket.ts';
import type { Mark } from './marks.ts';
import { erasedAmong, rowsOf, type RowSource } from './rows.ts';

/** What sweeping needs. */
export type SweepOptions = {
  /** Every key of the bucket. */
  readonly keys: AsyncIterable<string>;
  /** Removes a key with its history, and the name of the key as well. */
  readonly purge: (name: string) => Promise<void>;
  readonly bucket: FeedBucket;
  readonly source: RowSource;
  readonly people: Pick<People, 'personIdIfKnown'>;
  readonly pageCountMax: number;
  readonly signal: AbortSignal;
};

/** Looks at every key of the bucket; what still is a row is left alone. */
export async function sweepBucket(options: SweepOptions): Promise<void> {
  // What is remembered may be about somebody who is to be forgotten.
  options.bucket.forgetAll();
  let page: ViewKey[] = [];
  for await (const name of options.keys) {
    if (options.signal.aborted) return;
    page.push(parseViewKey(name));
    if (page.length < options.pageCountMax) continue;
    await sweepPage(options, page);
    page = [];
  }
  await sweepPage(options, page);
}

async function sweepPage(options: SweepOptions, keys: readonly ViewKey[]): Promise<void> {
  const { source, bucket, people, purge } = options;
  const marks = new Map<string, Mark[]>();
  const add = (mark: Mark): void => {
    const group = `${mark.model} ${mark.tenant}`;
    marks.set(group, [...(marks.get(group) ?? []), mark]);
  };
  const named: { readonly key: ViewKey; readonly personId: string | undefined }[] = [];
  for (const key of keys) {
    const { model, tenant } = key;
    if (model === 'subscriptions' || model === 'licenses' || model === 'notices') add({ model, tenant, key: key.key });
    else named.push({ key, personId: await people.personIdIfKnown(tenant, key.key) });
  }
  const known = named.flatMap(({ personId }) => personId ?? []);
  const erased = await erasedAmong(source, known);
  for (const { key, personId } of named) {
    // Nobody can, or may, be named by it any more.
    if (personId === undefined || erased.has(personId)) await purge(viewKey(key.model, key.tenant, key.key));
    else add({ model: 'person', tenant: key.tenant, key: personId });
  }
  for (const group of marks.values()) {
    for (const row of await rowsOf(source, group)) if (row.current === null) await bucket.publish(row);
  }
}
