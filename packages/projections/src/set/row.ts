import type { Body, Projection } from '../projection/projection.ts';

/** A row as the runtime handles it. A row without body is absent, or (a root) parked before its first event. */
export type Row = {
  readonly stream: string;
  readonly key: string;
  /** Revision of the event that last changed the row; of a root, the stream's last handled revision. */
  readonly revision: number;
  readonly position: bigint;
  readonly body: Body | null;
  /** Only of a root: the revision at which the stream is held because its event could not be handled. */
  readonly parkedRevision: number | null;
  readonly parkedError: string | null;
};

/** Rows that are read and changed while events are folded. */
export type Rows = {
  get(projection: Projection, stream: string, key: string): Row | undefined;
  set(projection: Projection, row: Row): void;
};

/** Rows that come from the database as they are needed. */
export type LoadedRows = Pick<Rows, 'get'> & {
  /** Whether the database has nothing of a stream that is not here. */
  isComplete(stream: string): boolean;
  /** Whether a row, or its absence, is known without asking the database. */
  isKnown(projection: Projection, stream: string, key: string): boolean;
  /** What the database has in this place; undefined for nothing. */
  load(projection: Projection, address: RowAddress, row: Row | undefined): void;
};

/** Where a row is. */
export type RowAddress = { readonly stream: string; readonly key: string };

/** Rows by projection, stream and key; absent rows are not in it. Changes are laid over the rows that were loaded. */
export class RowMap implements Rows, LoadedRows {
  readonly #byTable = new Map<Projection, Map<string, Row>>();
  readonly #loaded: RowMap | undefined;

  constructor(loaded?: RowMap) {
    this.#loaded = loaded;
  }

  get(projection: Projection, stream: string, key: string): Row | undefined {
    return this.#byTable.get(projection)?.get(address(stream, key)) ?? this.#loaded?.get(projection, stream, key);
  }

  /** The row as it was loaded. */
  before(projection: Projection, stream: string, key: string): Row | undefined {
    return this.#loaded?.get(projection, stream, key);
  }

  isComplete(): boolean {
    return false;
  }

  /** Every batch asks anew: another process may have written since. */
  isKnown(): boolean {
    return false;
  }

  load(projection: Projection, _address: RowAddress, row: Row | undefined): void {
    if (row) this.set(projection, row);
  }

  set(projection: Projection, row: Row): void {
    let rows = this.#byTable.get(projection);
    if (rows === undefined) this.#byTable.set(projection, (rows = new Map<string, Row>()));
    rows.set(address(row.stream, row.key), row);
  }

  /** The rows laid over the loaded ones: what has to be written. */
  changed(projection: Projection): readonly Row[] {
    return [...(this.#byTable.get(projection)?.values() ?? [])];
  }
}

/** Stream names hold no space, so the address is unambiguous. */
function address(stream: string, key: string): string {
  return `${stream} ${key}`;
}

/** The row of a stream or key that nothing is known of. */
export function absentRow(stream: string, key: string): Row {
  return { stream, key, revision: -1, position: -1n, body: null, parkedRevision: null, parkedError: null };
}
