import { noticesStream, type NoticeEventData, type NoticeEventType } from '@perennial/domain';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { allProjections } from '../models/index.ts';
import { foldStream } from '../projection/fold-stream.ts';
import { marksOf } from '../feed/marks.ts';
import { RowMap } from '../set/row.ts';
import { MemoryLog, type TestEvent } from '../testing/memory-log.ts';
import { onDay, sampleFact, sampleSubscription } from '../testing/sample-log.ts';
import { openTestDatabase, openTestSet, wipe, type TestSet } from '../testing/test-set.ts';
import { createQueries } from './create-queries.ts';
import type { Queries } from './types.ts';

const test = suite('reads about notices');
let database: Awaited<ReturnType<typeof openTestDatabase>>;
let log: MemoryLog;
let set: TestSet;
let queries: Queries;
let now = onDay(0);

test.before(async () => {
  database = await openTestDatabase();
});
test.after(() => database.close());
test.before.each(async () => {
  await wipe(database.sql);
  now = onDay(0);
  log = new MemoryLog();
  set = await openTestSet(database.sql, log);
  const people = { personIdIfKnown: () => Promise.resolve(undefined) };
  queries = createQueries({ sql: database.sql, clock: { now: () => now }, people, waitMs: 100 });
});

const one = sampleSubscription('acme', 'sub-1');
/** Ends by itself on day 30. */
const ending = [one.created({ recurringBilling: false }), one.activated()];
const first = 'term-end-20270131T000000000Z-P30D';
const second = 'term-end-20270131T000000000Z-P14D';

async function write(...events: readonly TestEvent[]): Promise<void> {
  await set.writer.write(log.append(...events));
}

function told<T extends NoticeEventType>(type: T, data: NoticeEventData<T>, days: number): TestEvent {
  return { stream: noticesStream('acme', 'sub-1'), type, data, effectiveAt: onDay(days) };
}

function queued(noticeId: string, days: number, sendByDays: number): TestEvent {
  return told(
    'NoticeQueued',
    {
      tenant: 'acme',
      subscriptionId: 'sub-1',
      noticeId,
      kind: 'term_ending',
      deadline: { kind: 'term-end', at: onDay(30) },
      sendBy: onDay(sendByDays),
      attempt: 1,
      language: 'en',
      text: { subject: 'Subscription sub-1 ends', body: 'Nothing will be charged.' },
      recipients: ['billing-admin'],
    },
    days,
  );
}

async function due(days: number): Promise<string[]> {
  return (await queries.noticesDue(onDay(days), 100)).map(({ noticeId }) => noticeId);
}

test('a slot that runs and has no notice is due; one that has is not, until its time is over', async () => {
  await write(...ending);
  assert.equal(await due(0), [first]);
  await write(queued(first, 0, 16));
  assert.equal(await due(0), []);
  assert.equal(await due(15.99), []);
  assert.equal((await due(16)).sort(), [second, first].sort(), 'it lapses, and the next one is missing');
});

test('a notice whose deadline is gone is due to be withdrawn; withdrawn, it is due again when the deadline is back', async () => {
  await write(...ending, queued(first, 0, 16), one.event('RecurringBillingTurnedOn', {}, onDay(3)));
  assert.equal(await due(3), [first]);
  await write(told('NoticeWithdrawn', { noticeId: first, dueAt: onDay(0), disproved: false }, 3));
  assert.equal(await due(3), []);
  await write(one.event('RecurringBillingTurnedOff', {}, onDay(4)));
  assert.equal(await due(4), [first]);
});

test('what failed is due when its next attempt is', async () => {
  const failure = { noticeId: first, attempt: 1, failure: 'MAILBOX_FULL', retryAt: onDay(2) };
  await write(...ending, queued(first, 0, 16), told('NoticeFailed', failure, 1));
  assert.equal(await due(1.5), []);
  assert.equal(await due(2), [first]);
});

test('a charge that failed is due to be told, for a month', async () => {
  const fact = { ...sampleFact('in_9'), kind: 'failed' as const, occurredAt: onDay(5) };
  await write(one.created(), one.activated());
  await write(one.event('PaymentFactRecorded', { fact, effect: 'past_due' }, onDay(5)));
  const [found = ''] = await due(6);
  assert.match(found, /^charge-failed-20270106T000000000Z-/);
  assert.equal(await due(40), []);
});

test('pages of what is due go on behind the last one', async () => {
  for (const id of ['b', 'a', 'c']) {
    const subscription = sampleSubscription('acme', id);
    await write(subscription.created({ recurringBilling: false }), subscription.activated());
  }
  const page = await queries.noticesDue(onDay(1), 2);
  assert.equal(
    page.map(({ subscriptionId }) => subscriptionId),
    ['a', 'b'],
  );
  const rest = await queries.noticesDue(onDay(1), 2, page.at(-1));
  assert.equal(
    rest.map(({ subscriptionId }) => subscriptionId),
    ['c'],
  );
});

test('a list shows what is over as over, filters by status, and leaves out what was disproved', async () => {
  await write(...ending, queued(first, 0, 16), queued(second, 16, 23));
  now = onDay(17);
  const statuses = async (status?: 'queued' | 'lapsed'): Promise<string[]> =>
    (await queries.notices('acme', { status })).notices.map(
      (notice) => `${notice.noticeId.slice(-4)} ${notice.status}`,
    );
  assert.equal(await statuses(), ['P30D lapsed', 'P14D queued']);
  assert.equal(await statuses('queued'), ['P14D queued']);
  assert.equal(await statuses('lapsed'), ['P30D lapsed']);
  await write(told('NoticeWithdrawn', { noticeId: second, dueAt: onDay(16), disproved: true }, 17));
  assert.equal(await statuses(), ['P30D lapsed']);
  assert.equal((await queries.notices('other')).notices, []);
  assert.equal((await queries.notices('acme', { subscriptionId: 'sub-2' })).notices, []);
});

test('lists are read page by page', async () => {
  await write(...ending, queued(first, 0, 16), queued(second, 16, 23));
  const { notices, next } = await queries.notices('acme', { limit: 1 });
  assert.equal(
    notices.map(({ noticeId }) => noticeId),
    [first],
  );
  const rest = await queries.notices('acme', { limit: 1, after: next });
  assert.equal([rest.notices.map(({ noticeId }) => noticeId), rest.next], [[second], undefined]);
});

test('deadlines of a tenant in a window, whose end is outside', async () => {
  await write(...ending);
  const inside = await queries.upcoming('acme', { from: onDay(30), to: onDay(31) });
  assert.equal(inside.deadlines, [{ subscriptionId: 'sub-1', at: onDay(30), kind: 'term-end' }]);
  assert.equal((await queries.upcoming('acme', { to: onDay(30) })).deadlines, []);
  const ahead = await queries.upcomingOf('acme', 'sub-1');
  assert.equal(
    ahead?.upcoming.map(({ to }) => to),
    ['expired', 'disabled', 'deleted'],
  );
  assert.is(await queries.upcomingOf('acme', 'nobody'), undefined);
});

test('a notice that changed is told in the feed, once', () => {
  const rows = new RowMap();
  for (const item of new MemoryLog().append(queued(first, 0, 16), queued(first, 0, 16))) {
    const concerned = allProjections.filter(({ handles }) => item.event.stream.startsWith(handles.streamPrefix));
    foldStream(concerned, [item], rows);
  }
  assert.equal(marksOf(rows), [{ model: 'notices', tenant: 'acme', key: `sub-1/${first}` }]);
});

test.run();
