import { attemptsStream, paymentStream, subscriptionStream } from '@perennial/domain';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createPaymentDirectory } from '../log/payment-directory.ts';
import { openAudit } from '../open-audit.ts';
import { TestLog, TestSubscription, at, fact } from '../testing/test-log.ts';
import type { Because } from './because.ts';
import type { HistoryEntry } from './entry.ts';
import type { RelatedKind } from './related-streams.ts';

const test = suite('history of a subscription: who, what, why, and what became of it');
const alice = { type: 'user', id: 'person-alice', roles: ['license-admin'] } as const;

async function historyOf(
  log: TestLog,
  asked: { knownAt?: string; include?: RelatedKind[]; from?: number; limit?: number } = {},
) {
  const { include, ...rest } = asked;
  const page = await openAudit({ log, clock: log.clock }).history({
    tenant: 'acme',
    subscriptionId: 's1',
    limit: 1000,
    ...rest,
    include: new Set(include),
  });
  if (page === undefined) throw new Error('no such subscription');
  return page;
}

function find(entries: readonly HistoryEntry[], type: string): HistoryEntry {
  const found = entries.find(({ event }) => event.type === type);
  if (found === undefined) throw new Error(`no ${type}`);
  return found;
}

function told(because: readonly Because[]): string[] {
  return because.map((cause) => {
    if (cause.kind === 'event') return cause.event.type;
    if (cause.kind === 'deadline') return `${cause.deadline} ${cause.at}`;
    return cause.kind === 'payment'
      ? `${cause.fact} ${cause.object} ${cause.message}`
      : `${cause.actor.id} ${cause.command}`;
  });
}

test('a deletion is led back, deadline by deadline, to the person who activated the subscription', async () => {
  const log = new TestLog('2026-06-01');
  const subscription = TestSubscription.active(log, { recurringBilling: false });
  subscription.tick('2027-12-31');
  const { entries } = await historyOf(log);
  assert.equal(told(find(entries, 'SubscriptionDeleted').because), [
    `retention-end ${at('2027-09-29')}`,
    'SubscriptionDisabled',
    `grace-end ${at('2027-07-01')}`,
    'SubscriptionExpired',
    `term-end ${at('2027-06-01')}`,
    'SubscriptionActivated',
    'person-admin activate',
  ]);
});

test('a renewal is led back to its payment and the message it came in', async () => {
  const log = new TestLog('2026-06-01');
  const subscription = TestSubscription.active(log);
  subscription.pay(fact('settled', '2026-06-01', { id: 'in_first' }));
  log.now = at('2027-05-31');
  subscription.pay(fact('settled', '2027-05-31', { id: 'in_renewal' }), 'PAYMENTS:42');
  const { entries } = await historyOf(log);
  assert.equal(told(find(entries, 'SubscriptionRenewed').because), ['settled in_renewal PAYMENTS:42']);
});

/** Scenario 3 of domain.md 7. */
function paidInTimeDeliveredLate(): TestLog {
  const log = new TestLog('2026-06-01');
  const subscription = TestSubscription.active(log);
  subscription.pay(fact('settled', '2026-06-01', { id: 'in_first' }));
  subscription.tick('2027-06-01');
  log.now = at('2027-06-02T10:00');
  subscription.pay(fact('settled', '2027-05-31T23:59:30', { id: 'in_renewal' }));
  return log;
}

test('what was undone stays, marked with what undid it; before that was recorded it is unmarked', async () => {
  const log = paidInTimeDeliveredLate();
  const { entries } = await historyOf(log);
  const expired = find(entries, 'SubscriptionExpired');
  assert.is(expired.undoneBy?.type, 'ExpiryReversed');
  assert.is(expired.undoneBy?.recordedAt, at('2027-06-02T10:00'));
  assert.equal(told(find(entries, 'ExpiryReversed').because), ['settled in_renewal PAYMENTS:1']);
  const then = await historyOf(log, { knownAt: at('2027-06-01T12:00') });
  assert.is(find(then.entries, 'SubscriptionExpired').undoneBy, null);
  assert.not(then.entries.some(({ event }) => event.type === 'ExpiryReversed'));
});

test('a corrected fact stays, with what it should have said', async () => {
  const log = new TestLog();
  const subscription = TestSubscription.active(log);
  const wrong = log.events.at(-1);
  subscription.accept('correct-fact', { eventId: wrong?.id, reason: 'typing error', correction: { seats: 4 } });
  const { entries } = await historyOf(log);
  const [correction] = find(entries, 'SubscriptionActivated').correctedBy;
  assert.equal(correction?.correction, { seats: 4 });
  assert.is(correction?.type, 'FactCorrected');
});

test('a payment that waited is led back through who claimed it and why it had waited', async () => {
  const log = new TestLog('2026-06-01');
  const payment = fact('settled', '2026-06-01', { id: 'in_9', subscriptionRef: 'sub_9' });
  const stream = paymentStream('stripe', 'in_9');
  log.append(
    stream,
    [
      {
        type: 'PaymentFactParked',
        data: { fact: payment, reason: 'UNKNOWN_SUBSCRIPTION', receivedAt: log.now },
        effectiveAt: log.now,
      },
    ],
    { commandId: 'fact', causationId: 'PAYMENTS:7', actor: { type: 'provider', id: 'stripe', roles: [] } },
  );
  const subscription = TestSubscription.active(log);
  log.append(
    stream,
    [
      {
        type: 'PaymentFactMatched',
        data: { providerEventIds: [payment.providerEventId], subscription: subscription.target, by: 'operator' },
        effectiveAt: log.now,
      },
    ],
    { commandId: 'match', actor: alice },
  );
  subscription.pay(payment, `matched:${stream}`);
  const { entries } = await historyOf(log, { include: ['facts'] });
  assert.equal(told(find(entries, 'PaymentFactRecorded').because), [
    'PaymentFactMatched',
    'PaymentFactParked',
    'settled in_9 PAYMENTS:7',
  ]);
  assert.equal(told(find(entries, 'PaymentFactMatched').because), ['person-alice null']);
  assert.equal(
    entries.map(({ event }) => event.type).slice(0, 1),
    ['PaymentFactParked'],
    'in the order of the log: it was parked before the subscription began',
  );
});

