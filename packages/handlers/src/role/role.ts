/**
 * What every long-running part of the write side offers to whoever composes the process.
 *
 * @module
 */

/** How a role is doing: `failing` retries in place and will recover by itself; `stopped` will not. */
export type RoleState = 'starting' | 'running' | 'failing' | 'stopped';

/** Shown on `/readyz`. */
export type RoleStatus = {
  readonly state: RoleState;
  /** One sentence for people: what it waits for, or what went wrong and since when. */
  readonly detail: string;
};

/** A long-running part of the process. */
export type Role = {
  readonly name: string;
  /** Drains (finishes what is in flight, bounded) and ends; may be called more than once. */
  stop(): Promise<void>;
  /** Settles when the role has ended: resolves after `stop()`, rejects on a fatal fault, which must end the process. */
  readonly stopped: Promise<void>;
  status(): RoleStatus;
};
