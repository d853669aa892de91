import { noticeEventSchemas, type NoticeEvent } from '../events.ts';
import { reportNotice, reviewNotices, type NoticeReport } from '../decide.ts';
import { evolveNotices, noNotices, type NoticeRecord, type NoticesState } from '../state.ts';
import type { Subject } from '../../subscription/testing/subject.ts';

/** What people are told about a subscription under test: the loop of a handler without engines. */
export class Noticed {
  notices: NoticesState = noNotices;
  readonly log: NoticeEvent[] = [];
  readonly #subject: Subject;
  readonly #language: string | undefined;

  constructor(subject: Subject, language?: string) {
    this.#subject = subject;
    this.#language = language;
  }

  /** Looks at the notices, now; answers what was written as `type slot instant`. */
  review(): string[] {
    const events = reviewNotices(this.notices, this.#subject.state, {
      now: this.#subject.now,
      language: this.#language,
    });
    return this.#append(events);
  }

  /** Lets the timers of the subscription run, then looks. */
  at(now: string): string[] {
    this.#subject.tick(now);
    return this.review();
  }

  report(noticeId: string, report: NoticeReport): string[] {
    return this.#append(reportNotice(this.notices, noticeId, report, this.#subject.now) ?? []);
  }

  /** What a reader is shown. */
  shown(): NoticeRecord[] {
    return [...this.notices.values()]
      .filter(({ disproved }) => !disproved)
      .sort((a, b) => (a.noticeId < b.noticeId ? -1 : 1));
  }

  /** The notices with a status. */
  ids(status: NoticeRecord['status']): string[] {
    return this.shown()
      .filter((notice) => notice.status === status)
      .map(({ noticeId }) => noticeId);
  }

  #append(events: readonly NoticeEvent[]): string[] {
    for (const event of events) {
      noticeEventSchemas[event.type].parse(event.data);
      this.log.push(event);
      this.notices = evolveNotices(this.notices, event);
    }
    return events.map(({ type, data, effectiveAt }) => `${type} ${data.noticeId} ${effectiveAt.slice(0, 16)}`);
  }
}
