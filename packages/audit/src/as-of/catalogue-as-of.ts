import { catalogueStream, type App, type AsOf, type Plan, type PlatformEventData } from '@perennial/domain';
import type { RecordedEvent } from '@perennial/event-store';
import type { StreamMemory } from '../log/stream-memory.ts';
import { isInForce } from './when.ts';

/** The catalogue in force at an instant. */
export type CatalogueAsOf = {
  /** Null before anything was published. */
  readonly version: string | null;
  /** The plan as it was sold then. */
  sold(planId: string): Plan | undefined;
  /** The same, or as it was when it was last sold: subscriptions keep the apps of a plan that was dropped. */
  newest(planId: string): Plan | undefined;
  /** An app of any plan, as it was named last. */
  app(appId: string): App | undefined;
};

type Part = PlatformEventData<'CataloguePlansAdded'>;

/** Folds the stream of catalogues: a publication that was interrupted has no effect. */
export async function catalogueAsOf(streams: StreamMemory, when: AsOf): Promise<CatalogueAsOf> {
  const published: (readonly Part[])[] = [];
  let draft: Part[] = [];
  for (const event of await streams.read(catalogueStream)) {
    if (!isInForce(event, when)) continue;
    const part = partOf(event);
    if (part !== undefined) {
      const continues = part.part > 0 && draft.at(-1)?.version === part.version;
      draft = continues ? [...draft, part] : [part];
    } else if (event.type === 'CataloguePublished' && draft.length > 0) {
      published.push(draft);
      draft = [];
    }
  }
  const current = published.at(-1) ?? [];
  return {
    version: current[0]?.version ?? null,
    sold: (planId) => planIn(current, planId),
    newest: (planId) => {
      for (const parts of published.toReversed()) {
        const plan = planIn(parts, planId);
        if (plan !== undefined) return plan;
      }
      return undefined;
    },
    app: (appId) => {
      for (const parts of published.toReversed()) {
        const app = parts
          .flatMap(({ plans }) => plans)
          .flatMap(({ apps }) => apps)
          .find((candidate) => candidate.appId === appId);
        if (app !== undefined) return app;
      }
      return undefined;
    },
  };
}

function planIn(parts: readonly Part[], planId: string): Plan | undefined {
  for (const { plans } of parts) {
    const plan = plans.find((candidate) => candidate.planId === planId);
    if (plan !== undefined) return plan;
  }
  return undefined;
}

function partOf({ type, data }: RecordedEvent): Part | undefined {
  // The door validated the data against the schema of its type.
  return type === 'CataloguePlansAdded' ? (data as Part) : undefined;
}
