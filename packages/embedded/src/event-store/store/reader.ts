import { NO_EVENTS, TOMBSTONE_REVISION } from '../engine/revisions.ts';
import { METASTREAM_METADATA, readableRange } from '../engine/stream-metadata.ts';
import type { EventLog } from './event-log.ts';
import type { PageLimits, StoredEvent } from './lmdb-store.ts';
import { FIRST_POSITION, LOG_START } from './positions.ts';
import { createdMsOf, dataOf, revisionOf, typeOf } from './record.ts';
import { factsOf, headOf } from './stream-cache.ts';

/** One page: large enough to cost little per event, small enough not to hold up the writers. */
export const PAGE_LIMITS: PageLimits = { events: 256, bytes: 1024 * 1024 };

/** What a reader may see of a stream. */
export type StreamView =
  | { kind: 'notFound' }
  | { kind: 'deleted' }
  | { kind: 'readable'; streamId: number; first: number; last: number; createdAfterMs: number };

/** Looks a stream up and applies its metadata. */
export function viewStream(log: EventLog, stream: string): StreamView {
  const state = log.durableState(stream);
  const head = headOf(state, stream);
  const facts = factsOf(state, head);
  if (facts.tombstoned) return { kind: 'deleted' };
  if (facts.lastRevision === NO_EVENTS || facts.softDeleted) return { kind: 'notFound' };
  const metadata = head === state.metastream ? METASTREAM_METADATA : state.metadata;
  const range = readableRange(metadata, head.lastRevision, log.now());
  return { kind: 'readable', streamId: head.streamId, last: head.lastRevision, ...range };
}

/** Events of a stream in the order read, page by page; the last revision is the one at the start of the read. */
export function* streamPages(
  log: EventLog,
  view: Extract<StreamView, { kind: 'readable' }>,
  options: { from: number; backwards: boolean; count: number },
): Generator<StoredEvent[]> {
  let left = options.count;
  let next = options.backwards ? Math.min(options.from, view.last) : Math.max(options.from, view.first);
  const step = options.backwards ? -1 : 1;
  const until = options.backwards ? view.first : view.last;
  while (left > 0 && (until - next) * step >= 0) {
    const page = log.store.streamPage(view.streamId, next, until, options.backwards, {
      ...PAGE_LIMITS,
      events: Math.min(left, PAGE_LIMITS.events),
    });
    const last = page.at(-1);
    if (!last) return;
    const young = page.filter(({ value }) => createdMsOf(value) > view.createdAfterMs);
    left -= young.length;
    next = revisionOf(last.value) + step;
    yield young;
  }
}

/** Events of the whole log in the order read, page by page. */
export function* logPages(
  log: EventLog,
  options: { from: number; backwards: boolean; count: number },
): Generator<StoredEvent[]> {
  let left = options.count;
  let from = options.from;
  const last = log.lastPosition;
  while (left > 0) {
    const limits = { ...PAGE_LIMITS, events: Math.min(left, PAGE_LIMITS.events) };
    const page = options.backwards ? log.store.logBefore(from, limits) : log.store.logAfter(from, limits);
    const end = page.at(-1);
    if (!end) return;
    // A forward read ends where the log ended when it began, or a fast writer could keep it going for ever.
    const known = options.backwards ? page : page.filter(({ position }) => position <= last);
    if (known.length > 0) yield known;
    if (known.length < page.length) return;
    left -= page.length;
    from = end.position;
  }
}

/** Whether an event starts here, or the log itself starts or ends here. Anything else was never a position. */
export function isBoundary(log: EventLog, position: number): boolean {
  if (position === LOG_START || position === FIRST_POSITION || position > log.lastPosition) return true;
  return log.store.event(position) !== undefined;
}

/** The event a link points to; undefined when it is gone or may not be read. */
export function linkTarget(log: EventLog, link: Buffer): Buffer | undefined {
  const [revisionText, stream] = splitLink(dataOf(link).toString('utf8'));
  const revision = Number(revisionText);
  if (stream === undefined || !Number.isSafeInteger(revision) || revision === TOMBSTONE_REVISION) return undefined;
  const view = viewStream(log, stream);
  if (view.kind !== 'readable' || revision < view.first || revision > view.last) return undefined;
  const [target] = log.store.streamPage(view.streamId, revision, revision, false, { events: 1, bytes: 1 });
  return target && createdMsOf(target.value) > view.createdAfterMs ? target.value : undefined;
}

/** Whether an event is a link to another one. */
export function isLink(value: Buffer): boolean {
  return typeOf(value) === '$>';
}

function splitLink(text: string): [string, string | undefined] {
  const at = text.indexOf('@');
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}
