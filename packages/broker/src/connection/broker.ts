import type { JetStreamClient, JetStreamManager, NatsConnection } from 'nats';
import type { BrokerCapabilities } from './capabilities.ts';

/** What a connection reports about itself. */
export type BrokerStatus =
  | { readonly type: 'disconnected' }
  | { readonly type: 'reconnected' }
  | { readonly type: 'lame-duck' }
  | { readonly type: 'error'; readonly detail: string }
  | { readonly type: 'closed'; readonly error?: Error };

/** An open connection to NATS with JetStream. */
export interface Broker {
  readonly connection: NatsConnection;
  readonly jetstream: JetStreamClient;
  readonly jetstreamManager: JetStreamManager;
  /** Below it, this connection receives replies. */
  readonly inboxPrefix: string;
  /** Version of the server that is connected now; after a reconnect it may be another one. */
  readonly version: string;
  readonly capabilities: BrokerCapabilities;
  readonly isConnected: () => boolean;
  /** Calls the listener on every change; answers a function that stops it. */
  readonly onStatus: (listener: (status: BrokerStatus) => void) => () => void;
  /**
   * Resolves when the server has seen everything sent so far.
   *
   * @throws BrokerError NATS_FLUSH_TIMEOUT
   */
  readonly flush: (timeoutMs?: number) => Promise<void>;
  /** Sends what is buffered, as far as that is possible within the time, and closes. End consumers first. */
  readonly close: (timeoutMs?: number) => Promise<void>;
}
