import type { LogItem } from '../projection/log-item.ts';
import type { Projection } from '../projection/projection.ts';
import type { LoadedRows, Row, RowAddress, Rows } from './row.ts';

/** How much is held in memory. */
export type MemoryBounds = {
  /** Rows, those that were written already and those that were not. */
  readonly rowCountMax: number;
  /** About so many bytes of JSON; a row is heavier in memory than as text. */
  readonly byteCountMax: number;
};

/** What has to be written of one table. */
export type ChangedRows = {
  readonly projection: Projection;
  /** Not in the table yet. */
  readonly added: readonly Row[];
  /** In the table, with an older content. */
  readonly replaced: readonly Row[];
  /** In the table, and not to be there any more. */
  readonly removed: readonly Row[];
};

type Cell = {
  row: Row | undefined;
  /** Whether the table has the row, or will have it once what is being written is written. */
  isStored: boolean;
  isChanged: boolean;
};

type StreamMemory = {
  /** Whether everything that the tables have of the stream is here. */
  readonly isComplete: boolean;
  /** The page in which it was met last. */
  metAt: number;
  readonly cells: Map<Projection, Map<string, Cell>>;
};

/** Weighing a row costs as much as writing it. */
const weighedEvery = 16;

/**
 * The rows of a set that nobody else writes to, while it is filled: each is kept until there is no room for it, so that it
 * is read at most once and written once per flush however often it changes.
 */
export class RowMemory implements Rows, LoadedRows {
  readonly #streams = new Map<string, StreamMemory>();
  readonly #bounds: MemoryBounds;
  #changed = new Map<Projection, Cell[]>();
  #changedCount = 0;
  #pageCount = 0;
  #rowCount = 0;
  #weighed = { count: 0, byteCount: 0 };

  constructor(bounds: MemoryBounds) {
    this.#bounds = bounds;
  }

  /** Rows that differ from what the tables have. */
  get changedCount(): number {
    return this.#changedCount;
  }

  /** Whether rows should be written now: half of the room is taken by what has changed. */
  get isHalfFull(): boolean {
    return this.#changedCount * 2 > this.#roomInRows();
  }

  /** Prepares for the next events: of a stream that begins with them the tables have nothing. */
  expect(items: readonly LogItem[]): void {
    this.#pageCount += 1;
    for (const { event } of items) {
      const { stream, revision } = event;
      const memory = this.#streams.get(stream);
      if (memory) memory.metAt = this.#pageCount;
      else if (revision === 0) this.#streams.set(stream, this.#newStream(true));
    }
  }

  isComplete(stream: string): boolean {
    return this.#streams.get(stream)?.isComplete === true;
  }

  isKnown(projection: Projection, stream: string, key: string): boolean {
    const memory = this.#streams.get(stream);
    return memory !== undefined && (memory.isComplete || memory.cells.get(projection)?.has(key) === true);
  }

  get(projection: Projection, stream: string, key: string): Row | undefined {
    return this.#streams.get(stream)?.cells.get(projection)?.get(key)?.row;
  }

  load(projection: Projection, { stream, key }: RowAddress, row: Row | undefined): void {
    const cell = this.#cell(projection, stream, key);
    cell.row = row;
    cell.isStored = row !== undefined;
  }

  set(projection: Projection, row: Row): void {
    const cell = this.#cell(projection, row.stream, row.key);
    cell.row = row;
    if (cell.isChanged) return;
    cell.isChanged = true;
    this.#changedCount += 1;
    const cells = this.#changed.get(projection);
    if (cells) cells.push(cell);
    else this.#changed.set(projection, [cell]);
    if (this.#changedCount % weighedEvery === 0) this.#weigh(row);
  }

  /** What has to be written, each row in its last state; from now on it counts as written. */
  takeChanged(): ChangedRows[] {
    const taken = [...this.#changed].map(([projection, cells]) => sorted(projection, cells));
    this.#changed = new Map();
    this.#changedCount = 0;
    return taken;
  }

  /** Makes room: forgets the streams that were not met for longest, those alone of which everything is written. */
  forgetOldest(): void {
    const room = this.#roomInRows();
    if (this.#rowCount <= room) return;
    const oldestFirst = [...this.#streams].sort(([, one], [, other]) => one.metAt - other.metAt);
    for (const [stream, { cells }] of oldestFirst) {
      if (this.#rowCount * 2 <= room) return;
      const all = [...cells.values()].flatMap((ofTable) => [...ofTable.values()]);
      if (all.some(({ isChanged }) => isChanged)) continue;
      this.#streams.delete(stream);
      this.#rowCount -= all.length;
    }
  }

  #cell(projection: Projection, stream: string, key: string): Cell {
    let memory = this.#streams.get(stream);
    if (memory === undefined) this.#streams.set(stream, (memory = this.#newStream(false)));
    let cells = memory.cells.get(projection);
    if (cells === undefined) memory.cells.set(projection, (cells = new Map<string, Cell>()));
    let cell = cells.get(key);
    if (cell === undefined) {
      cells.set(key, (cell = { row: undefined, isStored: false, isChanged: false }));
      this.#rowCount += 1;
    }
    return cell;
  }

  #newStream(isComplete: boolean): StreamMemory {
    return { isComplete, metAt: this.#pageCount, cells: new Map() };
  }

  #weigh({ body }: Row): void {
    this.#weighed.count += 1;
    this.#weighed.byteCount += body === null ? 0 : JSON.stringify(body).length;
  }

  #roomInRows(): number {
    const { count, byteCount } = this.#weighed;
    const { rowCountMax, byteCountMax } = this.#bounds;
    return byteCount === 0 ? rowCountMax : Math.min(rowCountMax, (byteCountMax * count) / byteCount);
  }
}

function sorted(projection: Projection, cells: readonly Cell[]): ChangedRows {
  const [added, replaced, removed]: [Row[], Row[], Row[]] = [[], [], []];
  for (const cell of cells) {
    const { row, isStored } = cell;
    cell.isChanged = false;
    if (row === undefined) continue;
    // A root stays without a body too: it holds its stream's revision.
    cell.isStored = row.body !== null || projection.root;
    if (cell.isStored) (isStored ? replaced : added).push(row);
    else if (isStored) removed.push(row);
  }
  return { projection, added, replaced, removed };
}
