/**
 * Events for tests: a tenant's subscription with people and payments, as the write side would record them.
 *
 * @module
 */
import {
  paymentStream,
  seatStream,
  subscriptionStream,
  type DeviceKind,
  type PaymentFact,
  type SubscriptionEventData,
  type SubscriptionEventType,
} from '@perennial/domain';
import type { TestEvent } from './memory-log.ts';

const day = 86_400_000;
const epoch = Date.parse('2027-01-01T00:00:00.000Z');

/** Midnight of a day of 2027, counted from 0. */
export function onDay(days: number): string {
  return new Date(epoch + days * day).toISOString();
}

/** Makes the events of one subscription. */
export function sampleSubscription(tenant: string, subscriptionId: string) {
  const stream = subscriptionStream(tenant, subscriptionId);
  const event = <T extends SubscriptionEventType>(
    type: T,
    data: SubscriptionEventData<T>,
    effectiveAt = onDay(0),
  ): TestEvent => ({ stream, type, data, effectiveAt });
  return {
    stream,
    event,
    created: (change: Partial<SubscriptionEventData<'SubscriptionCreated'>> = {}) =>
      event('SubscriptionCreated', {
        tenant,
        subscriptionId,
        profile: 'direct-mosa-2020@1',
        planId: 'E3',
        seats: 10,
        term: 'P1M',
        zone: 'UTC',
        channel: 'direct',
        recurringBilling: true,
        trial: false,
        providerRefs: {},
        ...change,
      }),
    activated: (days = 0) =>
      event('SubscriptionActivated', { termStart: onDay(days), termEnd: onDay(days + 30), trial: false }, onDay(days)),
    renewed: (days: number, fact?: PaymentFact) =>
      event(
        'SubscriptionRenewed',
        { termStart: onDay(days), termEnd: onDay(days + 30), ...(fact ? { fact } : {}) },
        onDay(days),
      ),
    expired: (days: number) => event('SubscriptionExpired', { graceEndsAt: onDay(days + 30) }, onDay(days)),
    disabled: (days: number) =>
      event('SubscriptionDisabled', { reasons: ['grace_elapsed'], retentionEndsAt: onDay(days + 90) }, onDay(days)),
    deleted: (days: number) => event('SubscriptionDeleted', { cause: 'retention_elapsed' }, onDay(days)),
    assigned: (personId: string, appsOff: string[] = [], source: 'direct' | 'group' = 'direct') =>
      event('LicenseAssigned', { personId, appsOff, source }),
    unassigned: (personId: string) => event('LicenseUnassigned', { personId }),
    recorded: (fact: PaymentFact, effect: 'noted' | 'refund_due' = 'noted') =>
      event('PaymentFactRecorded', { fact, effect }),
  };
}

/** Makes the events of one person's seat; `heldSince` is the revision of the assignment. */
export function sampleSeat(tenant: string, subscriptionId: string, personId: string, heldSince: number) {
  const stream = seatStream(tenant, subscriptionId, personId);
  const holding = { personId, heldSince, subscriptionRevision: heldSince };
  return {
    stream,
    toggled: (appsOff: readonly string[]): TestEvent => ({
      stream,
      type: 'AppsToggled',
      data: { ...holding, appsOff },
    }),
    signedIn: (deviceId: string, kind: DeviceKind = 'computer', days = 0): TestEvent => ({
      stream,
      type: 'DeviceActivated',
      data: { ...holding, deviceId, kind },
      effectiveAt: onDay(days),
    }),
    signedOut: (deviceId: string): TestEvent => ({
      stream,
      type: 'DeviceDeactivated',
      data: { ...holding, deviceId, cause: 'signed_out', inEffectBy: onDay(3) },
    }),
  };
}

/** A settled payment at Stripe. */
export function sampleFact(object: string, change: Partial<PaymentFact> = {}): PaymentFact {
  return {
    kind: 'settled',
    provider: 'stripe',
    providerEventId: `evt_${object}`,
    providerObjectId: object,
    amount: { minor: 1000, currency: 'EUR' },
    occurredAt: onDay(1),
    ...change,
  };
}

/** Makes the events of the stream of a payment that waits. */
export function samplePayment(fact: PaymentFact) {
  const stream = paymentStream(fact.provider, fact.providerObjectId);
  const providerEventIds = [fact.providerEventId];
  const receivedAt = onDay(1);
  return {
    stream,
    parked: (): TestEvent => ({
      stream,
      type: 'PaymentFactParked',
      data: { fact, reason: 'UNKNOWN_SUBSCRIPTION', receivedAt },
    }),
    quarantined: (): TestEvent => ({
      stream,
      type: 'PaymentFactQuarantined',
      data: { fact, reason: 'CONTRADICTION', receivedAt },
    }),
    matched: (tenant: string, subscriptionId: string): TestEvent => ({
      stream,
      type: 'PaymentFactMatched',
      data: { providerEventIds, subscription: { tenant, subscriptionId }, by: 'link' },
    }),
    applied: (tenant: string, subscriptionId: string): TestEvent => ({
      stream,
      type: 'PaymentFactApplied',
      data: { providerEventIds, subscription: { tenant, subscriptionId }, outcome: 'APPLIED' },
    }),
  };
}

/** A published catalogue, in one part. */
export function sampleCatalogueEvents(version: string, planIds: readonly string[]): TestEvent[] {
  const plans = planIds.map((planId) => ({
    planId,
    name: `Plan ${planId}`,
    apps: [
      { appId: 'word', name: 'Word', kind: 'desktop' },
      { appId: 'teams', name: 'Teams', kind: 'service' },
    ],
  }));
  return [
    { stream: 'catalogue', type: 'CataloguePlansAdded', data: { version, part: 0, plans } },
    { stream: 'catalogue', type: 'CataloguePublished', data: { version, planCount: plans.length, partCount: 1 } },
  ];
}
