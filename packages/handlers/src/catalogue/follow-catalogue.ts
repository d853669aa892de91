/**
 * The catalogue in force: what the stream `catalogue` adds up to, followed by every process.
 *
 * @module
 */
import {
  catalogueStream,
  evolveCatalogue,
  initialCatalogue,
  publicationOf,
  type Catalogue,
  type CatalogueState,
  type Plan,
  type PlatformEvent,
} from '@perennial/domain';
import { emptyHead, type EventStore, type NewEvent, type RecordedEvent } from '@perennial/event-store';
import type { Clock } from '../clock/clock.ts';
import type { PlanSource } from '../command-handling/command-service.ts';
import { metadataOf } from '../command-handling/metadata.ts';
import { CommandConflictError } from '../command-handling/stream-handler.ts';
import type { Statement } from '../tenants/tenant-service.ts';

/** The catalogue in force, as this process has seen it. */
export type CatalogueSource = PlanSource & {
  current(): Catalogue | undefined;
  /** Publishes a catalogue; one whose version is in force already changes nothing. */
  publish(catalogue: Catalogue, by: Statement): Promise<{ readonly position: string }>;
  /** Stops following. */
  close(): Promise<void>;
};

const attemptCountMax = 5;

/** Reads the catalogue and follows it from then on. */
export async function followCatalogue(options: {
  readonly store: EventStore;
  readonly clock: Clock;
}): Promise<CatalogueSource> {
  const { store, clock } = options;
  const abort = new AbortController();
  const view = new CatalogueView();
  for await (const event of store.readStream(catalogueStream)) view.see(event);
  const following = follow(store, abort.signal, view);
  return {
    version: () => view.current?.version,
    plan: (planId) => view.plan(planId),
    current: () => view.current,
    publish: async (catalogue, by) => {
      for (let attempt = 1; attempt <= attemptCountMax; attempt += 1) {
        for await (const event of store.readStream(catalogueStream, { fromRevision: view.revision + 1 }))
          view.see(event);
        if (view.current?.version === catalogue.version) return { position: String(view.position) };
        if (
          await append(
            store,
            view,
            publicationOf(catalogue).map((event) => toAppend(event, by, clock.now())),
          )
        ) {
          return { position: String(view.position) };
        }
      }
      throw new CommandConflictError(catalogueStream, attemptCountMax);
    },
    close: async () => {
      abort.abort();
      await following;
    },
  };
}

/** Each event is an append of its own: together they may be larger than one append takes. */
async function append(store: EventStore, view: CatalogueView, events: readonly NewEvent[]): Promise<boolean> {
  for (const event of events) {
    const outcome = await store.append(catalogueStream, view.head, [event]);
    if (outcome.kind === 'conflict') return false;
    for (const recorded of outcome.events) view.see(recorded);
  }
  return true;
}

async function follow(store: EventStore, signal: AbortSignal, view: CatalogueView): Promise<void> {
  for await (const item of store.subscribeToAll({ streamPrefixes: [catalogueStream], signal })) {
    if (item.kind === 'event' && item.event.stream === catalogueStream) view.see(item.event);
  }
}

/** Folds the stream; an event seen twice counts once. */
class CatalogueView {
  #state: CatalogueState = initialCatalogue;
  #plans = new Map<string, Plan>();
  /** Where no app says anything of others, nobody's licences need to be compared. */
  #hasServiceRules = false;
  head = emptyHead(catalogueStream);
  position = 0n;

  get current(): Catalogue | undefined {
    return this.#state.current ?? undefined;
  }

  get revision(): number {
    return this.head.revision;
  }

  plan(planId: string): ReturnType<PlanSource['plan']> {
    const plan = this.#plans.get(planId);
    if (plan === undefined) return undefined;
    const { apps, ...rest } = plan;
    return { ...rest, apps: apps.map(({ appId }) => appId), ...(this.#hasServiceRules && { services: apps }) };
  }

  see(event: RecordedEvent): void {
    if (event.revision !== this.head.revision + 1) return;
    const { hash, recordedAt } = event.metadata;
    this.head = { revision: event.revision, hash, recordedAt };
    this.position = event.position;
    const before = this.#state.current;
    // The door validated the data against the schema of its type.
    this.#state = evolveCatalogue(this.#state, { type: event.type, data: event.data } as PlatformEvent);
    if (this.#state.current === before) return;
    this.#hasServiceRules = (this.#state.current?.plans ?? []).some(({ apps }) =>
      apps.some(({ excludes, requires }) => excludes !== undefined || requires !== undefined),
    );
    this.#plans = new Map(this.#state.current?.plans.map((plan) => [plan.planId, plan]));
  }
}

function toAppend({ type, data }: PlatformEvent, by: Statement, now: string): NewEvent {
  return { type, data, metadata: metadataOf({ ...by, roles: by.actor.roles, now }) };
}
