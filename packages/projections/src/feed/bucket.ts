import { isWrongLastSequence, streams, viewKey, viewsBucketName, type Broker } from '@perennial/broker';
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

type BucketEntry = Pick<KvEntry, 'operation' | 'revision' | 'json'>;

/** What publishing needs of the bucket. */
export type BucketDoor = Pick<KV, 'update' | 'create'> & { get(name: string): Promise<BucketEntry | null> };

/** What the bucket holds under a key, as far as this process knows; no message where a deletion left its marker. */
type Published = {
  readonly revision: number;
  readonly message: Pick<FeedMessage, 'current' | 'position'> | undefined;
};

const attemptCountMax = 5;
const rememberedCountMax = 2_000;

/**
 * Writes rows into the bucket. A second publisher cannot interleave: the write names the revision that was read or written
 * last, and what is newer than the row stays.
 *
 * What was published last is remembered, so that a row that changes often is not read back each time. Memory is believed
 * only where the broker checks it, which is a write: what looks as if there were nothing to do is read again.
 */
export class FeedBucket {
  readonly #views: BucketDoor;
  /** The least recently written comes first. */
  readonly #remembered = new Map<string, Published>();

  constructor(views: BucketDoor) {
    this.#views = views;
  }

  /** Publishes a row if it differs from what the bucket holds; answers whether it did. */
  async publish(row: FeedRow): Promise<boolean> {
    const name = viewKey(row.model, row.tenant, row.key);
    const remembered = this.#remembered.get(name);
    for (let attempt = 1; ; attempt += 1) {
      const believed = attempt === 1 ? remembered : undefined;
      const published = believed ?? (await this.#read(name));
      const message = nextMessage(row, published?.message);
      if (message === undefined) {
        if (believed === undefined) return false;
        continue;
      }
      try {
        const revision = await this.#write(name, message, published);
        const { current, position } = message;
        this.#remember(name, { revision, message: { current, position } });
        return true;
      } catch (error) {
        this.#remembered.delete(name);
        // Another publisher was faster: look again at what it wrote.
        if (!isWrongLastSequence(error) || attempt >= attemptCountMax) throw error;
      }
    }
  }

  /** What is remembered goes: it is only read back again. */
  forgetAll(): void {
    this.#remembered.clear();
  }

  async #read(name: string): Promise<Published | undefined> {
    const entry = await this.#views.get(name);
    return entry ? { revision: entry.revision, message: messageOf(entry) } : undefined;
  }

  #write(name: string, message: FeedMessage, published: Published | undefined): Promise<number> {
    const body = JSON.stringify(message);
    return published ? this.#views.update(name, body, published.revision) : this.#views.create(name, body);
  }

  #remember(name: string, published: Published): void {
    this.#remembered.delete(name);
    this.#remembered.set(name, published);
    if (this.#remembered.size <= rememberedCountMax) return;
    const [oldest] = this.#remembered.keys();
    if (oldest !== undefined) this.#remembered.delete(oldest);
  }
}

/** Undefined when the row says nothing new. */
function nextMessage(row: FeedRow, published: Published['message']): FeedMessage | undefined {
  if (published && BigInt(published.position) > row.position) return undefined;
  const current: unknown = row.current === null ? null : JSON.parse(JSON.stringify(row.current));
  if (isDeepStrictEqual(published?.current ?? null, current)) return undefined;
  return {
    model: row.model,
    tenant: row.tenant,
    key: row.key,
    current,
    previous: published?.current ?? null,
    position: row.position.toString(),
    ...(row.current === null ? { deleted: true } : {}),
  };
}

/** Takes a person's rows out of the feed, with their history: part of erasing the person. */
export async function removePersonFromFeed(broker: Broker, tenant: string, userId: string): Promise<void> {
  await purgeView(broker, viewKey('user-licenses', tenant, userId));
  await purgeView(broker, viewKey('available-apps', tenant, userId));
}

/**
 * Removes a key of the bucket with everything that it ever held. Whoever watches is told by a marker; then that goes too,
 * because the user id is in its name.
 */
export async function purgeView(broker: Broker, name: string): Promise<void> {
  const views = await openViews(broker);
  if ((await views.get(name)) !== null) await views.purge(name);
  await broker.jetstreamManager.streams.purge(streams.views, { filter: `$KV.${viewsBucketName}.${name}` });
}

function messageOf(entry: BucketEntry): FeedMessage | undefined {
  // A deletion leaves a marker without content; only this publisher writes content.
  return entry.operation === 'PUT' ? entry.json<FeedMessage>() : undefined;
}
