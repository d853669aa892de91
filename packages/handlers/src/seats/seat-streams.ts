import type { SeatState } from '@perennial/domain';
import type { EventStore } from '@perennial/event-store';
import { createStreamHandler, type StreamHandler } from '../command-handling/stream-handler.ts';
import { createLanes } from '../lanes/lanes.ts';
import type { Metrics } from '../role/metrics.ts';
import { createLruCache } from '../state-cache/state-cache.ts';
import { seatAggregate } from './seat-aggregate.ts';

/** What people have done with their seats: one stream per seat, the latest ones in memory. */
export function createSeatStreams(options: {
  readonly store: EventStore;
  readonly metrics?: Metrics | undefined;
  /** Seats kept in memory; default 10 000. */
  readonly cacheEntryCountMax?: number;
}): StreamHandler<SeatState> {
  const { store, metrics, cacheEntryCountMax = 10_000 } = options;
  return createStreamHandler({
    store,
    aggregate: seatAggregate,
    cache: createLruCache<SeatState>({ cacheEntryCountMax }),
    lanes: createLanes({ inFlightCountMax: 64, waitingCountMax: 4_096 }),
    ...(metrics === undefined ? {} : { metrics }),
  });
}
