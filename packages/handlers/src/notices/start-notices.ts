/**
 * Looks after the notices. Like the timers it remembers nothing: the read side says where a notice is missing, over or not
 * wanted any more, the streams say what is true.
 *
 * @module
 */
import type { Instant } from '@perennial/domain';
import type { EventStore } from '@perennial/event-store';
import type { Clock } from '../clock/clock.ts';
import { createLanes } from '../lanes/lanes.ts';
import { classifyFailure, failureCode, failureMessage } from '../retry/classify-failure.ts';
import { pause } from '../retry/backoff.ts';
import { unlessAborted } from '../retry/unless-aborted.ts';
import { createWakeUp } from '../retry/wake-up.ts';
import { silentLogger, type Logger } from '../role/logger.ts';
import type { Role } from '../role/role.ts';
import { startRole, type RoleLifecycle } from '../role/start-role.ts';
import type { ReadModelProgress } from '../timers/due-deadlines.ts';
import type { NoticeService } from './notice-service.ts';

/** A notice that has to be looked at; `version` says why, and changes with what that rests on. */
export type DueNotice = {
  readonly tenant: string;
  readonly subscriptionId: string;
  readonly noticeId: string;
  readonly version: string;
};

/** What is asked of the read side. It may lag or be wrong: the decision is made on the streams. */
export type DueNotices = {
  /** In order of (tenant, subscriptionId, noticeId), at most `limit`, only those after `after` when it is given. */
  noticesDue(now: Instant, limit: number, after?: DueNotice): Promise<readonly DueNotice[]>;
};

/** Options of {@link startNotices}. */
export type NoticesOptions = {
  readonly due: DueNotices;
  readonly notices: Pick<NoticeService, 'review'>;
  readonly store: Pick<EventStore, 'lastPosition'>;
  readonly clock: Pick<Clock, 'now' | 'onAdvance'>;
  /** Lets a sweep wait until the read side has seen what the sweep before it wrote. */
  readonly progress?: ReadModelProgress;
  readonly log?: Logger;
  /** Notices asked for at a time; default 2 000: finding them costs the same for one as for all. */
  readonly batchCountMax?: number;
  /** Subscriptions looked at side by side; default 16: people can wait for a message, payments cannot. */
  readonly inFlightCountMax?: number;
  /** Longest wait between two sweeps; default 10 s. */
  readonly pollIntervalMs?: number;
  /**
   * Sweeps woken by the read side begin at least this long after one another, and at least twenty times as long as asking
   * took the last time: the database spends a twentieth of its time on it at most. Default 1 s.
   */
  readonly sweepIntervalMs?: number;
  /** How long a sweep waits for the read side; default 30 s. */
  readonly catchUpTimeoutMs?: number;
};

/** The role, with its barrier. */
export type Notices = Role & {
  /** Looks until nothing is left to be done. */
  runUntilNoneDue(now: Instant): Promise<void>;
};

/** How long the role rests after a sweep, in times of what asking the database took. */
const restShare = 20;
const restMsMax = 60_000;

/** What was looked at in vain is not looked at again until something changed; forgetting costs a look. */
const rememberedCountMax = 10_000;

/** Starts the role. It may run twice: the second look finds nothing to write. */
export function startNotices(options: NoticesOptions): Notices {
  const run = new NoticesRun(options);
  return {
    ...startRole('notices', (lifecycle) => run.run(lifecycle)),
    runUntilNoneDue: (now) => run.runUntilNoneDue(now),
  };
}

class NoticesRun {
  readonly #options: NoticesOptions;
  readonly #sweeps = createLanes({ inFlightCountMax: 1, waitingCountMax: 64 });
  readonly #lookedInVain = new Map<string, string>();
  /** What asking took in the last sweep. */
  #askedMs = 0;

  constructor(options: NoticesOptions) {
    this.#options = options;
  }

