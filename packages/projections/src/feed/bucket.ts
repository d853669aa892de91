import { viewKey, viewsBucketName, type Broker } from '@perennial/broker';
import type { KV, KvEntry } from 'nats';
import { isDeepStrictEqual } from 'node:util';
import type { FeedModel, FeedRow } from './rows.ts';

/** A message of the change feed (`contract.md`, bucket `views`). */
export type FeedMessage = {
  readonly model: FeedModel;
  readonly tenant: string;
  readonly key: string;
  readonly current: unknown;
  /** What `current` of the message before was. */
  readonly previous: unknown;
  readonly position: string;
  readonly deleted?: true;
};

/** Opens the bucket that the topology made. */
export async function openViews(broker: Broker): Promise<KV> {
  return broker.jetstream.views.kv(viewsBucketName, { bindOnly: true });
}

/**
 * Publishes a row if it differs from what the bucket holds; answers whether it did. A second publisher cannot interleave:
 * the write names the revision that was read, and what is newer than the row stays.
 */
export async function publishRow(views: KV, row: FeedRow): Promise<boolean> {
  const name = viewKey(row.model, row.tenant, row.key);
  const entry = await views.get(name);
  const published = entry && messageOf(entry);
  if (published && BigInt(published.position) > row.position) return false;
  const current: unknown = row.current === null ? null : JSON.parse(JSON.stringify(row.current));
  if (isDeepStrictEqual(published?.current ?? null, current)) return false;
  const message: FeedMessage = {
    model: row.model,
    tenant: row.tenant,
    key: row.key,
    current,
    previous: published?.current ?? null,
    position: row.position.toString(),
    ...(row.current === null ? { deleted: true } : {}),
  };
  const body = JSON.stringify(message);
  if (entry) await views.update(name, body, entry.revision);
  else await views.create(name, body);
  return true;
}

/** Takes a person's rows out of the feed, with their history: part of erasing the person. */
export async function removePersonFromFeed(broker: Broker, tenant: string, userId: string): Promise<void> {
  const views = await openViews(broker);
  await views.purge(viewKey('user-licenses', tenant, userId));
  await views.purge(viewKey('available-apps', tenant, userId));
}

function messageOf(entry: KvEntry): FeedMessage | undefined {
  // A deletion leaves a marker without content; only this publisher writes content.
  return entry.operation === 'PUT' ? entry.json<FeedMessage>() : undefined;
}
