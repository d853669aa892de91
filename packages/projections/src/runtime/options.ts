import type { Broker } from '@perennial/broker';
import type { EventStore } from '@perennial/event-store';
import type { Logger, ReadClock } from '../ports.ts';
import type { Projection } from '../projection/projection.ts';
import type { Sql } from '../sql/types.ts';
import type { FillBounds } from './fill-set.ts';
import type { ProjectionMetrics } from './metrics.ts';

/** What the projections run on. */
export type ProjectionsOptions = {
  readonly sql: Sql;
  readonly broker: Broker;
  /** For healing and rebuilding. */
  readonly store: Pick<EventStore, 'readAll' | 'readStream' | 'lastPosition'>;
  readonly logger?: Logger;
  readonly metrics?: ProjectionMetrics;
  /** What the age of an event is measured with: the clock it was recorded by; default the machine's. */
  readonly clock?: ReadClock;
  /** Events per transaction; default 500. */
  readonly batchCountMax?: number;
  /** Events that are folded together while a set is filled from the log; default 2 000. */
  readonly fillPageCountMax?: number;
  /** Rows held in memory while a set is filled, half of them not written yet; default 50 000. */
  readonly fillRowCountMax?: number;
  /** About how many bytes of JSON these rows may have; default 64 MiB. */
  readonly fillByteCountMax?: number;
  /** How long a batch waits for more while more is on its way; default 20. */
  readonly lingerMs?: number;
  /** Silence after which broker and log are asked whether that is right; default 2 000. */
  readonly idleCheckMs?: number;
  /** Pauses after a failure: doubled from the first to the last; defaults 50 and 5 000. */
  readonly backoffFirstMs?: number;
  readonly backoffLastMs?: number;
  /** Default: every projection of this release. */
  readonly projections?: readonly Projection[];
};

/** How much is folded and held at a time while a set is filled from the log. */
export function fillBoundsOf(options: ProjectionsOptions): FillBounds {
  return {
    pageCountMax: options.fillPageCountMax ?? 500,
    rowCountMax: options.fillRowCountMax ?? 50_000,
    byteCountMax: options.fillByteCountMax ?? 67_108_864,
  };
}
