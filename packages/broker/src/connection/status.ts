import { Events, type NatsConnection, type Status } from 'nats';
import type { Broker, BrokerStatus } from './broker.ts';

/** Follows a connection until it closes. */
export function watchStatus(
  connection: NatsConnection,
  logger: { warn(message: string): void } | undefined,
): Pick<Broker, 'isConnected' | 'onStatus'> {
  const listeners = new Set<(status: BrokerStatus) => void>();
  let connected = true;
  const report = (status: BrokerStatus): void => {
    if (status.type === 'disconnected' || status.type === 'closed') connected = false;
    if (status.type === 'reconnected') connected = true;
    for (const listener of listeners) listener(status);
  };
  const follow = async (): Promise<void> => {
    for await (const status of connection.status()) {
      const known = translate(status);
      if (known?.type === 'error') logger?.warn(`NATS: ${known.detail}`);
      if (known !== undefined) report(known);
    }
  };
  const awaitEnd = async (): Promise<void> => {
    const error = await connection.closed();
    report(error ? { type: 'closed', error } : { type: 'closed' });
  };
  void follow();
  void awaitEnd();
  return {
    isConnected: () => connected && !connection.isClosed(),
    onStatus: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function translate(status: Status): BrokerStatus | undefined {
  const { type } = status;
  if (type === Events.Disconnect) return { type: 'disconnected' };
  if (type === Events.Reconnect) return { type: 'reconnected' };
  if (type === Events.LDM) return { type: 'lame-duck' };
  return type === Events.Error ? { type: 'error', detail: describe(status) } : undefined;
}

function describe({ data, permissionContext: denied }: Status): string {
  const what = typeof data === 'string' ? data : JSON.stringify(data);
  return denied ? `${what} (${denied.operation} on ${denied.subject})` : what;
}
