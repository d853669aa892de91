import { EngineError } from '../../engine-error.ts';
import { messageOf } from '../errors.ts';

/** Everything is served on the loopback address only: nobody is asked who they are. */
export const ADDRESS = '127.0.0.1';

/** The largest request taken: what the real server takes. */
export const REQUEST_BYTES_MAX = 16 * 1024 * 1024 - 10_000;

/** Where and how to serve. */
export interface TransportOptions {
  /** 0: any free port. */
  port: number;
  /** How long open calls may take to end when stopping. */
  stopTimeoutMs: number;
}

/** A running transport. */
export interface Transport {
  port: number;
  /** Ends open calls as CANCELLED and closes every connection. */
  stop(): Promise<void>;
}

/** PORT_IN_USE, whatever the reason why the port cannot be opened. */
export function portUnusable(port: number, error: unknown): EngineError {
  const reason = messageOf(error);
  const message = /EADDRINUSE/.test(reason)
    ? `Port ${port} is in use; choose another one, or 0 for any free port.`
    : `Port ${port} cannot be opened (${reason}); choose another one, or 0 for any free port.`;
  return new EngineError('PORT_IN_USE', message, { cause: error });
}
