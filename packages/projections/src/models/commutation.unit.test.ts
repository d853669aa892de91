/** Whatever order payments become known in, people read the same (`domain.md 6.10` rule 8): state, licences and apps. */
import {
  appRows,
  decide,
  evolve,
  initialSubscription,
  licenseRows,
  paymentFactKinds,
  paymentFactSchema,
  subscriptionStream,
  subscriptionView,
  userLicenseRows,
  type DecisionContext,
  type PaymentFact,
  type SubscriptionDecision,
  type SubscriptionHeader,
  type SubscriptionInput,
  type SubscriptionState,
} from '@perennial/domain';
import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { foldStream } from '../projection/fold-stream.ts';
import { RowMap } from '../set/row.ts';
import { MemoryLog } from '../testing/memory-log.ts';
import { allProjections } from './index.ts';
import { paymentLinks } from './payment-links.ts';
import { refundsDue } from './payments.ts';
import { subscriptions } from './subscriptions.ts';
import { userLicenses, type Seat } from './user-licenses.ts';

const test = suite('payment facts commute in the read models');

const seed = Number(process.env['SHUFFLE_SEED'] ?? Date.now() % 2 ** 31);
/** Each is delivered in time and shuffled twice. */
const setCount = 600;
console.log(`NOTE payment facts were shuffled ${2 * setCount} times for the read models with SHUFFLE_SEED=${seed}`);

const start = Date.parse('2027-01-31T10:00:00.000Z');
const stream = subscriptionStream('acme', 's1');
const onDay = (days: number): string => new Date(start + days * 86_400_000).toISOString();

/** A provider's ending asks what is paid by then (`domain.md 6.10` rule 7): it is no payment, and does not commute. */
const kinds = paymentFactKinds.filter((kind) => kind !== 'ended');

const facts = fc.array(
  fc.record({
    kind: fc.constantFrom('settled' as const, 'settled' as const, 'failed' as const, ...kinds),
    object: fc.constantFrom('in_1', 'in_2', 'in_3'),
    day: fc.oneof(fc.integer({ min: 0, max: 100 }), fc.constantFrom(0, 28, 59, 89)),
    minor: fc.constantFrom(1000, 1000, 3000),
    isFinal: fc.boolean(),
  }),
  { minLength: 1, maxLength: 7 },
);

type Given = typeof facts extends fc.Arbitrary<infer T> ? T : never;

const factsOf = (given: Given): PaymentFact[] =>
  given.map(({ kind, object, day, minor, isFinal }, index) =>
    paymentFactSchema.parse({
      kind,
      provider: 'bank',
      providerEventId: `evt_${index}`,
      providerObjectId: kind.startsWith('dispute') ? `dp_${object}` : object,
      amount: { minor, currency: 'EUR' },
      occurredAt: onDay(day),
      ...(kind === 'failed' && isFinal ? { nextAttemptAt: null } : {}),
    }),
  );

/** The write side and the projections without engines: what is decided is recorded, what is recorded is folded. */
class Pipeline {
  readonly rows = new RowMap();
  readonly #log = new MemoryLog();
  #state: SubscriptionState = initialSubscription;
  #count = 0;

  constructor() {
    const body = { planId: 'E3', seats: 1, term: 'P1M', zone: 'UTC', channel: 'direct' } as const;
    const sold = { profile: 'direct-mosa-2020', recurringBilling: true, trial: false, providerRefs: {} };
    this.#command(onDay(0), { name: 'create', body: { ...body, ...sold, price: { minor: 1000, currency: 'EUR' } } });
    this.#command(onDay(0), { name: 'activate', body: {} });
    this.#command(onDay(0), { name: 'assign-license', body: { personId: 'alice', appsOff: [] } });
  }

  pay(now: string, fact: PaymentFact): void {
    this.#take(now, { kind: 'fact', fact, commandId: `fact:${fact.providerEventId}`, commandHash: '' });
  }

  tick(now: string): void {
    this.#take(now, { kind: 'tick' });
  }

  #command(now: string, command: Extract<SubscriptionInput, { kind: 'command' }>['command']): void {
    this.#take(now, { kind: 'command', command, commandId: `command-${(this.#count += 1)}`, commandHash: '' });
  }

  #take(now: string, input: SubscriptionInput): void {
    const target = { tenant: 'acme', subscriptionId: 's1' };
    const context: DecisionContext = { target, now, roles: ['global-admin'], newId: `new-${this.#count}` };
    const decision: SubscriptionDecision = decide(this.#state, input, context);
    if (decision.kind !== 'accepted') return;
    for (const event of decision.events) {
      // A handler deletes only when every payment stored before is handled: here, never.
      if (event.type === 'SubscriptionDeleted') return;
      const items = this.#log.append({ stream, ...event });
      const [item] = items;
      if (item?.kind !== 'event') throw new Error('the event was not read back');
      const { id, revision } = item.event;
      const commandId = input.kind === 'tick' ? `tick:${now}` : input.commandId;
      this.#state = evolve(this.#state, { ...event, id, revision, recordedAt: now, commandId, commandHash: '' });
      const held = foldStream(ofSubscriptions, items, this.rows);
      if (held !== undefined) throw held.error;
    }
  }
}

