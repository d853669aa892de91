import { logStream, rootsStream, type PlatformEventData } from '@perennial/domain';
import type { Actor, EventStore } from '@perennial/event-store';
import { headsAtEnd, type LogRoot } from './log-root.ts';
import type { BrokenChain } from './stream-heads.ts';

/** A root as the log itself holds it. */
export type PublishedRoot = LogRoot & {
  readonly eventId: string;
  readonly revision: number;
  /** System time. */
  readonly publishedAt: string;
};

/** What of the event store roots need. */
export type RootStore = Pick<
  EventStore,
  'append' | 'readHead' | 'readStream' | 'readStreamRaw' | 'readAllRaw' | 'lastPosition'
>;

/** What publishing needs. */
export type PublishRootOptions = {
  readonly store: RootStore;
  readonly logId: string;
  readonly now: () => string;
  readonly actor: Actor;
  readonly commandId: string;
  /** Default 2 000 000. */
  readonly streamCountMax?: number;
};

/** A root over a log whose chains are broken would hallow it. */
export class BrokenLogError extends Error {
  override readonly name = 'BrokenLogError';
  readonly code = 'LOG_BROKEN';
  constructor(readonly broken: readonly BrokenChain[]) {
    const [first] = broken;
    super(
      `The chains of ${broken.length} streams are broken, the first at revision ${first?.revision} of ${first?.stream} ` +
        `(${first?.reason}), so no root is published. Run \`perennial audit verify\` and restore the log from a backup.`,
    );
  }
}

const publishAttemptCountMax = 5;
const defaultStreamCountMax = 2_000_000;

/**
 * Verifies the whole log and appends a root over it. A log to which nothing was added since the last root keeps that one.
 * @throws BrokenLogError, EmptyLogError, TooManyStreamsError
 */
export async function publishRoot(options: PublishRootOptions): Promise<PublishedRoot> {
  const { store, logId, streamCountMax = defaultStreamCountMax } = options;
  for (let attempt = 1; ; attempt += 1) {
    const head = await store.readHead(rootsStream);
    const [last] = await readPublishedRoots(store, { countMax: 1 });
    const lastEvent = last && (await positionOf(store, last.revision));
    if (last && lastEvent === (await store.lastPosition())) return last;
    const { root, heads } = await headsAtEnd(store.readAllRaw(), { logId, streamCountMax });
    if (heads.broken.length > 0) throw new BrokenLogError(heads.broken);
    const now = options.now();
    const outcome = await store.append(rootsStream, head, [
      {
        type: 'LogRootPublished',
        data: root satisfies PlatformEventData<'LogRootPublished'>,
        metadata: {
          effectiveAt: now,
          recordedAt: now,
          actor: options.actor,
          commandId: options.commandId,
          $correlationId: options.commandId,
          $causationId: options.commandId,
        },
      },
    ]);
    const [event] = outcome.kind === 'appended' ? outcome.events : [];
    if (event) return { ...root, eventId: event.id, revision: event.revision, publishedAt: event.metadata.recordedAt };
    // Somebody else published at the same moment: theirs will do, unless the log grew meanwhile.
    if (attempt === publishAttemptCountMax) throw new Error(`${attempt} roots were published at once: try again`);
  }
}

/**
 * Publishes a root when the day (UTC) of the last one is over, or the day on which the log began; undefined when it is not.
 * @throws as {@link publishRoot}
 */
export async function publishDailyRoot(
  options: Omit<PublishRootOptions, 'commandId'>,
): Promise<PublishedRoot | undefined> {
  const [last] = await readPublishedRoots(options.store, { countMax: 1 });
  const since = last?.publishedAt ?? (await beganAt(options.store));
  const today = dayOf(options.now());
  if (since === undefined || dayOf(since) >= today) return undefined;
  return publishRoot({ ...options, commandId: `timer:daily-root:${today}` });
}

async function beganAt(store: Pick<RootStore, 'readStream'>): Promise<string | undefined> {
  for await (const { metadata } of store.readStream(logStream, { maxCount: 1 })) return metadata.recordedAt;
  return undefined;
}

function dayOf(instant: string): string {
  return instant.slice(0, 10);
}

/** The newest published roots, newest first. */
export async function readPublishedRoots(
  store: Pick<RootStore, 'readStream'>,
  { countMax }: { readonly countMax: number },
): Promise<readonly PublishedRoot[]> {
  const roots: PublishedRoot[] = [];
  for await (const { data, id, revision, metadata } of store.readStream(rootsStream, {
    direction: 'backwards',
    maxCount: countMax,
  })) {
    // The door validated the data against the schema of the only type in this stream.
    const root = data as PlatformEventData<'LogRootPublished'>;
    roots.push({ ...root, eventId: id, revision, publishedAt: metadata.recordedAt });
  }
  return roots;
}

async function positionOf(store: RootStore, revision: number): Promise<bigint | undefined> {
  for await (const event of store.readStreamRaw(rootsStream, { fromRevision: revision, maxCount: 1 })) {
    return event.position;
  }
  return undefined;
}
