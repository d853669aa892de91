import type { Instant } from '@perennial/domain';

/** A message that could not be handled, as kept in `PARKED`. */
export type ParkedMessage = {
  /** Its sequence in `PARKED`: what `show`, `retry` and `discard` take. */
  readonly id: number;
  /** Who gave up on it, for instance `intake`. */
  readonly component: string;
  readonly parkedAt: Instant;
  /** Subject and sequence it had where it came from. */
  readonly subject: string;
  readonly sequence: number;
  /** Messages of one lane keep their order: later ones wait in `PARKED` behind the first. */
  readonly lane: string | undefined;
  readonly error: { readonly code: string; readonly message: string };
  readonly attempts: number;
  /** The original headers. */
  readonly headers: Readonly<Record<string, readonly string[]>>;
  /** The original bytes, untouched. */
  readonly data: Uint8Array;
};

/** What an operator can do about parked messages. */
export type ParkedMessages = {
  /** Oldest first. */
  list(options?: { readonly component?: string; readonly limit?: number }): Promise<readonly ParkedMessage[]>;
  show(id: number): Promise<ParkedMessage | undefined>;
  /** Sends the message, and all of its lane in order, through intake again; answers how many were handled and how many parked again. */
  retry(id: number): Promise<{ readonly handled: number; readonly parkedAgain: number }>;
  /** Gives the message up for good; answers whether it was there. The reason is logged as an event. */
  discard(id: number, discard: { readonly reason: string; readonly by: string }): Promise<boolean>;
};
