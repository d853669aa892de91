import { headers as natsHeaders } from 'nats';
import type { Broker } from '@perennial/broker';
import type { EventStore } from '@perennial/event-store';
import type { Clock } from '../clock/clock.ts';
import { backoffMs, pause } from '../retry/backoff.ts';
import type { PersonVault } from '../vault/person-vault.ts';
import type { ParkedMessage, ParkedMessages } from './parked-message.ts';
import { recordDiscard } from './record-discard.ts';
import { deleteParked, readParked, readParkedMessage } from './read-parked.ts';
import { retryHeaders } from './retry-headers.ts';

/** A parked message that cannot be sent again, or whose retry nobody handled. */
export class ParkedRetryError extends Error {
  override readonly name = 'ParkedRetryError';
  constructor(
    readonly code: 'PARKED_NOT_RETRYABLE' | 'PARKED_RETRY_UNHANDLED',
    message: string,
  ) {
    super(message);
  }
}

/** Options of {@link createParkedMessages}. */
export type ParkedMessagesOptions = {
  readonly broker: Broker;
  readonly store: EventStore;
  readonly clock: Clock;
  /** Encrypts the reason of a discard. */
  readonly vault: Pick<PersonVault, 'encrypt' | 'userIdOf'>;
  /** How long a retried message may take; default 15 s. */
  readonly retryTimeoutMs?: number;
  /** Rounds over a lane to which new messages keep being added; default 100. */
  readonly roundCountMax?: number;
};

/** Opens `PARKED` for operators. */
export function createParkedMessages(options: ParkedMessagesOptions): ParkedMessages {
  const { broker } = options;
  return {
    list: ({ component, limit = 1_000 } = {}) =>
      readParked(broker, { limit, ...(component === undefined ? {} : { component }) }),
    show: (id) => readParkedMessage(broker, id),
    retry: (id) => retry(options, id),
    discard: async (id, { reason, by }) => {
      const parked = await readParkedMessage(broker, id);
      if (!parked) return false;
      // First the record, then the removal: a crash between them leaves a message that can be discarded again.
      await recordDiscard(options, parked, { reason, by });
      return deleteParked(broker, id);
    },
  };
}

/** Sends the first message of the lane, waits, then the next: they keep their order, and a failure stops the rest. */
async function retry(options: ParkedMessagesOptions, id: number) {
  const { broker, roundCountMax = 100 } = options;
  const asked = await readParkedMessage(broker, id);
  let handled = 0;
  if (!asked) return { handled, parkedAgain: 0 };
  for (let round = 0; round < roundCountMax; round += 1) {
    const lane = await laneOf(broker, asked);
    for (const parked of lane) {
      if (!(await sendAgain(options, parked))) return { handled, parkedAgain: 1 };
      handled += 1;
    }
    // What came meanwhile queued up behind: it goes next.
    if (lane.length === 0 || asked.lane === undefined) break;
  }
  return { handled, parkedAgain: 0 };
}

async function laneOf(broker: Broker, asked: ParkedMessage): Promise<readonly ParkedMessage[]> {
  if (asked.component !== 'intake') {
    throw new ParkedRetryError(
      'PARKED_NOT_RETRYABLE',
      `Messages of ${asked.component} are kept for reading only; correct what they show, then discard them.`,
    );
  }
  if (asked.lane === undefined) return [asked];
  const parked = await readParked(broker, { component: 'intake' });
  return parked.filter(({ lane }) => lane === asked.lane).toSorted((a, b) => a.sequence - b.sequence || a.id - b.id);
}

/** Answers whether intake handled it; false when it was parked again. */
async function sendAgain(options: ParkedMessagesOptions, parked: ParkedMessage): Promise<boolean> {
  const { broker, retryTimeoutMs = 15_000 } = options;
  const headers = natsHeaders();
  for (const [name, values] of Object.entries(parked.headers)) {
    if (!/^(nats-|perennial-retry-)/i.test(name)) for (const value of values) headers.append(name, value);
  }
  headers.set(retryHeaders.id, String(parked.id));
  headers.set(retryHeaders.order, String(parked.sequence));
  const newest = (await readParked(broker, { component: 'intake' })).at(-1)?.id ?? 0;
  // No message id: the same message may be sent again after the next correction.
  await broker.jetstream.publish(parked.subject, parked.data, { headers });
  const deadline = performance.now() + retryTimeoutMs;
  for (let attempt = 1; performance.now() < deadline; attempt += 1) {
    await pause(backoffMs(attempt, { firstMs: 5, maxMs: 100 }));
    if (await readParkedMessage(broker, parked.id)) continue;
    const since = await readParked(broker, { component: 'intake', afterId: newest });
    return !since.some(({ sequence, lane }) => sequence === parked.sequence && lane === parked.lane);
  }
  throw new ParkedRetryError(
    'PARKED_RETRY_UNHANDLED',
    `Parked message ${parked.id} was sent again, but intake did not handle it within ${retryTimeoutMs} ms; check that intake runs.`,
  );
}
