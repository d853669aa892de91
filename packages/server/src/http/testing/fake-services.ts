/**
 * Doubles in memory for tests of the HTTP layer: they answer what they are told and remember what they were asked.
 *
 * @module
 */
import { openAudit, type Log } from '@perennial/audit';
import { subscriptionStream, type SubscriptionHeader } from '@perennial/domain';
import type { RecordedEvent } from '@perennial/event-store';
import type {
  ActionsResult,
  CommandRequest,
  CommandResult,
  MoveLicenseRequest,
  PaymentCloudEvent,
  SeatCommandRequest,
  Statement,
} from '@perennial/handlers';
import type { NoticeRow, SubscriptionRow } from '@perennial/projections';
import type { ApiServices, ProjectionComparison, ProjectionPort, ProjectionSetStatus } from '../services.ts';

/** One subscription as a read model shows it. */
export const sampleSubscription: SubscriptionRow = {
  tenant: 'acme',
  subscriptionId: 'office-1',
  planId: 'SPE_E3',
  status: 'active',
  displayStatus: 'Active',
  seats: { purchased: 25, assigned: 3 },
  termStart: '2027-06-01T00:00:00.000Z',
  termEnd: '2028-06-01T00:00:00.000Z',
  nextBilling: '2028-06-01T00:00:00.000Z',
  deadline: { kind: 'term-end', at: '2028-06-01T00:00:00.000Z' },
  recurringBilling: true,
  disabledReasons: [],
  holds: [],
  pastDue: null,
  trial: false,
  version: 4,
};

/** What a command answers that was accepted. */
export const acceptedResult: CommandResult = {
  kind: 'accepted',
  subscriptionId: 'office-1',
  status: 'active',
  version: 4,
  position: '48123',
  events: [{ id: 'e-1', type: 'SubscriptionActivated', effectiveAt: '2027-06-01T00:00:00.000Z' }],
};

/** An event of the sample subscription's stream. */
export function sampleEvent(revision: number, fields: Partial<RecordedEvent> = {}): RecordedEvent {
  const at = `2027-06-0${revision + 1}T00:00:00.000Z`;
  return {
    stream: subscriptionStream('acme', 'office-1'),
    revision,
    position: 48_000n + BigInt(revision),
    id: `e-${revision}`,
    type: 'LicenseAssigned',
    data: { personId: 'p-alice', appsOff: [], source: 'direct' },
    metadata: {
      schemaVersion: 1,
      effectiveAt: at,
      recordedAt: at,
      actor: { type: 'user', id: 'p-alice', roles: ['license-admin'] },
      commandId: `c-${revision}`,
      $correlationId: 'k-1',
      $causationId: `c-${revision}`,
      tenant: 'acme',
      policy: 'direct-mosa-2020@1',
      prevHash: 'aa',
      hash: 'bb',
    },
    ...fields,
  };
}

/** The doubles and what they remember. */
export type FakeServices = ApiServices & {
  /** What `execute` answers next; a function may throw. */
  result: CommandResult | (() => CommandResult);
  readonly executed: CommandRequest[];
  readonly executedOnSeats: SeatCommandRequest[];
  readonly moved: MoveLicenseRequest[];
  readonly published: PaymentCloudEvent[];
  readonly raw: { readonly messageId: string; readonly bytes: Uint8Array }[];
  readonly described: { readonly tenant: string; readonly facts: object; readonly by: Statement }[];
  readonly advanced: string[];
  readonly events: RecordedEvent[];
  readonly people: Map<string, string>;
};

