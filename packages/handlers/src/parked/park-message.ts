import { isPayloadTooLarge, parkedSubject, type Broker } from '@perennial/broker';
import { headers as natsHeaders } from 'nats';
import { failureCode, failureMessage } from '../retry/classify-failure.ts';

/** A message to park: everything an operator needs to understand and repeat it. */
export type MessageToPark = {
  readonly component: string;
  /** Parking the same key again within an hour changes nothing. */
  readonly key: string;
  readonly subject: string;
  readonly sequence: number;
  readonly lane: string | undefined;
  readonly error: unknown;
  readonly attempts: number;
  /** By the clock that decides; without it the broker's time counts. */
  readonly parkedAt?: string;
  readonly headers: Readonly<Record<string, readonly string[]>>;
  readonly data: Uint8Array;
};

/** Header names of a parked message. */
export const parkedHeaders = {
  component: 'Perennial-Component',
  subject: 'Perennial-Subject',
  sequence: 'Perennial-Sequence',
  lane: 'Perennial-Lane',
  code: 'Perennial-Error-Code',
  error: 'Perennial-Error',
  attempts: 'Perennial-Attempts',
  parkedAt: 'Perennial-Parked-At',
  original: 'Perennial-Headers',
  dataMissing: 'Perennial-Data-Missing',
} as const;

/** Parks a message and resolves with its id once the broker has stored it. */
export async function parkMessage(broker: Broker, parked: MessageToPark): Promise<number> {
  try {
    return await publish(broker, parked, {});
  } catch (error) {
    if (!isPayloadTooLarge(error)) throw error;
    // With our headers it no longer fits: its bytes stay where they came from.
    const missing = { [parkedHeaders.dataMissing]: `${parked.subject}@${parked.sequence}` };
    return publish(broker, { ...parked, data: new Uint8Array(), headers: {} }, missing);
  }
}

async function publish(broker: Broker, parked: MessageToPark, extra: Readonly<Record<string, string>>) {
  const headers = natsHeaders();
  const values = {
    [parkedHeaders.component]: parked.component,
    [parkedHeaders.subject]: parked.subject,
    [parkedHeaders.sequence]: String(parked.sequence),
    [parkedHeaders.code]: failureCode(parked.error),
    [parkedHeaders.error]: oneLine(failureMessage(parked.error)),
    [parkedHeaders.attempts]: String(parked.attempts),
    [parkedHeaders.original]: asciiJson(parked.headers),
    ...(parked.parkedAt === undefined ? {} : { [parkedHeaders.parkedAt]: parked.parkedAt }),
    ...(parked.lane === undefined ? {} : { [parkedHeaders.lane]: parked.lane }),
    ...extra,
  };
  for (const [name, value] of Object.entries(values)) headers.set(name, value);
  const ack = await broker.jetstream.publish(parkedSubject(parked.component), parked.data, {
    msgID: `${parked.component}:${parked.key}`,
    headers,
  });
  return ack.seq;
}

function oneLine(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]+/g, ' ').slice(0, 1_000);
}

/** Headers carry printable ASCII only. */
function asciiJson(value: unknown): string {
  return JSON.stringify(value).replaceAll(
    /[^\x20-\x7e]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
