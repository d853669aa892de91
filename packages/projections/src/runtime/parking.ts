import { parkedSubject, type Broker } from '@perennial/broker';
import { headers } from 'nats';
import type { HeldStream } from '../projection/fold-stream.ts';

/** The name under which projections park. */
export const parkingComponent = 'projections';

/** Tells operators about an event that could not be handled: its stored bytes, where it is, and why. */
export async function publishHeld(broker: Broker, schema: string, held: HeldStream): Promise<void> {
  const { item, error } = held;
  const { stream, revision, position, id, type } = item.event;
  const extra = headers();
  extra.set('Parked-Stream', stream);
  extra.set('Parked-Revision', String(revision));
  extra.set('Parked-Position', String(position));
  extra.set('Parked-Event-Id', id);
  extra.set('Parked-Event-Type', type);
  extra.set('Parked-Error', error.message.replaceAll(/[^\x20-\x7e]+/g, ' ').slice(0, 500));
  extra.set('Parked-Set', schema);
  const body = item.kind === 'undecodable' ? item.event.rawData : Buffer.from(JSON.stringify(item.event.data), 'utf8');
  await broker.jetstream.publish(parkedSubject(parkingComponent), body, {
    msgID: `${parkingComponent}:${schema}:${stream}:${revision}`,
    headers: extra,
  });
}
