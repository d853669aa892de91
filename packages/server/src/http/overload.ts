/**
 * Refuses work that could not be done in time: more requests in flight than can be served, or an event loop that no
 * longer keeps up. A client that is told to come back does better than one that waits for a time-out.
 *
 * @module
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { MiddlewareHandler } from 'hono';
import { retryAfter } from './faults.ts';
import type { ApiEnv } from './operation.ts';
import { ProblemError } from './problem.ts';

/** Bounds of the server. */
export type OverloadOptions = {
  readonly inFlightCountMax: number;
  /** Mean delay of the event loop over the last `sampleMs` beyond which work is refused. */
  readonly eventLoopDelayMaxMs: number;
  readonly sampleMs: number;
  readonly retryAfterSeconds: number;
  /** Milliseconds that the event loop is late; measured where absent. */
  readonly eventLoopDelayMs?: () => number;
};

/** See {@link OverloadOptions}. */
export const defaultOverload: OverloadOptions = {
  inFlightCountMax: 512,
  eventLoopDelayMaxMs: 1000,
  sampleMs: 1000,
  retryAfterSeconds: 1,
};

/** Answers 503 `OVERLOADED` beyond the bounds. Liveness, readiness and metrics are always answered. */
export function refuseOverload(options: OverloadOptions): MiddlewareHandler<ApiEnv> {
  const delayMs = options.eventLoopDelayMs ?? measureDelay(options.sampleMs);
  let inFlight = 0;
  return async (context, next) => {
    if (!context.req.path.startsWith('/v1/')) return next();
    const reason =
      inFlight >= options.inFlightCountMax ? 'requests' : delayMs() > options.eventLoopDelayMaxMs ? 'time' : null;
    if (reason !== null) {
      throw new ProblemError(
        'OVERLOADED',
        reason === 'requests'
          ? 'Too many requests are being answered at this moment: try again after the time in Retry-After.'
          : 'The server is busy and would answer late: try again after the time in Retry-After.',
        {},
        retryAfter(options.retryAfterSeconds),
      );
    }
    inFlight += 1;
    try {
      return await next();
    } finally {
      inFlight -= 1;
    }
  };
}

/**
 * Mean delay of the last whole sample; sampled on demand, so that nothing keeps the process alive, and from the first
 * request on: what a start blocks on says nothing about the work that comes after it.
 */
function measureDelay(sampleMs: number): () => number {
  const resolutionMs = 20;
  const histogram = monitorEventLoopDelay({ resolution: resolutionMs });
  let mean = 0;
  let since: number | undefined;
  return () => {
    if (since === undefined) {
      histogram.enable();
      since = performance.now();
    } else if (performance.now() - since >= sampleMs) {
      mean = histogram.count > 0 ? Math.max(0, histogram.mean / 1e6 - resolutionMs) : 0;
      histogram.reset();
      since = performance.now();
    }
    return mean;
  };
}