/** Makes the doubles. `overrides` replace whole ports. */
export function fakeServices(overrides: Partial<ApiServices> = {}): FakeServices {
  const people = new Map<string, string>();
  const fake: FakeServices = {
    result: acceptedResult,
    executed: [],
    executedOnSeats: [],
    moved: [],
    published: [],
    raw: [],
    described: [],
    advanced: [],
    events: [sampleEvent(0), sampleEvent(1)],
    people,
    commands: {
      execute: async (request) => {
        fake.executed.push(request);
        return typeof fake.result === 'function' ? fake.result() : fake.result;
      },
      executeSeat: async (request) => {
        fake.executedOnSeats.push(request);
        return typeof fake.result === 'function' ? fake.result() : fake.result;
      },
      moveLicense: async (request) => {
        fake.moved.push(request);
        return typeof fake.result === 'function' ? fake.result() : fake.result;
      },
      actions: async ({ subscriptionId }) => (subscriptionId === 'office-1' ? sampleActions : { kind: 'not-found' }),
    },
    queries: fakeQueries(),
    vault: {
      personIdFor: async (tenant, userId) => {
        people.set(`p-${userId}`, userId);
        return tenant.startsWith('_') ? `p-platform-${userId}` : `p-${userId}`;
      },
      personIdIfKnown: async (_tenant, userId) => (people.has(`p-${userId}`) ? `p-${userId}` : undefined),
      decrypt: async (text) => ({ kind: 'text', text: text.replace(/^sealed:/, '') }),
      userIdsOf: async (ids) =>
        new Map([...ids].flatMap((id) => (people.has(id) ? [[id, people.get(id) ?? ''] as const] : []))),
    },
    payments: {
      publish: async (event) => {
        fake.published.push(event);
        return { duplicate: false };
      },
      publishRaw: async (message) => {
        fake.raw.push(message);
        return { duplicate: fake.raw.filter(({ messageId }) => messageId === message.messageId).length > 1 };
      },
    },
    tenants: {
      describeTenant: async (tenant, facts, by) => {
        fake.described.push({ tenant, facts, by });
        return { position: '7' };
      },
      describePerson: async (tenant, personId, facts, by) => {
        fake.described.push({ tenant, facts: { personId, ...facts }, by });
        return { position: '8' };
      },
    },
    erasures: {
      erase: async (tenant, userId, by) => {
        const erased = people.delete(`p-${userId}`);
        fake.described.push({ tenant, facts: { erased: userId }, by });
        return { erased, position: erased ? '9' : null };
      },
    },
    clock: {
      now: () => '2027-06-01T00:00:00.000Z',
      virtual: true,
      advanceTo: async (to) => {
        fake.advanced.push(to);
        return { now: to, position: '9' };
      },
    },
    audit: openAudit({ log: logOf(() => fake.events), clock: { now: () => '2027-06-01T00:00:00.000Z' } }),
    logEnd: async () => 48_123n,
    parts: () => [{ name: 'relay', state: 'running', detail: 'in order' }],
    ...overrides,
  };
  return fake;
}

/** The log as an audit reads it. */
function logOf(events: () => readonly RecordedEvent[]): Log {
  return {
    readStream: async function* readStream(stream, { fromRevision = 0 } = {}) {
      yield* events().filter((event) => event.stream === stream && event.revision >= fromRevision);
    },
    readAll: async function* readAll({ after = -1n, streamPrefixes = [''] } = {}) {
      for (const event of events()) {
        const isWanted = event.position > after && streamPrefixes.some((prefix) => event.stream.startsWith(prefix));
        if (isWanted) yield { kind: 'event', event };
      }
    },
    lastPosition: async () => events().at(-1)?.position,
  };
}

function fakeQueries(): ApiServices['queries'] {
  const asOfPosition = '48123';
  return {
    subscriptions: async (tenant) => ({ subscriptions: tenant === 'acme' ? [sampleSubscription] : [], asOfPosition }),
    subscription: async (tenant, id) =>
      tenant === 'acme' && id === 'office-1' ? { ...sampleSubscription, asOfPosition } : undefined,
    licenses: async () => ({ licenses: [sampleLicense], asOfPosition }),
    userLicenses: async () => ({ licenses: [], asOfPosition }),
    apps: async () => ({ apps: [], devices: [], asOfPosition }),
    paymentInbox: async (options) => ({
      payments:
        options?.status === 'parked'
          ? [
              {
                providerEventId: 'evt_1',
                provider: 'demo',
                providerObjectId: 'in_1',
                status: 'parked',
                reason: 'PARKED_UNMATCHED',
                receivedAt: '2027-06-01T00:00:00.000Z',
                subscriptionRef: null,
              },
            ]
          : [],
      asOfPosition,
    }),
    plans: async () => ({ plans: [samplePlan], asOfPosition }),
    plan: async (planId) => (planId === samplePlan.planId ? { ...samplePlan, asOfPosition } : undefined),
    notices: async (tenant) => ({ notices: tenant === 'acme' ? [sampleNotice] : [], asOfPosition }),
    upcoming: async () => ({
      deadlines: [{ subscriptionId: 'office-1', kind: 'term-end', at: '2028-06-01T00:00:00.000Z' }],
      asOfPosition,
    }),
    upcomingOf: async (_, id) =>
      id === 'office-1'
        ? {
            upcoming: [{ kind: 'term-end', at: '2028-06-01T00:00:00.000Z', from: 'active', to: 'expired' }],
            asOfPosition,
          }
        : undefined,
  };
}

