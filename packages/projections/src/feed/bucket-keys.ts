import { streams, viewsBucketName, type Broker } from '@perennial/broker';

const pageCountMax = 500;
const pageWaitMs = 5_000;
const prefix = `$KV.${viewsBucketName}.`;

/**
 * Every key of the bucket, markers of deletions as well, no faster than they are taken. The client's own list of keys ends
 * too early for whoever does something between two keys.
 */
export async function* keysOfViews(broker: Broker): AsyncGenerator<string, void, undefined> {
  const { state } = await broker.jetstreamManager.streams.info(streams.views);
  if (state.messages === 0) return;
  const consumer = await broker.jetstream.consumers.get(streams.views, { headers_only: true });
  for (;;) {
    const page: string[] = [];
    let pendingCount = 0;
    for await (const message of await consumer.fetch({ max_messages: pageCountMax, expires: pageWaitMs })) {
      page.push(message.subject.slice(prefix.length));
      pendingCount = message.info.pending;
      if (pendingCount === 0) break;
    }
    yield* page;
    if (pendingCount === 0) return;
  }
}
