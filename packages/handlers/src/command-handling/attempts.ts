import { attemptsStream, type Instant } from '@perennial/domain';
import type { EventStore } from '@perennial/event-store';
import { createLanes } from '../lanes/lanes.ts';
import { failureCode, failureMessage } from '../retry/classify-failure.ts';
import type { Logger } from '../role/logger.ts';
import type { Metrics } from '../role/metrics.ts';
import type { Cause } from './command-service.ts';
import { metadataOf } from './metadata.ts';

/** A refused command. The body is not kept: it may hold anything. */
export type RefusedAttempt = {
  readonly tenant: string;
  readonly subscriptionId: string;
  readonly command: string;
  readonly commandId: string;
  readonly reasonCodes: readonly string[];
  readonly status: string | undefined;
  readonly firstEventId: string | undefined;
  readonly cause: Cause;
  readonly now: Instant;
};

/** Records who tried what. Best effort: it never delays or fails an answer. */
export type Attempts = {
  record(attempt: RefusedAttempt): void;
  /** Resolves when nothing waits any more, at the latest after `timeoutMs`. */
  drained(timeoutMs: number): Promise<void>;
};

/** Options of {@link createAttempts}. */
export type AttemptsOptions = {
  readonly store: EventStore;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Newest attempts kept per subscription; default 100. */
  readonly keepCountMax?: number;
  /** Attempts that may wait to be written; default 1 000, the next one is dropped and counted. */
  readonly waitingCountMax?: number;
};

/** See {@link Attempts}. */
export function createAttempts(options: AttemptsOptions): Attempts {
  const { store, log, metrics, keepCountMax = 100 } = options;
  const lanes = createLanes({ inFlightCountMax: 4, waitingCountMax: options.waitingCountMax ?? 1_000 });

  const write = async (attempt: RefusedAttempt) => {
    const stream = attemptsStream(attempt.tenant, attempt.subscriptionId);
    const head = await store.readHead(stream);
    if (head.revision < 0) await store.limitStream(stream, keepCountMax);
    const outcome = await store.append(stream, head, [toEvent(attempt)]);
    // Another process recorded one at the same moment: its head is read once more, then it is left.
    if (outcome.kind === 'conflict') await store.append(stream, await store.readHead(stream), [toEvent(attempt)]);
  };
  const record = async (attempt: RefusedAttempt) => {
    try {
      await lanes.run(`${attempt.tenant}/${attempt.subscriptionId}`, () => write(attempt));
    } catch (error) {
      metrics.count('attempts_dropped_total');
      log.warn({ code: failureCode(error) }, `a refused command was not recorded: ${failureMessage(error)}`);
    }
  };
  return {
    record: (attempt) => void record(attempt),
    drained: async (timeoutMs) => {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, timeoutMs)));
      await Promise.race([lanes.idle(), late]);
      clearTimeout(timer);
    },
  };
}

function toEvent({ cause, commandId, now, command, tenant, subscriptionId, ...refused }: RefusedAttempt) {
  const { reasonCodes, status, firstEventId } = refused;
  return {
    type: 'CommandRefused',
    data: {
      tenant,
      subscriptionId,
      command,
      reasonCodes: [...reasonCodes],
      ...(status === undefined ? {} : { status }),
      ...(firstEventId === undefined ? {} : { firstEventId }),
    },
    metadata: metadataOf({ ...cause, commandId, now, tenant }),
  };
}