test('a fact that was quarantined belongs to the history of the subscription that it names', async () => {
  const log = new TestLog('2026-06-01');
  TestSubscription.active(log);
  const failed = fact('failed', '2026-06-01', { id: 'in_x', subscriptionRef: 'acme/s1' });
  const data = { fact: failed, reason: 'CONTRADICTION', receivedAt: log.now };
  log.append(paymentStream('stripe', 'in_x'), [{ type: 'PaymentFactQuarantined', data, effectiveAt: log.now }], {
    commandId: 'fact',
    causationId: 'PAYMENTS:3',
  });
  const { entries, incomplete } = await historyOf(log, { include: ['facts'] });
  assert.equal(told(find(entries, 'PaymentFactQuarantined').because), ['failed in_x PAYMENTS:3']);
  assert.equal(incomplete, []);
});

test('which payments name a subscription is learnt stretch by stretch, and an answer says when that is not done', async () => {
  const log = new TestLog('2026-06-01');
  for (const id of ['a', 'b', 'c']) {
    const data = {
      fact: fact('failed', '2026-06-01', { id, subscriptionRef: 'acme/s1' }),
      reason: 'CONTRADICTION',
      receivedAt: log.now,
    };
    log.append(paymentStream('stripe', id), [{ type: 'PaymentFactQuarantined', data, effectiveAt: log.now }], {
      commandId: id,
    });
  }
  const directory = createPaymentDirectory({ log, scanCountMax: 2 });
  const ask = () => directory.streamsNaming({ tenant: 'acme', subscriptionId: 's1' });
  const first = await ask();
  assert.equal([first.streams.length, first.complete], [2, false]);
  const second = await ask();
  assert.equal([second.streams.length, second.complete], [3, true]);
  assert.equal((await directory.streamsNaming({ tenant: 'acme', subscriptionId: 's2' })).streams, []);
});

test('a subscription that was reactivated as a new one is led back to the reservation in the old one', async () => {
  const log = new TestLog('2026-06-01');
  const old = TestSubscription.active(log, { planId: 'business' }, 'old');
  const order = {
    planId: 'business',
    seats: 1,
    term: 'P1Y',
    zone: 'UTC',
    profile: 'direct-mca-2024@1',
    channel: 'direct',
    recurringBilling: true,
  };
  const write = (stream: string, commandId: string, type: string, data: object) =>
    log.append(stream, [{ type, data, effectiveAt: log.now }], { commandId, actor: alice });
  const successor = { successorId: 's1', reactivationId: 'r-1' };
  write(old.stream, 'asked', 'SuccessorReserved', { ...successor, order });
  write(subscriptionStream('acme', 's1'), 'reactivation:r-1:create', 'SubscriptionCreated', {
    ...order,
    tenant: 'acme',
    subscriptionId: 's1',
    trial: false,
    providerRefs: {},
    reactivatedFrom: 'old',
  });
  const { entries } = await historyOf(log);
  assert.equal(told(find(entries, 'SubscriptionCreated').because), ['SuccessorReserved', 'person-alice reactivate']);
});

test('refused commands and what people did with their seats are woven in when they are asked for', async () => {
  const log = new TestLog();
  const subscription = TestSubscription.active(log);
  subscription.accept('assign-license', { personId: 'person-bob' }, alice);
  subscription.seat('person-bob', 'activate-device', { deviceId: 'd1', kind: 'computer' });
  log.append(
    attemptsStream('acme', 's1'),
    [
      {
        type: 'CommandRefused',
        data: { ...subscription.target, command: 'activate', reasonCodes: ['ALREADY_ACTIVE'], status: 'active' },
        effectiveAt: log.now,
      },
    ],
    { commandId: 'again', actor: alice },
  );
  const types = async (include: RelatedKind[]) =>
    (await historyOf(log, { include })).entries.map(({ event }) => event.type);
  const own = ['SubscriptionCreated', 'SubscriptionActivated', 'LicenseAssigned'];
  assert.equal(await types([]), own);
  assert.equal(await types(['attempts', 'seats']), [...own, 'DeviceActivated', 'CommandRefused']);
  const { entries } = await historyOf(log, { include: ['attempts', 'seats'] });
  assert.equal(told(find(entries, 'CommandRefused').because), ['person-alice activate']);
  assert.equal(told(find(entries, 'DeviceActivated').because), ['person-admin null', 'LicenseAssigned']);
});

test('pages follow one another without a gap, each with the other streams’ events of its stretch', async () => {
  const log = paidInTimeDeliveredLate();
  const all = await historyOf(log);
  const ids: string[] = [];
  let from: number | null = 0;
  while (from !== null) {
    const page = await historyOf(log, { from, limit: 2, include: ['facts'] });
    ids.push(...page.entries.map(({ event }) => event.id));
    from = page.next;
  }
  assert.equal(
    ids,
    all.entries.map(({ event }) => event.id),
  );
});

test.run();
