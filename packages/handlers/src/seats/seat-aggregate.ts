import { evolveSeat, initialSeat, type SeatEvent, type SeatState } from '@perennial/domain';
import type { RecordedEvent } from '@perennial/event-store';
import type { Aggregate } from '../command-handling/stream-handler.ts';

/** How the loop folds a seat's stream. */
export const seatAggregate: Aggregate<SeatState> = {
  initial: initialSeat,
  evolve: (state, event) => evolveSeat(state, asSeatEvent(event)),
};

function asSeatEvent({ type, data, metadata, revision }: RecordedEvent): SeatEvent {
  const folded = {
    type,
    data,
    revision,
    effectiveAt: metadata.effectiveAt,
    commandId: metadata.commandId,
    ...(metadata.commandHash === undefined ? {} : { commandHash: metadata.commandHash }),
  };
  // The door validated the data against the schema of its type; only that pairing is lost on the way.
  return folded as SeatEvent;
}
