/**
 * Carries the log to `EVENTS`: every event of every stream, in the log's order, once. The last message of `EVENTS` is
 * the only checkpoint, and every message is chained to the one before it, so two relays cannot interleave and a message
 * that the stream lost is noticed and published again (architecture.md, Relay).
 *
 * @module
 */
import {
  createFencedPublisher,
  encodeEventMessage,
  encodeUndecodableMessage,
  FenceBrokenError,
  isStreamNotFound,
  lastMessage,
  readEventMessageHead,
  streams,
  type Broker,
  type EventMessage,
  type FencedPublisher,
} from '@perennial/broker';
import { eventDefinitions } from '@perennial/domain';
import type { EventStore, RecordedEvent, SubscriptionItem, UndecodableEvent } from '@perennial/event-store';
import { headers as natsHeaders, type MsgHdrs } from 'nats';
import { parkMessage } from '../parked/park-message.ts';
import { backoffMs, pause, transientBackoff } from '../retry/backoff.ts';
import { classifyFailure, failureCode, failureMessage } from '../retry/classify-failure.ts';
import { silentLogger, type Logger } from '../role/logger.ts';
import { noMetrics, type Metrics } from '../role/metrics.ts';
import type { Role } from '../role/role.ts';
import { startRole, type RoleLifecycle } from '../role/start-role.ts';
import { readCheckpoint, type RelayCheckpoint } from './checkpoint.ts';
import { eventOrigin, subjectOf } from './event-origin.ts';

const currentVersions = new Map(eventDefinitions.map(({ type, schemaVersion }) => [type, schemaVersion]));

/** Options of {@link startRelay}. */
export type RelayOptions = {
  readonly broker: Broker;
  readonly store: EventStore;
  /** What `ensureLog` answered. */
  readonly logId: string;
  /** Makes `EVENTS` again when somebody deleted it. */
  readonly ensureStreams: () => Promise<unknown>;
  readonly log?: Logger;
  readonly metrics?: Metrics;
  /** Messages in flight; default 256. */
  readonly windowCountMax?: number;
  /** How often an idle relay compares `EVENTS` with what was acknowledged; default 2 s. */
  readonly verifyIntervalMs?: number;
  /** How long `EVENTS` has to stand still behind the log before a relay that lost against another takes over; default 500 ms. */
  readonly standbyMs?: number;
};

/** Starts the relay. It ends by itself only with a fault that needs a person: see `relay-errors.ts`. */
export function startRelay(options: RelayOptions): Role {
  return startRole('relay', (lifecycle) => new Relay(options, lifecycle).run());
}

/** Purges `EVENTS`, so that the relay publishes this log from its beginning. Read models must be rebuilt afterwards. */
export async function resetRelay(broker: Broker): Promise<void> {
  await broker.jetstreamManager.streams.purge(streams.events);
}

class Relay {
  readonly #options: RelayOptions;
  readonly #lifecycle: RoleLifecycle;
  readonly #log: Logger;
  readonly #metrics: Metrics;
  /** Grows when the server remembers the id of a message that its stream lost: it would call a repetition a duplicate. */
  #idEpoch = 0;
  /** Failures in a row without one message published between them. */
  #failureCount = 0;

  constructor(options: RelayOptions, lifecycle: RoleLifecycle) {
    this.#options = options;
    this.#lifecycle = lifecycle;
    this.#log = options.log ?? silentLogger;
    this.#metrics = options.metrics ?? noMetrics;
  }

  async run(): Promise<void> {
    const { broker, store, logId } = this.#options;
    const { signal } = this.#lifecycle;
    while (!signal.aborted) {
      try {
        await this.#publishFrom(await readCheckpoint(broker, store, logId));
      } catch (error) {
        if (classifyFailure(error) === 'fatal') throw error;
        this.#failureCount += 1;
        await this.#recover(error, this.#failureCount);
      }
    }
  }

  /** Publishes until it is told to stop or something breaks. */
  async #publishFrom(checkpoint: RelayCheckpoint): Promise<void> {
    const { broker, store, windowCountMax = 256 } = this.#options;
    const ended = new AbortController();
    const signal = AbortSignal.any([this.#lifecycle.signal, ended.signal]);
    const publisher = createFencedPublisher({
      broker,
      stream: streams.events,
      lastSequence: checkpoint.sequence,
      windowMax: windowCountMax,
    });
    const watching = this.#watch(publisher, ended);
    this.#metrics.count('relay_resyncs_total');
    this.#lifecycle.running('catching up');
    try {
      const after = checkpoint.after === undefined ? {} : { after: checkpoint.after };
      for await (const item of store.subscribeToAll({ ...after, signal })) {
        await this.#handle(item, publisher, ended);
      }
      await publisher.settled();
    } finally {
      ended.abort();
      await watching;
    }
    if (publisher.broken) throw publisher.broken;
  }

  async #handle(item: SubscriptionItem, publisher: FencedPublisher, ended: AbortController): Promise<void> {
    if (item.kind === 'caught-up') this.#lifecycle.running('caught up');
    if (item.kind !== 'event' && item.kind !== 'undecodable') return;
    const message = item.kind === 'event' ? this.#encode(item.event) : await this.#encodeUndecodable(item.event);
    await publisher.ready();
    void this.#publish(message, publisher, ended);
  }

