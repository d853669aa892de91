import {
  chainItems,
  chainOf,
  pagedFromParts,
  pagedParts,
  type Chain,
  type PagedMap,
  type SubscriptionState,
  type TimelineEntry,
} from '@perennial/domain';

/** One of the parts that a state is taken apart into. */
export type StatePart = {
  /** Two states that share it have the same content in this part, and need it written once. */
  readonly identity: object;
  /** Plain JSON. */
  readonly content: () => unknown;
};

/** How states are written in parts, so that a large one is not written as a whole when little of it changed. */
export type StatePartsCodec<State> = {
  /** What is small, and how the parts belong together: plain JSON. */
  readonly layoutOf: (state: State) => unknown;
  /** Always in the same order. */
  readonly partsOf: (state: State) => readonly StatePart[];
  /** The state again. Parts may be read later, when they are first needed. */
  readonly join: (layout: unknown, readPart: (index: number) => unknown) => State;
  /** Events after which the parts are worth writing again: the larger a state, the rarer. */
  readonly snapshotEvery: (state: State) => number;
};

type MapName = 'seats' | 'commandIds' | 'entries';
type MapLayout = { readonly size: number; readonly levels: 0 | 1 | 2 };
type Layout = Omit<SubscriptionState, 'seats' | 'commandIds' | 'ledger' | 'timeline'> & {
  readonly refundedOnly: readonly string[];
  readonly maps: Readonly<Record<MapName, MapLayout>>;
  readonly timelinePartCount: number;
};

const mapNames: readonly MapName[] = ['seats', 'commandIds', 'entries'];
/** Entries of the timeline in one part. */
const timelinePartSize = 64;
const [snapshotEveryMin, snapshotEveryMax] = [256, 1024];

/** The header and what else is small, pages of seats, command ids and payments, and stretches of the timeline. */
export const subscriptionParts: StatePartsCodec<SubscriptionState> = {
  layoutOf: (state) => {
    const { seats: _seats, commandIds: _commandIds, ledger, timeline, ...small } = state;
    const maps = mapsOf(state);
    return {
      ...small,
      refundedOnly: ledger.refundedOnly,
      maps: {
        seats: mapLayout(maps.seats),
        commandIds: mapLayout(maps.commandIds),
        entries: mapLayout(maps.entries),
      },
      timelinePartCount: timelineCells(timeline).length,
    } satisfies Layout;
  },

  partsOf: (state) => {
    const maps = mapsOf(state);
    return [
      ...mapNames.flatMap((name): StatePart[] => mapParts(maps[name])),
      ...timelineCells(state.timeline).map(({ last, items }) => ({ identity: last, content: () => items })),
    ];
  },

  join: (given, readPart) => {
    // Written by `layoutOf` of this very build, and its checksum was right.
    const { maps, refundedOnly, timelinePartCount, ...small } = given as Layout;
    let first = 0;
    const join = <V>(name: MapName): PagedMap<V> => {
      const from = first;
      first += 16 ** maps[name].levels;
      // Written by `partsOf` of this very build.
      return pagedFromParts<V>(maps[name], (index) => readPart(from + index) as readonly (readonly [string, V])[]);
    };
    const [seats, commandIds, entries] = [
      join<SeatOf>('seats'),
      join<CommandIdOf>('commandIds'),
      join<PaymentOf>('entries'),
    ];
    const stretches = Array.from({ length: timelinePartCount }, (_, index) => readPart(first + index));
    const timeline = chainOf((stretches as TimelineEntry[][]).flat());
    return { ...small, seats, commandIds, ledger: { entries, refundedOnly }, timeline };
  },

  snapshotEvery: ({ seats, commandIds, ledger }) =>
    Math.max(
      snapshotEveryMin,
      Math.min(snapshotEveryMax, Math.floor((seats.size + commandIds.size + ledger.entries.size) / 64)),
    ),
};

type ValueOf<M> = M extends PagedMap<infer V> ? V : never;
type SeatOf = ValueOf<SubscriptionState['seats']>;
type CommandIdOf = ValueOf<SubscriptionState['commandIds']>;
type PaymentOf = ValueOf<SubscriptionState['ledger']['entries']>;

function mapsOf({ seats, commandIds, ledger }: SubscriptionState) {
  return { seats, commandIds, entries: ledger.entries };
}

function mapLayout(map: PagedMap<unknown>): MapLayout {
  return { size: map.size, levels: levelsOf(map) };
}

function mapParts(map: PagedMap<unknown>): StatePart[] {
  return pagedParts(map, levelsOf(map)).map(({ identity, entries }) => ({ identity, content: entries }));
}

/** Some hundred entries in a part at most, up to 100 000. */
function levelsOf({ size }: PagedMap<unknown>): 0 | 1 | 2 {
  if (size <= 256) return 0;
  return size <= 8_192 ? 1 : 2;
}

/** Stretches of the timeline, each with its last cell: that cell stands for all before it. */
function timelineCells(timeline: Chain<TimelineEntry>): { readonly last: object; readonly items: TimelineEntry[] }[] {
  const items = chainItems(timeline);
  const cells: { last: object; items: TimelineEntry[] }[] = [];
  for (let cell = timeline; cell !== null; cell = cell.previous) {
    const isLast = cell.length === items.length || cell.length % timelinePartSize === 0;
    const from = Math.floor((cell.length - 1) / timelinePartSize) * timelinePartSize;
    if (isLast) cells.push({ last: cell, items: items.slice(from, cell.length) });
  }
  return cells.reverse();
}
