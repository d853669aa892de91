/** The event store holds less than was published, for instance after an old backup was restored. */
export class EventStoreOlderThanPublishedError extends Error {
  override readonly name = 'EventStoreOlderThanPublishedError';
  readonly code = 'EVENT_STORE_OLDER_THAN_PUBLISHED';
  constructor(event: { readonly stream: string; readonly revision: number; readonly id: string }) {
    super(
      `The last message of EVENTS is ${event.stream}@${event.revision} (${event.id}), which this event store does not hold: ` +
        'the store is older than what was published. Restore the newer store; or, to publish this one instead, start once with ' +
        'PERENNIAL_RELAY_RESET=yes, which makes the read models anew.',
    );
  }
}

/** `EVENTS` was published from another log. */
export class LogMismatchError extends Error {
  override readonly name = 'LogMismatchError';
  readonly code = 'LOG_MISMATCH';
  constructor(published: string, own: string) {
    super(
      `EVENTS was published from log ${published}, but the event store is log ${own}. Point EVENTSTORE_URL and NATS_URL ` +
        'at engines that belong together; or start once with PERENNIAL_RELAY_RESET=yes, which publishes this log and makes the read models anew.',
    );
  }
}
