import type { Plan, PlatformEventData } from '@perennial/domain';
import type { RecordedEvent } from '@perennial/event-store';
import { defineProjection, rootKey } from '../projection/projection.ts';
import { storableText } from '../sql/jsonb.ts';

/** Stream of published catalogues. */
const cataloguePrefix = 'catalogue';

/** A published catalogue: its plans are those that the events from `from` to `to` added. */
export type Publication = { readonly version: string; readonly from: number; readonly to: number };

/** Which catalogue is in force, and which one is being published in parts. */
export type CatalogueHead = {
  readonly current: Publication | null;
  readonly draft: { readonly version: string; readonly from: number } | null;
};

/** Which catalogue is in force: an interrupted publication has no effect. */
export const catalogueHead = defineProjection<CatalogueHead>({
  name: 'catalogue',
  version: 1,
  table: { name: 'catalogues', columns: [], indexes: [] },
  handles: { streamPrefix: cataloguePrefix, types: new Set(['CataloguePlansAdded', 'CataloguePublished']) },
  root: true,
  keys: () => [rootKey],
  apply: (event, before) => evolveHead(before ?? { current: null, draft: null }, event),
  columns: () => ({}),
});

/** Plans of every publication. What a newer catalogue dropped stays: subscriptions of it keep their apps. */
export const plans = defineProjection<Plan>({
  name: 'plans',
  version: 1,
  table: {
    name: 'plans',
    columns: [{ name: 'plan_id', type: 'text' }],
    indexes: ['(plan_id, revision)', '(revision)'],
  },
  handles: { streamPrefix: cataloguePrefix, types: new Set(['CataloguePlansAdded']) },
  root: false,
  keys: (event) => plansAdded(event).plans.map((_plan, index) => rowKey(event, index)),
  apply: (event, _before, key) => plansAdded(event).plans[Number(key.split('.')[1])] ?? null,
  columns: (plan) => ({ plan_id: storableText(plan.planId) }),
});

/** One row per event and place: publications never overwrite one another. */
function rowKey(event: RecordedEvent, index: number): string {
  return `${event.revision}.${index}`;
}

function evolveHead(head: CatalogueHead, event: RecordedEvent): CatalogueHead {
  if (event.type === 'CataloguePlansAdded') {
    const { version, part } = plansAdded(event);
    const continues = part > 0 && head.draft?.version === version;
    return continues ? head : { ...head, draft: { version, from: event.revision } };
  }
  return head.draft ? { current: { ...head.draft, to: event.revision }, draft: null } : head;
}

function plansAdded(event: RecordedEvent): PlatformEventData<'CataloguePlansAdded'> {
  // Validated by the door against the schema of CataloguePlansAdded.
  return event.data as PlatformEventData<'CataloguePlansAdded'>;
}
