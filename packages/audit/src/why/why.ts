/**
 * Why a person had, or did not have, an app at an instant: the shortest chain of events that explains it (`domain.md 6.8`).
 *
 * @module
 */
import type { AppAccess, AsOf, Deadline, SubscriptionStatus } from '@perennial/domain';
import { catalogueAsOf } from '../as-of/catalogue-as-of.ts';
import { subscriptionsOfPerson } from '../as-of/person-as-of.ts';
import { inTurn, type AsOfSources } from '../as-of/subscription-as-of.ts';
import type { Because } from '../history/because.ts';
import type { EventRef } from '../log/log.ts';
import { explainSubscription } from './explain-subscription.ts';

/** One step of an explanation. `because` leads the step's event back to the payment or the person. */
export type WhyStep =
  /** A licence was given, or (`unassigned`) taken away; `later`: given only after the instant. */
  | {
      readonly kind: 'assigned' | 'unassigned' | 'assigned-later';
      readonly event: EventRef;
      readonly because: readonly Because[];
    }
  /** The licence went to another subscription. */
  | { readonly kind: 'moved'; readonly to: string; readonly event: EventRef; readonly because: readonly Because[] }
  /** No licence was ever given. */
  | { readonly kind: 'never-assigned' }
  | {
      readonly kind: 'not-in-plan';
      readonly planId: string;
      readonly catalogue: string | null;
      /** The change of plan since which it is missing. */
      readonly event: EventRef | null;
      readonly because: readonly Because[];
    }
  | { readonly kind: 'app-off'; readonly event: EventRef | null; readonly because: readonly Because[] }
  | {
      readonly kind: 'held';
      readonly hold: 'pause' | 'suspend';
      readonly event: EventRef | null;
      readonly because: readonly Because[];
    }
  | {
      readonly kind: 'status';
      readonly status: SubscriptionStatus;
      readonly since: string;
      /** What put it there; null where only time did and no event was known. */
      readonly event: EventRef | null;
      readonly deadline: Deadline | null;
      readonly because: readonly Because[];
    };

/** What one subscription has to say. */
export type SubscriptionReason = {
  readonly subscriptionId: string;
  readonly access: AppAccess;
  readonly chain: readonly WhyStep[];
};

/** The answer. */
export type Why = {
  readonly tenant: string;
  readonly personId: string;
  readonly app: { readonly appId: string; readonly name: string | null; readonly kind: 'desktop' | 'service' | null };
  readonly when: AsOf;
  readonly access: AppAccess;
  /** The subscription that decided; null when there is none. */
  readonly subscriptionId: string | null;
  /** Its chain: the shortest that explains the answer. */
  readonly chain: readonly WhyStep[];
  /** All that the person ever had a seat in, the deciding one first. */
  readonly subscriptions: readonly SubscriptionReason[];
};

/** What is asked. */
export type WhyRequest = { readonly tenant: string; readonly personId: string; readonly appId: string };

const accessRank: Readonly<Record<AppAccess, number>> = { full: 0, reduced: 1, none: 2 };
/** Among those that give nothing: what comes closest to giving it explains most. */
const closeness: readonly WhyStep['kind'][] = [
  'status',
  'held',
  'app-off',
  'not-in-plan',
  'moved',
  'unassigned',
  'assigned-later',
  'never-assigned',
];

/** Explains it. */
export async function whyApp(sources: AsOfSources, request: WhyRequest, when: AsOf): Promise<Why> {
  const { tenant, personId, appId } = request;
  const names = await subscriptionsOfPerson(sources, tenant, personId);
  const catalogue = await catalogueAsOf(sources.streams, when);
  const explained = await inTurn(names, (stream) =>
    explainSubscription(sources.streams, { stream, personId, appId }, { when, catalogue }),
  );
  const found = explained.filter((reason) => reason !== undefined);
  const sorted = found.toSorted(
    (a, b) =>
      accessRank[a.access] - accessRank[b.access] ||
      rankOf(a) - rankOf(b) ||
      a.chain.length - b.chain.length ||
      (a.subscriptionId < b.subscriptionId ? -1 : 1),
  );
  const [first] = sorted;
  const app = catalogue.app(appId);
  return {
    tenant,
    personId,
    app: { appId, name: app?.name ?? null, kind: app?.kind ?? null },
    when,
    access: first?.access ?? 'none',
    subscriptionId: first?.subscriptionId ?? null,
    chain: first?.chain ?? [{ kind: 'never-assigned' }],
    subscriptions: sorted,
  };
}

function rankOf({ chain }: SubscriptionReason): number {
  const last = chain.at(-1);
  return last === undefined ? closeness.length : closeness.indexOf(last.kind);
}
