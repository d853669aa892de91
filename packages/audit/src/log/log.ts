import type { EventStore, RecordedEvent } from '@perennial/event-store';

/** What an audit reads: the log, and nothing else. */
export type Log = Pick<EventStore, 'readStream' | 'readAll' | 'lastPosition'>;

/** An event as others refer to it: who, what, effective when, recorded when. */
export type EventRef = {
  readonly stream: string;
  readonly revision: number;
  readonly id: string;
  readonly type: string;
  readonly effectiveAt: string;
  readonly recordedAt: string;
  /** For people `id` is a person id. */
  readonly actor: { readonly type: string; readonly id: string };
};

/** Refers to an event. */
export function refOf({ stream, revision, id, type, metadata }: RecordedEvent): EventRef {
  const { effectiveAt, recordedAt, actor } = metadata;
  return { stream, revision, id, type, effectiveAt, recordedAt, actor: { type: actor.type, id: actor.id } };
}
