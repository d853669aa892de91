/** Stable codes of everything this package throws. */
export const EventStoreErrorCode = {
  unavailable: 'EVENT_STORE_UNAVAILABLE',
  overloaded: 'EVENT_STORE_OVERLOADED',
  appendTooLarge: 'APPEND_TOO_LARGE',
  invalidEvent: 'INVALID_EVENT',
  undecodableEvent: 'UNDECODABLE_EVENT',
  url: 'EVENT_STORE_URL_INVALID',
  alreadyOpen: 'EVENT_STORE_ALREADY_OPEN',
  closed: 'EVENT_STORE_CLOSED',
  streamDeleted: 'STREAM_DELETED',
  accessDenied: 'EVENT_STORE_ACCESS_DENIED',
  requestRefused: 'EVENT_STORE_REQUEST_REFUSED',
  incompatible: 'EVENT_STORE_INCOMPATIBLE',
  registry: 'EVENT_REGISTRY_INVALID',
} as const;

/** Base of every error of this package: catch it to tell the door's errors from others. */
export abstract class EventStoreError extends Error {
  abstract readonly code: (typeof EventStoreErrorCode)[keyof typeof EventStoreErrorCode];
  override get name(): string {
    return this.constructor.name;
  }
}

/** The store gave no answer within the bounds. Nothing is known to be wrong with the request: send the same again later. */
export class EventStoreUnavailableError extends EventStoreError {
  readonly code = EventStoreErrorCode.unavailable;
  constructor(action: string, reason: string, options?: ErrorOptions) {
    super(
      `could not ${action}: ${reason}; check that the event store runs and is reachable, then send the same again`,
      options,
    );
  }
}

/** More callers wait for an append than `appendsWaitingMax` allows: slow the callers down and retry. */
export class EventStoreOverloadedError extends EventStoreError {
  readonly code = EventStoreErrorCode.overloaded;
  constructor(waiting: number) {
    super(`${waiting} appends already wait for a free slot; nothing was sent: slow down and retry`);
  }
}

/** The events of one append are larger than a server accepts: split the decision or shorten its data. */
export class AppendTooLargeError extends EventStoreError {
  readonly code = EventStoreErrorCode.appendTooLarge;
  constructor(stream: string, sizeBytes: number, maxBytes: number, options?: ErrorOptions) {
    super(
      `append to ${stream} is ${sizeBytes} bytes, at most ${maxBytes} are accepted; write fewer or smaller events`,
      options,
    );
  }
}

/** An event that must not be stored: unknown type, data or metadata that its schema refuses, or no JSON. Nothing was sent. */
export class InvalidEventError extends EventStoreError {
  readonly code = EventStoreErrorCode.invalidEvent;
  constructor(stream: string, type: string, reason: string, options?: ErrorOptions) {
    super(`event ${type} cannot be appended to ${stream}: ${reason}; correct what produced it`, options);
  }
}

/** Why an event could not be decoded. */
export type UndecodableReason =
  | 'unknown-type'
  | 'unknown-version'
  | 'not-json'
  | 'invalid-metadata'
  | 'upcaster-failed'
  | 'invalid-data';

/** A stored event that this version of the program cannot read: park it with its bytes, and upgrade or repair the definition. */
export class UndecodableEventError extends EventStoreError {
  readonly code = EventStoreErrorCode.undecodableEvent;
  readonly stream: string;
  readonly revision: number;
  readonly reason: UndecodableReason;
  constructor(
    at: { stream: string; revision: number; type: string },
    reason: UndecodableReason,
    detail: string,
    options?: ErrorOptions,
  ) {
    super(
      `event ${at.type} at ${at.stream}@${at.revision} is undecodable (${reason}): ${detail}; park it and add or repair its definition`,
      options,
    );
    this.stream = at.stream;
    this.revision = at.revision;
    this.reason = reason;
  }
}

/** The connection string cannot be used. */
export class EventStoreUrlError extends EventStoreError {
  readonly code = EventStoreErrorCode.url;
  constructor(reason: string, options?: ErrorOptions) {
    super(`the event store's URL ${reason}; use esdb://host:2113?tls=false or esdb+discover://name:2113`, options);
  }
}

/** A process talks to EventStoreDB through one client only: its pending appends are shared by the whole process. */
export class EventStoreAlreadyOpenError extends EventStoreError {
  readonly code = EventStoreErrorCode.alreadyOpen;
  constructor() {
    super('an event store is already open in this process; share it, or close it first');
  }
}

/** The store was closed while, or before, it was asked. */
export class EventStoreClosedError extends EventStoreError {
  readonly code = EventStoreErrorCode.closed;
  constructor(action: string) {
    super(`could not ${action}: the event store is closed; open it again`);
  }
}

/** The stream was tombstoned: nothing can be read from it or appended to it, ever. */
export class StreamDeletedError extends EventStoreError {
  readonly code = EventStoreErrorCode.streamDeleted;
  readonly stream: string;
  constructor(stream: string, options?: ErrorOptions) {
    super(`stream ${stream} was tombstoned; use another stream`, options);
    this.stream = stream;
  }
}

/** The credentials of the connection string do not permit this (`$all` needs an administrator by default). */
export class AccessDeniedError extends EventStoreError {
  readonly code = EventStoreErrorCode.accessDenied;
  constructor(action: string, options?: ErrorOptions) {
    super(`not allowed to ${action}; give the user of the connection string the right to it`, options);
  }
}

/** The server refused the request itself, for instance a position that is not one of this log. The same request can never succeed. */
export class RequestRefusedError extends EventStoreError {
  readonly code = EventStoreErrorCode.requestRefused;
  constructor(action: string, reason: string, options?: ErrorOptions) {
    super(
      `could not ${action}: the server refused the request (${reason}); correct it, the same cannot succeed`,
      options,
    );
  }
}

/** The server, or the installed client, does not do what this package relies on. */
export class EventStoreIncompatibleError extends EventStoreError {
  readonly code = EventStoreErrorCode.incompatible;
  constructor(what: string, options?: ErrorOptions) {
    super(`${what}; use EventStoreDB 22.10 or newer with @eventstore/db-client 6.2.1`, options);
  }
}

/** The event definitions contradict each other. */
export class EventRegistryError extends EventStoreError {
  readonly code = EventStoreErrorCode.registry;
  constructor(type: string, reason: string) {
    super(`event definition ${JSON.stringify(type)}: ${reason}; correct the definitions`);
  }
}
