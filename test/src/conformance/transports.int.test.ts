/** Embedded only: both transports carry the same protocol; the rest of the suite runs on the default one. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  CancelledError,
  EventStoreDBClient,
  NO_STREAM,
  StreamDeletedError,
  WrongExpectedVersionError,
} from '@eventstore/db-client';
import { RecordedSubscription } from './recorded-subscription.ts';
import { collect, failureOf, openEmbedded, testEvent, testEvents, unary } from './target.ts';

const test = suite('conformance: transports');

for (const transport of ['http2', 'grpc-js'] as const) {
  test(`${transport}: appends, reads, subscriptions, errors with their fields, and the end of the server`, async () => {
    const embedded = await openEmbedded({ transport });
    const client = EventStoreDBClient.connectionString(embedded.server.url);
    await client.appendToStream('s', testEvents(1000), { expectedRevision: NO_STREAM });
    await client.appendToStream('s', testEvent('unary'), { expectedRevision: 999n, ...unary });
    const wrong = await failureOf(client.deleteStream('s', { expectedRevision: 5n }), WrongExpectedVersionError);
    assert.is(wrong.actualVersion, 1000n);
    assert.is((await collect(client.readStream('s'))).length, 1001);
    const subscription = new RecordedSubscription(() => client.subscribeToStream('s'));
    await subscription.untilLive();
    await client.appendToStream('s', testEvent('live'));
    await subscription.until('the live event', () => subscription.events.length === 1002);
    await client.tombstoneStream('gone-größer');
    const deleted = await failureOf(collect(client.readStream('gone-größer')), StreamDeletedError);
    assert.match(deleted.message, 'gone-größer');
    await embedded.close();
    assert.instance(await subscription.untilEnd(), CancelledError);
    await client.dispose();
  });
}

test.run();
