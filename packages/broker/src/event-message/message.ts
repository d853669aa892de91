/**
 * How a recorded event travels in `EVENTS` (contract.md, NATS): a CloudEvent in structured JSON whose extension
 * attributes carry the whole envelope, so that a consumer rebuilds the recorded event exactly, hashes included. Nothing
 * here knows an aggregate.
 *
 * @module
 */

/** The envelope of an event, as the event store's door reads it. */
export type MessageMetadata = {
  readonly schemaVersion: number;
  readonly effectiveAt: string;
  readonly recordedAt: string;
  readonly actor: {
    readonly type: 'user' | 'partner' | 'support' | 'provider' | 'system' | 'anonymous';
    readonly id: string;
    readonly roles: readonly string[];
  };
  readonly commandId: string;
  readonly $correlationId: string;
  readonly $causationId: string;
  readonly tenant?: string;
  readonly policy?: string;
  readonly catalogue?: string;
  readonly tzdata?: string;
  readonly reason?: string;
  readonly commandHash?: string;
  readonly prevHash: string;
  readonly hash: string;
  readonly traceparent?: string;
};

/** A recorded event: structurally the `RecordedEvent` of the event store's door. */
export type MessageEvent = {
  readonly stream: string;
  readonly revision: number;
  readonly position: bigint;
  readonly id: string;
  readonly type: string;
  readonly data: unknown;
  readonly metadata: MessageMetadata;
};

/** An event that could not be decoded, with its stored bytes: structurally the door's `UndecodableEvent`. */
export type UndecodableMessageEvent = {
  readonly stream: string;
  readonly revision: number;
  readonly position: bigint;
  readonly id: string;
  readonly type: string;
  readonly rawData: Uint8Array;
  readonly rawMetadata: Uint8Array;
  readonly error: Error;
};

/** Where an event message comes from and belongs. */
export type EventMessageOrigin = {
  /** Id of the log (`LogCreated`): two logs never mix in one stream of messages. */
  readonly logId: string;
  /** `<tenant>/<subscriptionId>`, or the stream's name where there is none: the CloudEvent's subject and partition key. */
  readonly subject: string;
  /**
   * Schema version that `data` has in the message. The envelope's `schemaVersion` is the one that is stored, which the hash
   * covers; the relay has brought the data up to its own release's.
   */
  readonly dataVersion: number;
};

/** A message ready to be published. */
export type EventMessage = {
  /** The event's id: `Nats-Msg-Id`. */
  readonly messageId: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
};

/** What is read back from a message of `EVENTS`. */
export type DecodedEventMessage =
  | {
      readonly kind: 'event';
      readonly logId: string;
      readonly subject: string;
      readonly dataVersion: number;
      readonly event: MessageEvent;
    }
  /** The relay could not decode it either; it is forwarded so that the revisions of its stream stay contiguous. */
  | {
      readonly kind: 'undecodable';
      readonly logId: string;
      readonly subject: string;
      readonly event: UndecodableMessageEvent;
    };

/** Which event a message is, read from its headers alone. */
export type EventMessageHead = {
  readonly logId: string;
  readonly stream: string;
  readonly revision: number;
  readonly position: bigint;
  readonly id: string;
};

/** Header names of a message of `EVENTS`. */
export const eventHeaders = {
  stream: 'Esdb-Stream',
  revision: 'Esdb-Revision',
  position: 'Esdb-Position',
  logId: 'Perennial-Log-Id',
  undecodable: 'Perennial-Undecodable',
  messageId: 'Nats-Msg-Id',
} as const;

/** A message of `EVENTS` that is not one of ours: published by somebody else, or damaged. */
export class EventMessageError extends Error {
  override readonly name = 'EventMessageError';
  readonly code = 'EVENT_MESSAGE_UNREADABLE';
  constructor(reason: string, options?: ErrorOptions) {
    super(
      `A message of EVENTS cannot be read: ${reason}. Only the relay may publish there; ` +
        'delete the stream and let the relay publish it again.',
      options,
    );
  }
}
