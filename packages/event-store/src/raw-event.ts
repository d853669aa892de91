import type { Instant } from './types.ts';

/** An event as stored, undecoded. */
export type RawEvent = {
  readonly stream: string;
  readonly revision: number;
  readonly position: bigint;
  readonly id: string;
  readonly type: string;
  /** When the server says it was written. Not covered by the hash. */
  readonly created: Instant;
  readonly isJson: boolean;
  /** Stored bytes, untouched. */
  readonly rawData: Uint8Array;
  readonly rawMetadata: Uint8Array;
};