const ofSubscriptions = allProjections.filter(({ handles }) => handles.streamPrefix === 'subscription-');

/** All that is read of a subscription, but for how often and by which events it was written. */
function read({ rows }: Pipeline): unknown {
  const body = (projection: (typeof allProjections)[number], key = ''): unknown =>
    rows.get(projection, stream, key)?.body;
  // Written by the projection of that name.
  const header = body(subscriptions) as SubscriptionHeader;
  const seat = body(userLicenses, 'alice') as Seat;
  const plan = {
    planId: 'E3',
    name: 'Plan E3',
    apps: [
      { appId: 'word', name: 'Word', kind: 'desktop' as const },
      { appId: 'teams', name: 'Teams', kind: 'service' as const },
    ],
  };
  const held = [{ seat: { ...seat, heldSince: 0 }, devices: [], header, plan }];
  return {
    row: { ...header, revision: 0, statusEventId: '' },
    columns: subscriptions.columns(header, stream, ''),
    refunds: rows
      .changed(refundsDue)
      .flatMap(({ key, body: due }) => (due === null ? [] : [key]))
      .sort(),
    links: rows
      .changed(paymentLinks)
      .map(({ key }) => key)
      .sort(),
    // Now, and in each of the states that lie ahead.
    shown: [140, 160, 200, 300].map(onDay).map((now) => ({
      view: { ...subscriptionView(header, now), version: 0 },
      licenses: licenseRows([header], now),
      people: userLicenseRows(held, now),
      apps: appRows(held, now),
    })),
  };
}

const one = { minor: 1000, isFinal: false } as const;

/** Found by shuffles: payments on the last instant, whose use depended on what became known after them. */
const moneyThatComesTooLate: readonly Given[] = [
  [
    { ...one, kind: 'dispute_lost', object: 'in_1', day: 0 },
    { ...one, kind: 'settled', object: 'in_1', day: 90 },
  ],
  [
    { ...one, kind: 'settled', object: 'in_2', day: 0 },
    { ...one, kind: 'settled', object: 'in_2', day: 91 },
    { ...one, kind: 'dispute_opened', object: 'in_1', day: 0 },
    { ...one, kind: 'settled', object: 'in_1', day: 0 },
  ],
  // Voided before it was settled, which became known after it was listed as money to give back.
  [
    { ...one, kind: 'settled', object: 'in_2', day: 0 },
    { ...one, kind: 'voided', object: 'in_1', day: 0 },
    { ...one, kind: 'settled', object: 'in_1', day: 91 },
    { ...one, kind: 'dispute_opened', object: 'in_1', day: 0 },
  ],
];

type Delivery = { readonly now: string; readonly fact?: PaymentFact };

function delivered(deliveries: readonly Delivery[]): unknown {
  const pipeline = new Pipeline();
  for (const { now, fact } of [...deliveries].sort((a, b) => (a.now < b.now ? -1 : a.now > b.now ? 1 : 0))) {
    if (fact === undefined) pipeline.tick(now);
    else pipeline.pay(now, fact);
  }
  pipeline.tick(onDay(140));
  return read(pipeline);
}

test('any order, delay and repetition of payments leaves the same rows and the same answers', () => {
  const delays = fc.array(fc.integer({ min: 0, max: 39 }), { minLength: 7, maxLength: 7 });
  const ticks = fc.array(fc.integer({ min: 0, max: 140 }), { maxLength: 3 });
  fc.assert(
    fc.property(facts, delays, ticks, (given, late, days) => {
      const all = factsOf(given);
      const inTime = all.map((fact): Delivery => ({ now: fact.occurredAt, fact }));
      const delayed = all.flatMap((fact, index): Delivery[] => {
        const now = new Date(Date.parse(fact.occurredAt) + (late[index] ?? 0) * 86_400_000).toISOString();
        return [
          { now, fact },
          { now: onDay(139), fact },
        ];
      });
      const backwards = [...all].reverse().map((fact): Delivery => ({ now: onDay(139), fact }));
      const expected = delivered(inTime);
      assert.equal(delivered([...delayed, ...days.map((day) => ({ now: onDay(day) }))]), expected, 'each delayed');
      assert.equal(delivered(backwards), expected, 'all late, the last first');
    }),
    { numRuns: setCount, seed, examples: moneyThatComesTooLate.map((given) => [given, [0, 0, 0, 0, 0, 0, 0], []]) },
  );
});

test.run();
