import { paymentStream, seatStream, subscriptionStream } from '@perennial/domain';
import type { EventStore, NewEvent } from '@perennial/event-store';

const day = 86_400_000;
const epoch = Date.parse('2027-01-01T00:00:00.000Z');
const onDay = (days: number): string => new Date(epoch + days * day).toISOString();

function event(type: string, data: unknown, effectiveAt = onDay(0)): NewEvent {
  return {
    type,
    data,
    metadata: {
      effectiveAt,
      recordedAt: effectiveAt,
      actor: { type: 'system', id: 'test', roles: [] },
      commandId: crypto.randomUUID(),
      $correlationId: 'test',
      $causationId: 'test',
      policy: 'direct-mosa-2020@1',
    },
  };
}

function fact(object: string, subscriptionRef: string): object {
  return {
    kind: 'settled',
    provider: 'stripe',
    providerEventId: `evt_${object}`,
    providerObjectId: object,
    chargeRef: `ch_${object}`,
    subscriptionRef,
    amount: { minor: 1000, currency: 'EUR' },
    occurredAt: onDay(1),
  };
}

/** Appends events to a stream at its head; answers the position of the last one. */
export async function append(store: EventStore, stream: string, events: readonly NewEvent[]): Promise<bigint> {
  const outcome = await store.append(stream, await store.readHead(stream), events);
  if (outcome.kind === 'conflict') throw new Error(`nobody else writes to ${stream}`);
  return outcome.position;
}

/** A catalogue with one plan. */
export async function publishCatalogue(store: EventStore): Promise<bigint> {
  const apps = [
    { appId: 'word', name: 'Word', kind: 'desktop' },
    { appId: 'teams', name: 'Teams', kind: 'service' },
  ];
  return append(store, 'catalogue', [
    event('CataloguePlansAdded', { version: 'v1', part: 0, plans: [{ planId: 'E3', name: 'Plan E3', apps }] }),
    event('CataloguePublished', { version: 'v1', planCount: 1, partCount: 1 }),
  ]);
}

/** A subscription with people in it, and a payment that waits for it; answers the position of the last event. */
export async function appendSubscription(
  store: EventStore,
  tenant: string,
  subscriptionId: string,
  seats: number,
): Promise<bigint> {
  const paid = fact(`in_${tenant}_${subscriptionId}`, `sub_${tenant}_${subscriptionId}`);
  await append(store, paymentStream('stripe', `in_${tenant}_${subscriptionId}`), [
    event('PaymentFactParked', { fact: paid, reason: 'UNKNOWN_SUBSCRIPTION', receivedAt: onDay(1) }),
  ]);
  const stream = subscriptionStream(tenant, subscriptionId);
  const created = event('SubscriptionCreated', {
    tenant,
    subscriptionId,
    profile: 'direct-mosa-2020@1',
    planId: 'E3',
    seats: Math.max(1, seats),
    term: 'P1M',
    zone: 'UTC',
    channel: 'direct',
    recurringBilling: true,
    trial: false,
    providerRefs: { stripe: { subscription: `sub_${tenant}_${subscriptionId}` } },
  });
  const activated = event('SubscriptionActivated', { termStart: onDay(0), termEnd: onDay(31), trial: false });
  let position = await append(store, stream, [created, activated]);
  for (let n = 0; n < seats; n += 100) {
    const page = Array.from({ length: Math.min(100, seats - n) }, (_, index) =>
      event('LicenseAssigned', { personId: `person-${tenant}-${n + index}`, appsOff: [], source: 'direct' }),
    );
    position = await append(store, stream, page);
  }
  return position;
}

/** A person of `appendSubscription` signs in on a device. */
export async function signIn(
  store: EventStore,
  tenant: string,
  subscriptionId: string,
  { person, deviceId }: { readonly person: number; readonly deviceId: string },
): Promise<bigint> {
  const personId = `person-${tenant}-${person}`;
  // Created, activated, then one assignment per person.
  const holding = { personId, heldSince: 2 + person, subscriptionRevision: 2 + person };
  return append(store, seatStream(tenant, subscriptionId, personId), [
    event('DeviceActivated', { ...holding, deviceId, kind: 'computer' }),
  ]);
}

/** Gives people, by their ids, seats in a subscription of `appendSubscription` that had none. */
export async function appendAssignments(
  store: EventStore,
  tenant: string,
  subscriptionId: string,
  personIds: readonly string[],
): Promise<bigint> {
  const events = personIds.map((personId) => event('LicenseAssigned', { personId, appsOff: [], source: 'direct' }));
  return append(store, subscriptionStream(tenant, subscriptionId), events);
}

/** A person signs in on a device, under the holding that began at a revision. */
export async function signInAs(
  store: EventStore,
  tenant: string,
  subscriptionId: string,
  {
    personId,
    heldSince,
    deviceId,
  }: { readonly personId: string; readonly heldSince: number; readonly deviceId: string },
): Promise<bigint> {
  const holding = { personId, heldSince, subscriptionRevision: heldSince };
  return append(store, seatStream(tenant, subscriptionId, personId), [
    event('DeviceActivated', { ...holding, deviceId, kind: 'computer' }),
  ]);
}

/** Ends the grace of a subscription. */
export async function disable(store: EventStore, tenant: string, subscriptionId: string): Promise<bigint> {
  return append(store, subscriptionStream(tenant, subscriptionId), [
    event('SubscriptionExpired', { graceEndsAt: onDay(61) }, onDay(31)),
    event('SubscriptionDisabled', { reasons: ['grace_elapsed'], retentionEndsAt: onDay(151) }, onDay(61)),
  ]);
}
