/**
 * How catalogues are kept in the log. One with hundreds of plans does not fit into one append, so its plans come in parts
 * and a last event puts them in force: a publication that was interrupted has no effect.
 *
 * @module
 */
import type { Catalogue, Plan } from './catalogue.ts';
import type { PlatformEvent, PlatformEventData } from '../platform/events.ts';

/** What the events of the `catalogue` stream add up to. */
export type CatalogueState = {
  /** The catalogue in force. */
  readonly current: Catalogue | null;
  /** Parts of a publication that is under way. */
  readonly draft: Catalogue | null;
};

/** Nothing published yet. */
export const initialCatalogue: CatalogueState = { current: null, draft: null };

/** Folds an event of the `catalogue` stream. */
export function evolveCatalogue(state: CatalogueState, event: Pick<PlatformEvent, 'type' | 'data'>): CatalogueState {
  const added = asPlansAdded(event);
  if (added) return { ...state, draft: withPart(state.draft, added) };
  if (event.type === 'CataloguePublished' && state.draft) return { current: state.draft, draft: null };
  return state;
}

/** Part 0 begins anew, so that an interrupted publication leaves nothing behind. */
function withPart(draft: Catalogue | null, part: PlatformEventData<'CataloguePlansAdded'>): Catalogue {
  const before = part.part > 0 && draft?.version === part.version ? draft.plans : [];
  return { version: part.version, plans: [...before, ...part.plans] };
}

function asPlansAdded(
  event: Pick<PlatformEvent, 'type' | 'data'>,
): PlatformEventData<'CataloguePlansAdded'> | undefined {
  // The type names the schema that the event's data was validated with.
  return event.type === 'CataloguePlansAdded' ? (event.data as PlatformEventData<'CataloguePlansAdded'>) : undefined;
}

/** A part stays well below the megabyte that EventStoreDB takes in one append. */
const partCharactersMax = 256 * 1024;

/** The events that publish a catalogue, each to be appended by itself and in this order. */
export function publicationOf(catalogue: Catalogue): PlatformEvent[] {
  const parts = inParts(catalogue.plans);
  return [
    ...parts.map((plans, part): PlatformEvent => ({
      type: 'CataloguePlansAdded',
      data: { version: catalogue.version, part, plans },
    })),
    {
      type: 'CataloguePublished',
      data: { version: catalogue.version, planCount: catalogue.plans.length, partCount: parts.length },
    },
  ];
}

function inParts(plans: readonly Plan[]): Plan[][] {
  const parts: Plan[][] = [[]];
  let characters = 0;
  for (const plan of plans) {
    const size = JSON.stringify(plan).length;
    if (characters > 0 && characters + size > partCharactersMax) {
      parts.push([]);
      characters = 0;
    }
    parts.at(-1)?.push(plan);
    characters += size;
  }
  return parts;
}