/** A notice that waits to be sent. */
export const sampleNotice: NoticeRow = {
  tenant: 'acme',
  subscriptionId: 'office-1',
  noticeId: 'term-end-20280601T000000000Z-P7D',
  kind: 'term_ending',
  status: 'queued',
  deadline: { kind: 'term-end', at: '2028-06-01T00:00:00.000Z' },
  dueAt: '2028-05-25T00:00:00.000Z',
  sendBy: '2028-05-29T00:00:00.000Z',
  attempt: 1,
  language: 'en',
  text: { subject: 'Subscription office-1 ends', body: 'Nothing will be charged.' },
  recipients: ['global-admin', 'billing-admin'],
  endedAt: null,
  retryAt: null,
  failure: null,
  reference: null,
};

const samplePlan = {
  planId: 'SPE_E3',
  name: 'Microsoft 365 E3',
  apps: [{ appId: 'word', name: 'Word', kind: 'desktop' as const }],
};

const sampleLicense = {
  planId: 'SPE_E3',
  purchased: 25,
  enabled: 25,
  warning: 0,
  suspended: 0,
  lockedOut: 0,
  consumed: 3,
  available: 22,
  capabilityStatus: 'Enabled' as const,
  conflict: null,
  subscriptions: ['office-1'],
};

const sampleActions: ActionsResult = {
  kind: 'found',
  actions: [
    {
      command: 'reactivate',
      available: false,
      reasonCodes: ['ALREADY_ACTIVE'],
      needs: [],
      remedies: [{ kind: 'wait', text: { en: 'Nothing to do.', nl: 'Niets te doen.' } }],
      effectPreview: null,
    },
  ],
  // Only the revision is read by the HTTP layer.
  header: { revision: 1 } as SubscriptionHeader,
};

/** A comparison that found a row to differ. */
export const sampleComparison: ProjectionComparison = {
  equal: false,
  detail: ['subscriptions: acme differs'],
  position: '48123',
  eventCount: 9000,
  eventsPerSecond: 15_000,
  tables: [{ table: 'subscriptions', rowCount: 3, digest: '1-2' }],
  rows: [
    { table: 'subscriptions', stream: 'subscription-acme_1', key: '', kind: 'different', fields: ['body.status'] },
  ],
};

/** A set that is being built. */
export const sampleSet: ProjectionSetStatus = {
  set: 'perennial_set_2',
  status: 'building',
  purpose: 'rebuild',
  projections: ['subscriptions@2'],
  state: 'filling',
  position: '24000',
  logEnd: '48123',
  percent: 49.8,
  eventCount: 4500,
  eventsPerSecond: 15_000,
  etaSeconds: 120,
  folded: null,
  switches: 'by-itself',
  parity: null,
};

/** The read side as operators see it; `state` of the set that is built can be moved on. */
export function fakeProjections(sets: { current: ProjectionSetStatus } = { current: sampleSet }): ProjectionPort {
  return {
    list: async () => ({
      projections: [{ name: 'subscriptions', version: 2, state: 'running', watermark: '7', lag: 'caught up' }],
      sets: [sets.current],
    }),
    verify: async () => sampleComparison,
    rebuild: async ({ isByHand, only }) => {
      if (only === 'nothing')
        throw Object.assign(new Error('There is no projection nothing'), { code: 'PROJECTION_UNKNOWN' });
      sets.current = isByHand
        ? { ...sampleSet, state: 'ready', switches: 'by-hand', parity: sampleComparison }
        : { ...sampleSet, status: 'active', state: 'running' };
      const projections = only === undefined ? ['subscriptions', 'seats'] : [only];
      return { started: true, set: sampleSet.set, projections, detail: `${sampleSet.set} is being built` };
    },
    switchOver: async () => sampleComparison,
    switchBack: async () => ({ set: 'perennial_set_1' }),
    dropKept: async () => ({ dropped: true }),
  };
}
