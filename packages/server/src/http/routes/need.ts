import { ProblemError } from '../problem.ts';

/** A port that this server may lack: then 501. */
export function need<T>(port: T | undefined, what: string): T {
  if (port !== undefined) return port;
  throw new ProblemError('NOT_IMPLEMENTED_YET', `${what} is not available on this server yet.`);
}
