import type { Log } from './log/log.ts';
import { createStreamMemory } from './log/stream-memory.ts';
import { subscriptionHistory, type HistoryPage, type HistoryRequest } from './history/subscription-history.ts';

/** Questions about any instant, answered from the log alone. */
export type Audit = {
  history(request: HistoryRequest): Promise<HistoryPage | undefined>;
};

/** Options of {@link openAudit}. */
export type AuditOptions = {
  readonly log: Log;
  /** Events kept in memory between questions; default 20 000. */
  readonly keptEventCountMax?: number;
};

/**
 * Opens the questions. Nothing has to be closed.
 *
 * @example
 * const audit = openAudit({ log: store });
 * const page = await audit.history({ tenant: 'acme', subscriptionId: 'office-1', limit: 100 });
 */
export function openAudit({ log, keptEventCountMax }: AuditOptions): Audit {
  const streams = createStreamMemory({
    log,
    ...(keptEventCountMax === undefined ? {} : { eventCountMax: keptEventCountMax }),
  });
  return {
    history: (request) => subscriptionHistory({ log, streams }, request),
  };
}