  async #publish(message: RelayMessage, publisher: FencedPublisher, ended: AbortController): Promise<void> {
    const id = this.#idEpoch === 0 ? message.messageId : `${message.messageId}#${this.#idEpoch}`;
    try {
      await publisher.publish({ subject: message.subject, id, data: message.body, headers: message.headers });
      this.#failureCount = 0;
      this.#metrics.count('relay_events_total');
    } catch {
      // The publisher keeps why it broke; the run ends and throws that.
      ended.abort();
    }
  }

  #encode(event: RecordedEvent) {
    const origin = eventOrigin(event.stream);
    // The door hands on data of the current version only.
    const dataVersion = currentVersions.get(event.type) ?? event.metadata.schemaVersion;
    return withSubject(
      encodeEventMessage(event, { logId: this.#options.logId, subject: origin, dataVersion }),
      origin,
      event.type,
    );
  }

  /** Forwarded with its raw bytes, so that the revisions of its stream stay contiguous, and parked for a person to see. */
  async #encodeUndecodable(event: UndecodableEvent) {
    const origin = eventOrigin(event.stream);
    await parkMessage(this.#options.broker, {
      component: 'relay',
      key: event.id,
      subject: event.stream,
      sequence: event.revision,
      lane: undefined,
      error: event.error,
      attempts: 1,
      headers: {},
      data: event.rawData,
    });
    const message = encodeUndecodableMessage(event, { logId: this.#options.logId, subject: origin });
    this.#log.error({ stream: event.stream, revision: event.revision, type: event.type }, 'relay: undecodable event');
    return withSubject(message, origin, event.type);
  }

  /** Ends the run when `EVENTS` no longer ends where it was acknowledged: it lost its tail, or another relay writes. */
  async #watch(publisher: FencedPublisher, ended: AbortController): Promise<void> {
    const { broker, verifyIntervalMs = 2_000 } = this.#options;
    const signal = AbortSignal.any([this.#lifecycle.signal, ended.signal]);
    for (;;) {
      await pause(verifyIntervalMs, signal);
      if (signal.aborted) return;
      if (publisher.inFlight > 0) continue;
      const acknowledged = publisher.lastSequence;
      try {
        const { state } = await broker.jetstreamManager.streams.info(streams.events);
        const moved = publisher.inFlight > 0 || publisher.lastSequence !== acknowledged;
        const isPurged = acknowledged > 0 && state.messages === 0;
        if (moved || (state.last_seq === acknowledged && !isPurged)) continue;
        this.#log.warn({ expected: acknowledged, found: state.last_seq }, 'relay: EVENTS does not end where it should');
      } catch (error) {
        this.#lifecycle.failing(`EVENTS cannot be read: ${failureMessage(error)}`);
        if (!isStreamNotFound(error)) continue;
      }
      ended.abort();
    }
  }

  async #recover(error: unknown, failureCount: number): Promise<void> {
    const { signal } = this.#lifecycle;
    if (signal.aborted) return;
    this.#log.warn({ code: failureCode(error), failureCount }, `relay: ${failureMessage(error)}`);
    if (isStreamNotFound(error) || isReason(error, 'no-responders')) {
      this.#lifecycle.failing('EVENTS is missing');
      await this.#makeStreams();
    }
    // Once, another relay was faster. Twice without progress, the stream lost what the server still remembers.
    if (isReason(error, 'duplicate') && failureCount > 1) this.#idEpoch += 1;
    if (isReason(error, 'duplicate') || isReason(error, 'wrong-last-sequence')) return this.#standBy();
    this.#lifecycle.failing(failureMessage(error));
    await pause(backoffMs(failureCount, transientBackoff), signal);
  }

  async #makeStreams(): Promise<void> {
    try {
      await this.#options.ensureStreams();
    } catch (error) {
      this.#log.warn({ code: failureCode(error) }, `relay: EVENTS could not be made: ${failureMessage(error)}`);
    }
  }

  /** Another relay publishes: lets it, until `EVENTS` stands still behind the log. */
  async #standBy(): Promise<void> {
    const { broker, store, standbyMs = 500 } = this.#options;
    const { signal } = this.#lifecycle;
    this.#lifecycle.running('standby: another relay publishes');
    let seen = -1;
    while (!signal.aborted) {
      await pause(backoffMs(1, { firstMs: 2 * standbyMs, maxMs: 2 * standbyMs }), signal);
      const end = await lastMessage(broker, streams.events);
      const published = end.message ? readEventMessageHead(end.message).position : -1n;
      const behind = published < ((await store.lastPosition()) ?? -1n);
      if (behind && end.lastSequence === seen) return;
      seen = end.lastSequence;
    }
  }
}

type RelayMessage = {
  readonly messageId: string;
  readonly subject: string;
  readonly body: Uint8Array;
  readonly headers: MsgHdrs;
};

function withSubject(message: EventMessage, origin: string, type: string): RelayMessage {
  const headers = natsHeaders();
  for (const [name, value] of Object.entries(message.headers)) headers.set(name, value);
  return { messageId: message.messageId, body: message.body, headers, subject: subjectOf(origin, type) };
}

function isReason(error: unknown, reason: FenceBrokenError['reason']): boolean {
  return error instanceof FenceBrokenError && error.reason === reason;
}
