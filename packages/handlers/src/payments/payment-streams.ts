import {
  decidePayment,
  evolvePayment,
  initialPayment,
  type Instant,
  type PaymentDecision,
  type PaymentEvent,
  type PaymentInput,
  type PaymentState,
} from '@perennial/domain';
import type { EventStore, NewEvent, RecordedEvent } from '@perennial/event-store';
import type { Clock } from '../clock/clock.ts';
import type { Cause } from '../command-handling/command-service.ts';
import { metadataOf } from '../command-handling/metadata.ts';
import { createLruCache } from '../state-cache/state-cache.ts';
import { createStreamHandler, type StreamView } from '../command-handling/stream-handler.ts';
import { createLanes } from '../lanes/lanes.ts';
import type { Metrics } from '../role/metrics.ts';

/** The streams of payments that named no subscription we know. */
export type PaymentStreams = {
  /** Decides one input and appends what it says. */
  handle(
    stream: string,
    input: PaymentInput,
    cause: Cause & { readonly commandId: string },
  ): Promise<{ readonly decision: PaymentDecision; readonly state: PaymentState }>;
  read(stream: string): Promise<PaymentState>;
};

/** See {@link PaymentStreams}. */
export function createPaymentStreams(options: {
  readonly store: EventStore;
  readonly clock: Clock;
  readonly metrics?: Metrics;
  /** Payment streams kept in memory; default 10 000. */
  readonly cacheEntryCountMax?: number;
}): PaymentStreams {
  const payments = createStreamHandler<PaymentState>({
    store: options.store,
    aggregate: { initial: initialPayment, evolve: (state, event) => evolvePayment(state, asPaymentEvent(event)) },
    cache: createLruCache({ cacheEntryCountMax: options.cacheEntryCountMax ?? 10_000 }),
    lanes: createLanes({ inFlightCountMax: 256, waitingCountMax: 8_192 }),
    ...(options.metrics === undefined ? {} : { metrics: options.metrics }),
  });
  return {
    handle: async (stream, input, cause) => {
      const decideOn = ({ state }: StreamView<PaymentState>) => {
        const now = options.clock.now();
        const decision = decidePayment(state, input, now);
        const events = decision.kind === 'accepted' ? decision.events : [];
        return { events: events.map((event) => toAppend(event, cause, now)), answer: decision };
      };
      const { answer, view } = await payments.transact(stream, decideOn);
      return { decision: answer, state: view.state };
    },
    read: async (stream) => (await payments.read(stream)).state,
  };
}

function asPaymentEvent({ type, data }: RecordedEvent): Pick<PaymentEvent, 'type' | 'data'> {
  // The door validated the data against the schema of its type; only payment events are in payment streams.
  return { type, data } as Pick<PaymentEvent, 'type' | 'data'>;
}

function toAppend(event: PaymentEvent, cause: Cause & { readonly commandId: string }, now: Instant): NewEvent {
  return {
    type: event.type,
    data: event.data,
    metadata: { ...metadataOf({ ...cause, now, tenant: undefined }), effectiveAt: event.effectiveAt },
  };
}
