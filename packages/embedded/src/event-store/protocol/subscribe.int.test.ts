import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { EventLog } from '../store/event-log.ts';
import { LmdbStore } from '../store/lmdb-store.ts';
import type { Call } from './call.ts';
import { shared, streams } from './generated.ts';
import { readHandler } from './read.ts';

const test = suite('subscriptions that fall behind');
let directory = '';
let log: EventLog;

test.before.each(() => {
  directory = mkdtempSync(join(tmpdir(), 'subscribe-'));
  log = new EventLog(LmdbStore.open(directory), {
    // A tail of three events: every reader that pauses must go back to the data file.
    limits: { streamsCachedMax: 5, recentIdsMax: 4, tailEventsMax: 3, tailBytesMax: 10_000 },
    now: Date.now,
    onCommitFailed: (error) => {
      throw error;
    },
  });
});
test.after.each(async () => {
  await log.close();
  rmSync(directory, { recursive: true, force: true });
});

function subscriptionRequest(stream?: string): Buffer {
  const options = new streams.ReadReq.Options();
  const uuidOption = new streams.ReadReq.Options.UUIDOption();
  uuidOption.setString(new shared.Empty());
  options.setUuidOption(uuidOption);
  options.setSubscription(new streams.ReadReq.Options.SubscriptionOptions());
  options.setNoFilter(new shared.Empty());
  if (stream === undefined) {
    const all = new streams.ReadReq.Options.AllOptions();
    all.setStart(new shared.Empty());
    options.setAll(all);
  } else {
    const identifier = new shared.StreamIdentifier();
    identifier.setStreamName(Buffer.from(stream).toString('base64'));
    const one = new streams.ReadReq.Options.StreamOptions();
    one.setStreamIdentifier(identifier);
    one.setStart(new shared.Empty());
    options.setStream(one);
  }
  const request = new streams.ReadReq();
  request.setOptions(options);
  return Buffer.from(request.serializeBinary());
}

/** A client that takes seven messages and then makes the server wait for several turns of the event loop. */
class SlowClient implements Call {
  readonly ids: string[] = [];
  caughtUp = 0;
  readonly #abort = new AbortController();
  readonly #request: Buffer;
  #taken = 0;

  constructor(stream?: string) {
    this.#request = subscriptionRequest(stream);
  }

  get signal() {
    return this.#abort.signal;
  }

  get requests(): AsyncIterable<Buffer> {
    const request = this.#request;
    return (async function* once() {
      yield request;
    })();
  }

  send(message: Uint8Array): boolean {
    const response = streams.ReadResp.deserializeBinary(message);
    if (response.hasCaughtUp()) this.caughtUp += 1;
    const id = response.getEvent()?.getEvent()?.getId()?.getString();
    if (id !== undefined) this.ids.push(id);
    this.#taken += 1;
    return this.#taken % 7 !== 0;
  }

  async drained(): Promise<void> {
    for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  }

  leave(): void {
    this.#abort.abort();
  }
}

for (const stream of [undefined, 's'] as const) {
  test(`${stream ?? 'the whole log'}: a slow client gets every event once and in order`, async () => {
    const client = new SlowClient(stream);
    const served = readHandler(log)(client);
    const written: string[] = [];
    for (let round = 0; round < 60; round += 1) {
      const events = Array.from({ length: 1 + (round % 9) }, () => ({
        id: randomUUID(),
        type: 'Tested',
        isJson: true,
        data: Buffer.from('{}'),
        customMetadata: Buffer.alloc(0),
      }));
      written.push(...events.map(({ id }) => id));
      await log.append({ stream: 's', expectation: { kind: 'any' }, events });
    }
    const deadline = Date.now() + 10_000;
    while (client.ids.length < written.length && Date.now() < deadline) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.equal(client.ids, written);
    assert.ok(client.caughtUp > 0);
    client.leave();
    await served;
  });
}

test('a subscription whose client leaves while nothing happens ends', async () => {
  const client = new SlowClient();
  const served = readHandler(log)(client);
  while (client.caughtUp === 0) await new Promise((resolve) => setImmediate(resolve));
  client.leave();
  await served;
});

test.run();