  async run({ signal, running, failing }: RoleLifecycle): Promise<void> {
    const { clock, progress, log = silentLogger, pollIntervalMs = 10_000, sweepIntervalMs = 1_000 } = this.#options;
    const wakeUp = createWakeUp(signal, sweepIntervalMs);
    const stopListening = [clock.onAdvance(wakeUp.wake), progress?.onProgress?.(wakeUp.wake)];
    running();
    while (!signal.aborted) {
      try {
        const written = await this.#sweep(clock.now(), signal);
        running();
        if (written > 0) continue;
      } catch (error) {
        if (classifyFailure(error) === 'fatal') throw error;
        if (signal.aborted) break;
        failing(failureMessage(error));
        log.warn({ code: failureCode(error) }, `notices: ${failureMessage(error)}`);
      }
      await pause(Math.min(this.#askedMs * restShare, restMsMax), signal);
      await wakeUp.wait(pollIntervalMs);
    }
    for (const stop of stopListening) stop?.();
    await this.#sweeps.idle();
  }

  async runUntilNoneDue(now: Instant): Promise<void> {
    while ((await this.#sweep(now)) > 0);
  }

  /** One pass over everything that is due, page by page; answers how many subscriptions got something written. */
  #sweep(now: Instant, signal?: AbortSignal): Promise<number> {
    const { due, batchCountMax = 2_000 } = this.#options;
    return this.#sweeps.run('sweep', async () => {
      await this.#readSideCaughtUp(signal);
      let written = 0;
      let after: DueNotice | undefined;
      this.#askedMs = 0;
      for (;;) {
        const began = performance.now();
        const page = await due.noticesDue(now, batchCountMax, after);
        this.#askedMs += performance.now() - began;
        written += await this.#lookAtAll(page, signal);
        after = page.at(-1);
        if (page.length < batchCountMax || signal?.aborted === true) return written;
      }
    });
  }

  async #lookAtAll(page: readonly DueNotice[], signal?: AbortSignal): Promise<number> {
    const { inFlightCountMax = 16 } = this.#options;
    const lanes = createLanes({ inFlightCountMax, waitingCountMax: Infinity });
    const written = await Promise.all(
      [...bySubscription(page)].map(([key, due]) => lanes.run(key, () => this.#look(due, signal))),
    );
    return written.filter(Boolean).length;
  }

  async #look(due: readonly DueNotice[], signal?: AbortSignal): Promise<boolean> {
    const [first] = due;
    const isNews = due.some((notice) => this.#lookedInVain.get(nameOf(notice)) !== notice.version);
    if (first === undefined || !isNews || signal?.aborted === true) return false;
    const { eventCount } = await this.#options.notices.review(first);
    for (const notice of due) this.#remember(notice);
    return eventCount > 0;
  }

  #remember(notice: DueNotice): void {
    this.#lookedInVain.set(nameOf(notice), notice.version);
    if (this.#lookedInVain.size <= rememberedCountMax) return;
    const [oldest] = this.#lookedInVain.keys();
    if (oldest !== undefined) this.#lookedInVain.delete(oldest);
  }

  async #readSideCaughtUp(signal?: AbortSignal): Promise<void> {
    const { store, progress, catchUpTimeoutMs = 30_000 } = this.#options;
    if (!progress) return;
    const position = await store.lastPosition();
    if (position !== undefined) await unlessAborted(progress.waitFor(position, catchUpTimeoutMs), signal);
  }
}

function bySubscription(page: readonly DueNotice[]): Map<string, DueNotice[]> {
  const found = new Map<string, DueNotice[]>();
  for (const notice of page) {
    const key = `${notice.tenant}/${notice.subscriptionId}`;
    const due = found.get(key);
    if (due) due.push(notice);
    else found.set(key, [notice]);
  }
  return found;
}

function nameOf({ tenant, subscriptionId, noticeId }: DueNotice): string {
  return `${tenant}/${subscriptionId}/${noticeId}`;
}
