/** Embedded only: both transports carry the same protocol; the rest of the suite runs on the default one. */
import { connect, constants } from 'node:http2';
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
import { collect, failureOf, openEmbedded, testEvent, testEvents, unary, within } from './target.ts';

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

for (const transport of ['http2', 'grpc-js'] as const) {
  test(`${transport}: calls abandoned at any moment, and nonsense, harm nobody else`, async () => {
    const embedded = await openEmbedded({ transport });
    const session = connect(`http://127.0.0.1:${embedded.server.port}`);
    session.on('error', () => {});
    const services = [
      'streams.Streams/Read',
      'streams.Streams/BatchAppend',
      'streams.Streams/Append',
      'no.Such/Method',
    ];
    const bodies = ['', 'nonsense', '\0\0\0\0\x01\xff', '\x01\0\0\0\0', '\0\x7f\xff\xff\xff', '\0\0\0\0\x04'];
    const calls = Array.from({ length: 400 }, async (_, index) => {
      const path = `/event_store.client.${services[index % services.length]}`;
      const call = session.request({ ':method': 'POST', ':path': path, 'content-type': 'application/grpc' });
      call.on('error', () => {}).resume();
      const closed = new Promise<void>((resolve) => call.on('close', resolve));
      call.write(Buffer.from(bodies[index % bodies.length] ?? '', 'latin1'));
      for (let turn = 0; turn < index % 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      call.close(constants.NGHTTP2_CANCEL);
      await closed;
    });
    await within(Promise.all(calls), 'abandoning 400 calls');
    session.destroy();
    const client = EventStoreDBClient.connectionString(embedded.server.url);
    await client.appendToStream('s', testEvent('well'), { expectedRevision: NO_STREAM });
    assert.is((await collect(client.readStream('s'))).length, 1);
    await client.dispose();
    await embedded.close();
    assert.equal(await embedded.server.exited, { code: 0, signal: null });
  });
}

test.run();
