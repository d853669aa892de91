import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openAudit } from '../open-audit.ts';
import { step, take } from '../testing/random-steps.ts';
import { TestLog, TestSubscription, at, fact } from '../testing/test-log.ts';

const test = suite('what differs between two instants, on either axis');

test('in valid time: the fields that changed, with the events that changed them', async () => {
  const log = new TestLog('2026-06-01');
  const subscription = TestSubscription.active(log);
  log.now = at('2026-06-10');
  subscription.accept('assign-license', { personId: 'alice' });
  subscription.accept('add-seats', { count: 2 });
  const audit = openAudit({ log, clock: log.clock });
  const diff = await audit.diff(subscription.target, { from: { at: at('2026-06-05') }, to: { at: at('2026-06-15') } });
  assert.equal(
    diff?.changes.map(({ field, before, after, events }) => [field, before, after, events.map(({ type }) => type)]),
    [['seats', { purchased: 3, assigned: 0 }, { purchased: 5, assigned: 1 }, ['LicenseAssigned', 'SeatsAdded']]],
  );
  assert.equal(diff?.people, { gained: ['alice'], lost: [] });
  assert.equal(diff?.removed, []);
});

test('in system time: of one instant, what was learnt later (domain.md 7, 3)', async () => {
  const log = new TestLog('2026-06-01');
  const subscription = TestSubscription.active(log);
  subscription.pay(fact('settled', '2026-06-01', { id: 'in_first' }));
  subscription.tick('2027-06-01');
  log.now = at('2027-06-02T10:00');
  subscription.pay(fact('settled', '2027-05-31T23:59:30', { id: 'in_renewal' }));
  const audit = openAudit({ log, clock: log.clock });
  const noon = at('2027-06-01T12:00');
  const diff = await audit.diff(subscription.target, { from: { at: noon, knownAt: noon }, to: { at: noon } });
  const status = diff?.changes.find(({ field }) => field === 'status');
  assert.equal([status?.before, status?.after], ['expired', 'active']);
  assert.equal(
    status?.events.map(({ type }) => type),
    ['SubscriptionExpired', 'ExpiryReversed'],
  );
  assert.equal(
    diff?.removed.map(({ type }) => type),
    ['SubscriptionExpired'],
  );
  assert.ok(diff?.added.some(({ type }) => type === 'SubscriptionRenewed'));
});

test('what only time changed is told as deadlines', async () => {
  const log = new TestLog('2026-06-01');
  const { target } = TestSubscription.active(log, { recurringBilling: false });
  const audit = openAudit({ log, clock: log.clock });
  const diff = await audit.diff(target, { from: { at: at('2027-05-01') }, to: { at: at('2027-07-15') } });
  assert.equal(diff?.added, []);
  assert.equal(diff?.deadlines, {
    from: [],
    to: [
      { kind: 'term-end', at: at('2027-06-01') },
      { kind: 'grace-end', at: at('2027-07-01') },
    ],
  });
  assert.equal(diff?.changes.find(({ field }) => field === 'status')?.events, []);
});

test('before it existed every field is new; between one instant and itself nothing differs', async () => {
  const log = new TestLog('2026-06-01');
  const { target } = TestSubscription.active(log);
  const audit = openAudit({ log, clock: log.clock });
  const diff = await audit.diff(target, { from: { at: at('2026-05-01') }, to: {} });
  assert.is(diff?.from.exists, false);
  assert.equal(
    diff?.changes.find(({ field }) => field === 'planId')?.events.map(({ type }) => type),
    ['SubscriptionCreated'],
  );
  const same = await audit.diff(target, { from: {}, to: {} });
  assert.equal([same?.changes, same?.added, same?.removed], [[], [], []]);
  assert.is(await audit.diff({ tenant: 'acme', subscriptionId: 'none' }, { from: {}, to: {} }), undefined);
});

test('the policy profile in force, and the event that put it there', async () => {
  const log = new TestLog('2026-06-01');
  const { target } = TestSubscription.active(log, { profile: 'csp-nce' });
  const audit = openAudit({ log, clock: log.clock });
  const policy = await audit.policy(target, {});
  assert.match(policy?.profile ?? '', /^csp-nce@\d+$/);
  assert.is(policy?.settings.name, 'csp-nce');
  assert.is(policy?.since?.type, 'SubscriptionCreated');
  assert.is(policy?.catalogue, null);
  assert.is(await audit.policy(target, { at: at('2026-05-01') }), undefined);
});

test('whatever happened, each field that differs names the events behind it, unless only time passed', async () => {
  const hour = 3_600_000;
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 1, maxLength: 12 }),
      fc.tuple(...[0, 1, 2, 3].map(() => fc.integer({ min: 0, max: 160 * 24 }))),
      async (unsorted, hours) => {
        const log = new TestLog('2027-01-31T10:00');
        const subscription = TestSubscription.active(log, { term: 'P1M' });
        const start = Date.parse(log.now);
        const instant = (of: number): string => new Date(start + of * hour).toISOString();
        for (const [index, given] of unsorted.toSorted((a, b) => a.hours - b.hours).entries()) {
          log.now = instant(given.hours);
          take(given, subscription, index);
        }
        const [one = '', other = '', oneKnown = '', otherKnown = ''] = hours.map(instant);
        const audit = openAudit({ log, clock: log.clock });
        const instants = { from: { at: one, knownAt: oneKnown }, to: { at: other, knownAt: otherKnown } };
        const diff = await audit.diff(subscription.target, instants);
        if (diff === undefined) throw new Error('it exists');
        const { deadlines, changes, added, removed } = diff;
        const onlyTime = changes.filter(({ events }) => events.length === 0).map(({ field }) => field);
        if (deadlines.from.length + deadlines.to.length === 0) {
          // The term that runs, and which of what lies ahead comes next, change with time alone.
          const byTime = new Set(['termStart', 'termEnd', 'nextBilling', 'deadline']);
          assert.equal(
            onlyTime.filter((field) => !byTime.has(field)),
            [],
          );
        }
        const views = await Promise.all(
          [instants.from, instants.to].map((when) => audit.subscription(subscription.target, when)),
        );
        for (const { field, before, after } of changes) {
          assert.equal(
            [before, after],
            views.map((view) => view?.[field as keyof typeof view] ?? null),
            field,
          );
        }
        if (added.length + removed.length === 0 && one === other) assert.equal(changes, []);
      },
    ),
    { numRuns: 150 },
  );
});

test.run();
