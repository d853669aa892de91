import type { Projection } from '../projection/projection.ts';
import type { VersionSet } from '../set/version-set.ts';
import { endOfEvents } from './events-end.ts';
import { fillSet, foldedProjections, type FillBounds } from './fill-set.ts';
import { openSet, type OpenedSet, type OpenSetOptions } from './opened-set.ts';
import type { ProjectionsOptions } from './options.ts';

/** What opening a set that may have to be filled needs. */
export type OpenFilledOptions = Pick<OpenSetOptions, 'onCommit' | 'isCurrent'> & {
  readonly set: VersionSet;
  /** The set that reads use, from which tables are taken over where only some are folded. */
  readonly live?: VersionSet;
  readonly projections: readonly Projection[];
  readonly logId: string;
  readonly bounds: FillBounds;
  readonly signal: AbortSignal;
  /** Called with every form in which the set is opened, the one for filling first. */
  readonly onOpened: (opened: OpenedSet) => void;
  readonly onPage: (eventCount: number, position: bigint) => void;
};

/**
 * Opens a set, fills it from the log where that was not done yet, and says where it goes on in `EVENTS`. Undefined when
 * `signal` aborted.
 */
export async function openFilled(options: ProjectionsOptions, how: OpenFilledOptions): Promise<OpenedSet | undefined> {
  const { sql, broker, store } = options;
  const { set, projections, signal, onOpened } = how;
  // Looked up first: what is read from the log and what comes from EVENTS must overlap.
  const end = await endOfEvents(broker, how.logId);
  if (!set.isFilled) {
    const folded = foldedProjections(set, projections);
    const filling = await openSet(options, { ...how, projections: folded, isFilling: true });
    onOpened(filling);
    const isFilled = await fillSet({ ...how, sql, store, writer: filling.writer, projections });
    if (!isFilled) return undefined;
  }
  const opened = await openSet(options, { ...how, set: { ...set, isFilled: true } });
  onOpened(opened);
  const { writer } = opened;
  if (set.isFilled) return opened;
  if (end && end.position <= writer.checkpoint.position) {
    await writer.write([], { streamSequence: end.streamSequence, streamCreated: end.streamCreated });
  }
  return signal.aborted ? undefined : opened;
}
