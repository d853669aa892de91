import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { connect, credsAuthenticator, type ConnectionOptions, type NatsConnection } from 'nats';
import { BrokerError } from '../errors/broker-error.ts';
import { isUnauthorized } from '../errors/questions.ts';
import { parseAddress, type BrokerAddress } from './address.ts';
import type { Broker } from './broker.ts';
import { capabilitiesOf, isAtLeast, minimumServerVersion } from './capabilities.ts';
import { watchStatus } from './status.ts';

/** How to reach NATS. */
export interface ConnectBrokerOptions {
  /** `NATS_URL`: one URL, or several with commas. */
  readonly url: string;
  /** Shown in the server's connection list. */
  readonly name: string;
  /** `NATS_CREDS`: a credentials file. */
  readonly credsPath?: string;
  /** `NATS_TLS_CA`: certificates to trust. */
  readonly tlsCaPath?: string;
  /** Replies arrive below it; one prefix per role where permissions are narrow. */
  readonly inboxPrefix?: string;
  readonly logger?: { warn(message: string): void };
  /** How long the first connection may take, retries included. */
  readonly connectWaitMs?: number;
  /** Bound of one request to JetStream. */
  readonly requestTimeoutMs?: number;
}

const retryWaitMs = 250;

/**
 * Connects, and stays connected: a lost connection is re-established for ever.
 *
 * @throws BrokerError NATS_URL_INVALID, NATS_UNREACHABLE, NATS_UNAUTHORIZED, NATS_VERSION_UNSUPPORTED,
 * JETSTREAM_UNAVAILABLE
 * @example
 * const broker = await connectBroker({ url: 'nats://127.0.0.1:4222', name: 'relay' });
 */
export async function connectBroker(options: ConnectBrokerOptions): Promise<Broker> {
  const address = parseAddress(options.url);
  const timeout = options.requestTimeoutMs ?? 2_000;
  const connection = await connectWithin(await connectionOptions(options, address), address, options);
  try {
    checkVersion(connection, address);
    const jetstreamManager = await connection.jetstreamManager({ checkAPI: false, timeout });
    await checkJetStream(connection, () => jetstreamManager.getAccountInfo(), address);
    const { inboxPrefix = '_INBOX', logger } = options;
    return openBroker(connection, { jetstreamManager, inboxPrefix, timeout, logger });
  } catch (error) {
    await connection.close();
    throw error;
  }
}

async function connectionOptions(options: ConnectBrokerOptions, address: BrokerAddress): Promise<ConnectionOptions> {
  const { user, pass, token } = address;
  const creds = options.credsPath === undefined ? undefined : await readFile(options.credsPath);
  return {
    servers: address.servers,
    name: options.name,
    timeout: options.requestTimeoutMs ?? 2_000,
    // The client's default gives up after 20 s and stays closed for good.
    maxReconnectAttempts: -1,
    reconnectTimeWait: 250,
    reconnectJitter: 100,
    reconnectJitterTLS: 100,
    pingInterval: 20_000,
    maxPingOut: 2,
    // Wrong credentials may be a server that is just being set up; only closing ends the attempts.
    ignoreAuthErrorAbort: true,
    noAsyncTraces: true,
    ...(options.inboxPrefix === undefined ? {} : { inboxPrefix: options.inboxPrefix }),
    ...(creds ? { authenticator: credsAuthenticator(creds) } : {}),
    ...(user !== undefined && pass !== undefined ? { user, pass } : {}),
    ...(token === undefined ? {} : { token }),
    ...(options.tlsCaPath === undefined ? (address.tls ? { tls: {} } : {}) : { tls: { caFile: options.tlsCaPath } }),
  };
}

/** The client's own waiting for the first connection has no end, so the retries are here. */
async function connectWithin(
  connectionOptions: ConnectionOptions,
  address: BrokerAddress,
  options: ConnectBrokerOptions,
): Promise<NatsConnection> {
  const deadline = performance.now() + (options.connectWaitMs ?? 10_000);
  for (;;) {
    try {
      return await connect(connectionOptions);
    } catch (error) {
      if (isUnauthorized(error)) {
        const what = `NATS at ${address.shown} refused the credentials. Check NATS_CREDS or the user in NATS_URL.`;
        throw new BrokerError('NATS_UNAUTHORIZED', what, { cause: error });
      }
      if (performance.now() + retryWaitMs >= deadline) {
        const what = `NATS at ${address.shown} could not be reached: ${(error as Error).message}. Check NATS_URL.`;
        throw new BrokerError('NATS_UNREACHABLE', what, { cause: error });
      }
      await delay(retryWaitMs);
    }
  }
}

function checkVersion(connection: NatsConnection, address: BrokerAddress): void {
  const version = connection.info?.version ?? '0.0.0';
  if (isAtLeast(version, minimumServerVersion)) return;
  throw new BrokerError(
    'NATS_VERSION_UNSUPPORTED',
    `NATS at ${address.shown} is version ${version}; ${minimumServerVersion} or newer is needed (2.10.23 or newer in production).`,
  );
}

async function checkJetStream(
  connection: NatsConnection,
  ask: () => Promise<unknown>,
  address: BrokerAddress,
): Promise<void> {
  // A user with narrow permissions may not ask, but the server's greeting says enough.
  if (connection.info?.jetstream === true) return;
  try {
    await ask();
  } catch (error) {
    throw new BrokerError(
      'JETSTREAM_UNAVAILABLE',
      `NATS at ${address.shown} runs without JetStream. Enable it (jetstream { store_dir: … }) for the server and the account.`,
      { cause: error },
    );
  }
}

function openBroker(
  connection: NatsConnection,
  parts: Pick<Broker, 'jetstreamManager' | 'inboxPrefix'> & { timeout: number; logger: ConnectBrokerOptions['logger'] },
): Broker {
  const status = watchStatus(connection, parts.logger);
  const version = () => connection.info?.version ?? '0.0.0';
  const flush = async (timeoutMs = 5_000): Promise<void> => {
    const aborted = new AbortController();
    const late = async (): Promise<'late' | undefined> => {
      await delay(timeoutMs, undefined, { signal: aborted.signal }).catch(() => undefined);
      return 'late';
    };
    const outcome = await Promise.race([connection.flush(), late()]);
    aborted.abort();
    if (outcome === 'late') throw new BrokerError('NATS_FLUSH_TIMEOUT', `NATS did not answer within ${timeoutMs} ms.`);
  };
  return {
    connection,
    jetstream: connection.jetstream({ timeout: parts.timeout }),
    jetstreamManager: parts.jetstreamManager,
    inboxPrefix: parts.inboxPrefix,
    get version() {
      return version();
    },
    get capabilities() {
      return capabilitiesOf(version());
    },
    isConnected: status.isConnected,
    onStatus: status.onStatus,
    flush,
    close: async (timeoutMs = 2_000) => {
      if (connection.isClosed()) return;
      try {
        if (status.isConnected()) await flush(timeoutMs);
      } catch (error) {
        parts.logger?.warn(`Closing the connection to NATS with messages unsent: ${(error as Error).message}`);
      } finally {
        await connection.close();
      }
    },
  };
}
