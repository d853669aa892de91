import {
  appRows,
  deviceRows,
  licenseRows,
  subscriptionView,
  userLicenseRows,
  type AppRow,
  type AsOf,
  type AvailableAction,
  type DeviceRow,
  type LicenseRow,
  type SubscriptionStatus,
  type SubscriptionView,
  type UserLicenseRow,
} from '@perennial/domain';
import { actionsAsOf, type ActionsRequest } from './as-of/actions-as-of.ts';
import { seatsAsOf } from './as-of/person-as-of.ts';
import { policyAsOf, type PolicyInForce } from './as-of/policy-as-of.ts';
import { subscriptionAsOf, tenantAsOf, viewsOf } from './as-of/subscription-as-of.ts';
import { asOfWhen, type When } from './as-of/when.ts';
import { diffSubscription, type SubscriptionDiff } from './diff/diff.ts';
import type { HistoryEntry } from './history/entry.ts';
import { keyHistory, type KeyHistoryRequest } from './history/key-history.ts';
import { paymentHistory, type PaymentHistoryRequest } from './history/payment-history.ts';
import { subscriptionHistory, type HistoryPage, type HistoryRequest } from './history/subscription-history.ts';
import type { Log } from './log/log.ts';
import { createPaymentDirectory } from './log/payment-directory.ts';
import { createStreamDirectory } from './log/stream-directory.ts';
import { createStreamMemory } from './log/stream-memory.ts';
import { dueBetween, type DueRow } from './scan/due.ts';
import { findEvents, type FindRequest, type FoundPage } from './scan/find.ts';
import { inState, type InStateRow } from './scan/in-state.ts';
import type { RowPage, SubscriptionsRequest } from './scan/scan-subscriptions.ts';
import { whyApp, type Why, type WhyRequest } from './why/why.ts';

/** One subscription. */
export type SubscriptionName = { readonly tenant: string; readonly subscriptionId: string };
/** One person of a tenant, by the random id that the log knows. */
export type PersonName = { readonly tenant: string; readonly personId: string };

/** Questions about any instant, answered from the log alone. Undefined: there was no such thing, or none was known. */
export type Audit = {
  history(request: HistoryRequest): Promise<HistoryPage | undefined>;
  /** One subscription, as the live read shows it. */
  subscription(name: SubscriptionName, when: When): Promise<SubscriptionView | undefined>;
  /** A page of a tenant's subscriptions, in order of their ids. */
  subscriptions(
    tenant: string,
    when: When,
    page: { readonly after?: string | undefined; readonly limit: number },
  ): Promise<{ readonly subscriptions: readonly SubscriptionView[]; readonly next: string | undefined }>;
  licenses(tenant: string, when: When): Promise<readonly LicenseRow[]>;
  userLicenses(person: PersonName, when: When): Promise<readonly UserLicenseRow[]>;
  apps(
    person: PersonName,
    when: When,
  ): Promise<{ readonly apps: readonly AppRow[]; readonly devices: readonly DeviceRow[] }>;
  /** What somebody could have done, with the facts and the catalogue of that time. */
  actions(
    request: ActionsRequest,
    when: When,
  ): Promise<{ readonly actions: readonly AvailableAction[]; readonly version: number } | undefined>;
  /** The policy profile in force. */
  policy(name: SubscriptionName, when: When): Promise<PolicyInForce | undefined>;
  /** What differs between two instants, on either axis, and the events that made it differ. */
  diff(
    name: SubscriptionName,
    instants: { readonly from: When; readonly to: When },
  ): Promise<SubscriptionDiff | undefined>;
  /** Why a person had, or did not have, an app. */
  why(request: WhyRequest, when: When): Promise<Why>;
  /** Everything about one object of a payment provider. */
  paymentHistory(request: PaymentHistoryRequest): Promise<FoundPage>;
  /** The life of product keys. */
  keyHistory(request: KeyHistoryRequest): Promise<readonly HistoryEntry[]>;
  /** Events anywhere in the log. */
  find(request: FindRequest): Promise<FoundPage>;
  /** Subscriptions that were in a state. */
  inState(
    request: SubscriptionsRequest & { readonly status: SubscriptionStatus },
    when: When,
  ): Promise<RowPage<InStateRow>>;
  /** Automatic transitions in `[from, to)`. */
  due(
    request: SubscriptionsRequest & { readonly from: string; readonly to: string },
    when: When,
  ): Promise<RowPage<DueRow>>;
};

/** Options of {@link openAudit}. */
export type AuditOptions = {
  readonly log: Log;
  readonly clock: { now(): string };
  /** Events kept in memory between questions; default 20 000. */
  readonly keptEventCountMax?: number;
};

/**
 * Opens the questions. Nothing has to be closed.
 *
 * @example
 * const audit = openAudit({ log: store, clock });
 * const then = await audit.subscription({ tenant: 'acme', subscriptionId: 'office-1' }, { at: '2027-06-01T12:00:00.000Z' });
 */
export function openAudit({ log, clock, keptEventCountMax }: AuditOptions): Audit {
  const streams = createStreamMemory({
    log,
    ...(keptEventCountMax === undefined ? {} : { eventCountMax: keptEventCountMax }),
  });
  const sources = {
    log,
    streams,
    directory: createStreamDirectory({ log }),
    payments: createPaymentDirectory({ log }),
  };
  const asOf = (when: When): AsOf => asOfWhen(when, clock.now());
  return {
    history: (request) => subscriptionHistory(sources, request),
    subscription: async (name, when) => {
      const instants = asOf(when);
      const state = await subscriptionAsOf(streams, name, instants);
      return state && subscriptionView(state.header, instants.at);
    },
    subscriptions: async (tenant, when, page) => {
      const instants = asOf(when);
      return viewsOf(await tenantAsOf(sources, tenant, instants), instants, page);
    },
    licenses: async (tenant, when) => {
      const instants = asOf(when);
      const states = await tenantAsOf(sources, tenant, instants);
      return licenseRows(
        states.map(({ header }) => header),
        instants.at,
      );
    },
    userLicenses: async (person, when) => {
      const instants = asOf(when);
      return userLicenseRows(await seatsAsOf(sources, person, instants), instants.at);
    },
    apps: async (person, when) => {
      const instants = asOf(when);
      const seats = await seatsAsOf(sources, person, instants);
      return { apps: appRows(seats, instants.at), devices: deviceRows(seats, instants.at) };
    },
    actions: (request, when) => actionsAsOf(streams, request, asOf(when)),
    policy: (name, when) => policyAsOf(streams, name, asOf(when)),
    diff: (name, { from, to }) => diffSubscription(streams, name, { from: asOf(from), to: asOf(to) }),
    why: (request, when) => whyApp(sources, request, asOf(when)),
    paymentHistory: (request) => paymentHistory(sources, request),
    keyHistory: (request) => keyHistory(streams, request),
    find: (request) => findEvents(sources, request),
    inState: (request, when) => inState(log, request, asOf(when)),
    due: (request, when) => dueBetween(log, request, asOf(when)),
  };
}
