/** Every reason for which the broker's door refuses or fails. */
export type BrokerErrorCode =
  | 'NATS_URL_INVALID'
  | 'NATS_UNREACHABLE'
  | 'NATS_UNAUTHORIZED'
  | 'NATS_VERSION_UNSUPPORTED'
  | 'NATS_FLUSH_TIMEOUT'
  | 'JETSTREAM_UNAVAILABLE'
  | 'TOPOLOGY_MISMATCH'
  | 'FENCE_BROKEN'
  | 'PUBLISH_WINDOW_FULL'
  | 'SUBJECT_INVALID'
  | 'VIEW_KEY_INVALID';

/** A fault at the door to NATS: `message` says what happened and what to do next, `code` is stable, `cause` is kept. */
export class BrokerError extends Error {
  override readonly name: string = 'BrokerError';

  constructor(
    readonly code: BrokerErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
