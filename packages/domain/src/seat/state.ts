/**
 * The state that decisions on a seat are made on, and its fold.
 *
 * @module
 */
import type { Instant } from '../instant.ts';
import { emptyPagedMap, pagedAdd, type PagedMap } from '../subscription/paged-map.ts';
import type { Seat } from '../subscription/state.ts';
import type { DecidedSeatEvent, DeviceKind, SeatEvent } from './events.ts';

/** A device on which the person is signed in. */
export type Device = {
  readonly deviceId: string;
  readonly kind: DeviceKind;
  readonly activatedAt: Instant;
  readonly lastUsedAt: Instant;
};

/** What the person has done with the seat, under the holding that the events name. Plain JSON: read models share it. */
export type SeatUse = {
  /** Revision of the event that gave the seat; -1 before the first event. */
  readonly heldSince: number;
  /** `null`: as they were when the seat was given. */
  readonly appsOff: readonly string[] | null;
  /** The least recently used first. */
  readonly devices: readonly Device[];
};

/** Nothing done yet. */
export const unusedSeat: SeatUse = { heldSince: -1, appsOff: null, devices: [] };

/** What counts while a seat is held. */
export type SeatInForce = { readonly appsOff: readonly string[]; readonly devices: readonly Device[] };

/** Joins both streams: what was done under another holding counts for nothing. */
export function seatInForce(use: SeatUse, seat: Pick<Seat, 'appsOff' | 'heldSince'>): SeatInForce {
  if (use.heldSince !== seat.heldSince) return { appsOff: seat.appsOff, devices: [] };
  return { appsOff: use.appsOff ?? seat.appsOff, devices: use.devices };
}

/** Folds what read models need. */
export function evolveSeatUse(
  before: SeatUse,
  event: Pick<DecidedSeatEvent, 'type' | 'data' | 'effectiveAt'>,
): SeatUse {
  const { heldSince } = event.data;
  // Decisions read the subscription after the seat, so that a holding is never followed by an older one.
  if (heldSince < before.heldSince) return before;
  const use = heldSince === before.heldSince ? before : { ...unusedSeat, heldSince };
  // The type names the schema that the event's data was validated with.
  const { type, data, effectiveAt } = event as DecidedSeatEvent;
  switch (type) {
    case 'AppsToggled':
      return { ...use, appsOff: data.appsOff };
    case 'DeviceActivated': {
      const known = use.devices.find(({ deviceId }) => deviceId === data.deviceId);
      const { deviceId, kind } = data;
      const device = { deviceId, kind, activatedAt: known?.activatedAt ?? effectiveAt, lastUsedAt: effectiveAt };
      return { ...use, devices: [...without(use.devices, deviceId), device] };
    }
    case 'DeviceDeactivated':
      return { ...use, devices: without(use.devices, data.deviceId) };
    default:
      return type satisfies never;
  }
}

/** See the module's description. */
export type SeatState = {
  readonly use: SeatUse;
  /** Every command id ever applied to the seat: exactly once rests on it. */
  readonly commandIds: PagedMap<{ readonly hash: string; readonly revision: number }>;
  /** Nothing is decided before this. */
  readonly latest: Instant;
};

/** The state before the first event. */
export const initialSeat: SeatState = { use: unusedSeat, commandIds: emptyPagedMap(), latest: '' };

/** Folds one event. */
export function evolveSeat(state: SeatState, event: SeatEvent): SeatState {
  const { commandId, commandHash, revision, effectiveAt } = event;
  return {
    use: evolveSeatUse(state.use, event),
    commandIds:
      commandHash === undefined
        ? state.commandIds
        : pagedAdd(state.commandIds, commandId, { hash: commandHash, revision }),
    latest: effectiveAt > state.latest ? effectiveAt : state.latest,
  };
}

function without(devices: readonly Device[], id: string): Device[] {
  return devices.filter(({ deviceId }) => deviceId !== id);
}
