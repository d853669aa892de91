import { NatsError } from 'nats';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { FeedBucket, type BucketDoor, type FeedMessage } from './bucket.ts';
import type { FeedRow } from './rows.ts';

const test = suite('publishing rows of the feed');

/** A bucket with one key, as far as publishing sees it. */
class OneKey implements BucketDoor {
  body: string | undefined;
  revision = 0;
  readCount = 0;

  get message(): FeedMessage {
    // Only publishers write here.
    return JSON.parse(this.body ?? 'null') as FeedMessage;
  }

  get(): ReturnType<BucketDoor['get']> {
    this.readCount += 1;
    const { body, revision } = this;
    if (body === undefined) return Promise.resolve(null);
    // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- as the broker's own
    return Promise.resolve({ operation: 'PUT', revision, json: <T>() => JSON.parse(body) as T });
  }

  create(_name: string, body: unknown): Promise<number> {
    return this.update(_name, body, 0);
  }

  update(_name: string, body: unknown, revision: number): Promise<number> {
    if (revision !== this.revision) {
      const error = new NatsError('wrong last sequence', '10071');
      error.api_error = { code: 400, err_code: 10071, description: error.message };
      return Promise.reject(error);
    }
    this.body = String(body);
    return Promise.resolve((this.revision += 1));
  }
}

function row(version: number, position: number): FeedRow {
  return { model: 'subscriptions', tenant: 'acme', key: 's', current: { version }, position: BigInt(position) };
}

test('a row is read before its first message and no more, and each message continues the one before', async () => {
  const views = new OneKey();
  const bucket = new FeedBucket(views);
  for (const version of [1, 2, 3]) assert.ok(await bucket.publish(row(version, version)));
  assert.is(views.readCount, 1);
  assert.equal(views.message.previous, { version: 2 });
  assert.equal(views.message.current, { version: 3 });
});

test('what another publisher wrote meanwhile is found, and continued', async () => {
  const views = new OneKey();
  const [one, other] = [new FeedBucket(views), new FeedBucket(views)];
  await one.publish(row(1, 1));
  await other.publish(row(2, 2));
  assert.ok(await one.publish(row(3, 3)));
  assert.equal(views.message.previous, { version: 2 });
});

test('a row that is as this publisher left it is still written when another one changed it', async () => {
  const views = new OneKey();
  const [one, other] = [new FeedBucket(views), new FeedBucket(views)];
  await one.publish(row(1, 1));
  await other.publish(row(2, 2));
  assert.ok(await one.publish(row(1, 3)));
  assert.equal(views.message.current, { version: 1 });
});

test('what is newer than the row stays', async () => {
  const views = new OneKey();
  const [one, other] = [new FeedBucket(views), new FeedBucket(views)];
  await one.publish(row(1, 1));
  await other.publish(row(5, 5));
  assert.not.ok(await one.publish(row(2, 2)));
  assert.equal(views.message.current, { version: 5 });
});

test('an unchanged row is not written', async () => {
  const views = new OneKey();
  const bucket = new FeedBucket(views);
  await bucket.publish(row(1, 1));
  assert.not.ok(await bucket.publish(row(1, 2)));
  assert.is(views.revision, 1);
});

test.run();
