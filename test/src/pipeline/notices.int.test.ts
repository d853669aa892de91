/**
 * Notices through the outside doors only: the clock moves, a sender follows NATS and reports over HTTP.
 */
import { connect, consumerOpts, createInbox, type JetStreamSubscription, type NatsConnection } from 'nats';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { payment } from './payments.ts';
import { readEngineUrl, startPerennial, until, type Json, type Perennial } from './perennial.ts';

const test = suite('notices through the whole pipeline');
const start = '2027-01-01T00:00:00.000Z';
let perennial: Perennial;
let nats: NatsConnection;
let sender: JetStreamSubscription;
/** What a sender that follows the events was given, in order. */
const received: Json[] = [];

test.before(async () => {
  perennial = await startPerennial({ env: { PERENNIAL_CLOCK: start } });
  nats = await connect({ servers: readEngineUrl(perennial.dataDirectory, 'nats') });
  const options = consumerOpts().deliverTo(createInbox()).deliverAll().ackExplicit();
  sender = await nats.jetstream().subscribe('subscriptions.events.v1.*.NoticeQueued', options);
  void (async () => {
    for await (const message of sender) {
      received.push(message.json());
      message.ack();
    }
  })();
});

test.after(async () => {
  await nats?.close();
  await perennial?.close();
});

async function ok(answer: Promise<{ status: number; body: Json }>): Promise<Json> {
  const { status, body } = await answer;
  assert.is(status, 200, JSON.stringify(body));
  return body;
}

/** Answers the position to read at. */
async function buy(tenant: string, id: string, more: Json = {}): Promise<string> {
  const purchase = { subscriptionId: id, planId: 'SPE_E3', seats: 2, term: 'P1M', ...more };
  await ok(perennial.post(`/tenants/${tenant}/subscriptions`, purchase));
  return (await ok(perennial.post(`/tenants/${tenant}/subscriptions/${id}/commands/activate`))).position;
}

const advanceTo = (instant: string) => ok(perennial.post('/clock', { advanceTo: instant }));

async function notices(tenant: string, id: string, query = ''): Promise<Json[]> {
  return (await ok(perennial.get(`/tenants/${tenant}/subscriptions/${id}/notices${query}`))).notices;
}

test('a Dutch organisation is told in Dutch before its term ends, over NATS and as a read model', async () => {
  await ok(perennial.put('/tenants/holland', { language: 'nl-NL', country: 'NL' }));
  await buy('holland', 'kantoor', { recurringBilling: false, zone: 'Europe/Amsterdam' });
  // One month: the first notice is a month before the end or sooner.
  await advanceTo('2027-01-18T00:00:00.000Z');
  const [queued] = await notices('holland', 'kantoor', '?status=queued');
  assert.is(queued.kind, 'term_ending');
  assert.is(queued.noticeId, 'term-end-20270201T000000000Z-P14D');
  assert.equal([queued.dueAt, queued.sendBy], ['2027-01-18T00:00:00.000Z', '2027-01-25T00:00:00.000Z']);
  assert.is(queued.text.subject, 'Abonnement kantoor eindigt op 1 februari 2027');
  assert.equal(queued.recipients, ['global-admin', 'billing-admin']);

  const message = await until('the notice on EVENTS', async () =>
    received.find(({ data }) => data.noticeId === queued.noticeId && data.tenant === 'holland'),
  );
  assert.is(message.type, 'NoticeQueued');
  assert.is(message.subject, 'holland/kantoor');
  assert.is(message.time, '2027-01-18T00:00:00.000Z');
  assert.equal(message.data.text, queued.text);

  const views = await nats.jetstream().views.kv('views', { bindOnly: true });
  const entry = await until('the notice in views', async () => {
    const found = await views.get(`notices.holland.kantoor=2F${queued.noticeId}`);
    return found?.json<Json>().current ?? undefined;
  });
  assert.equal([entry.status, entry.language], ['queued', 'nl']);
});

test('a sender reports: sent stays sent; what failed is queued again later, under the same id', async () => {
  const path = '/tenants/holland/subscriptions/kantoor/notices/term-end-20270201T000000000Z-P14D';
  const failed = await ok(perennial.post(`${path}/failed`, { failure: 'MAILBOX_FULL' }));
  assert.equal([failed.status, failed.recorded], ['failed', true]);
  await advanceTo('2027-01-18T00:10:00.000Z');
  const again = await until('the second attempt', async () =>
    received.find(({ data }) => data.tenant === 'holland' && data.attempt === 2),
  );
  assert.is(again.time, '2027-01-18T00:05:00.000Z', 'at the instant of the retry, not of the sweep');
  const sent = await ok(perennial.post(`${path}/sent`, { reference: 'msg-1' }));
  assert.equal([sent.status, sent.recorded], ['sent', true]);
  assert.is((await ok(perennial.post(`${path}/sent`, { reference: 'msg-1' }))).recorded, false);
  const [notice] = await notices('holland', 'kantoor', `?status=sent&minPosition=${sent.position}`);
  assert.equal([notice.reference, notice.attempt], ['msg-1', 2]);
});

test('what is paid is withdrawn, and nothing more is said about it', async () => {
  await advanceTo('2027-01-25T00:00:00.000Z');
  const [open] = await notices('holland', 'kantoor', '?status=queued');
  assert.is(open.noticeId, 'term-end-20270201T000000000Z-P7D');
  const paid = payment({ object: 'in_kantoor', ref: 'holland/kantoor', occurredAt: '2027-01-25T00:00:00.000Z' });
  assert.is((await perennial.post('/payments', paid)).status, 202);
  await advanceTo('2027-01-26T00:00:00.000Z');
  assert.equal(await notices('holland', 'kantoor', '?status=queued'), []);
});

test('a clock that jumps over a whole life tells all that was due, each at its instant, and leaves nothing to be sent', async () => {
  const position = await buy('acme', 'sleeper', { recurringBilling: false });
  const ahead = await ok(perennial.get(`/tenants/acme/subscriptions/sleeper/upcoming?minPosition=${position}`));
  const [, firstEnd] = ahead.upcoming.map(({ at }: Json) => at);
  assert.is(firstEnd, '2027-03-28T00:00:00.000Z');
  await advanceTo('2027-09-01T00:00:00.000Z');
  const all = await notices('acme', 'sleeper');
  assert.is((await ok(perennial.get('/tenants/acme/subscriptions/sleeper'))).status, 'deleted');
  assert.is(all.length, 15);
  assert.ok(all.every(({ status }) => status === 'lapsed'));
  assert.equal(
    all.slice(0, 2).map(({ dueAt }) => dueAt),
    ['2027-01-27T00:00:00.000Z', '2027-02-12T00:00:00.000Z'],
  );
  await until('the retention warnings on EVENTS', async () =>
    received.some(({ data }) => data.noticeId === 'retention-end-20270626T000000000Z-P1D'),
  );
});

test('a charge that waits or fails, and money for a cancelled subscription, are told', async () => {
  await buy('acme', 'news', { term: 'P1Y' });
  const at = '2027-09-01T00:00:00.000Z';
  const waiting = payment({ object: 'in_w', ref: 'acme/news', occurredAt: at, kind: 'action_required' });
  assert.is((await perennial.post('/payments', waiting)).status, 202);
  await advanceTo('2027-09-01T01:00:00.000Z');
  const [action] = await notices('acme', 'news', '?status=queued');
  assert.equal([action.kind, action.deadline, action.dueAt], ['payment_action_required', null, at]);
  const declined = payment({
    object: 'in_w',
    ref: 'acme/news',
    occurredAt: '2027-09-01T01:00:00.000Z',
    kind: 'failed',
  });
  assert.is((await perennial.post('/payments', declined)).status, 202);
  await advanceTo('2027-09-01T01:30:00.000Z');
  const open = await notices('acme', 'news', '?status=queued');
  assert.equal(
    open.map(({ kind }) => kind),
    ['payment_failed'],
    'the charge went on',
  );
  await ok(perennial.post('/tenants/acme/subscriptions/news/commands/cancel-now'));
  const late = payment({ object: 'in_l', ref: 'acme/news', occurredAt: '2027-09-01T01:30:00.000Z' });
  assert.is((await perennial.post('/payments', late)).status, 202);
  await advanceTo('2027-09-01T02:00:00.000Z');
  const kinds = (await notices('acme', 'news', '?status=queued')).map(({ kind }) => kind);
  assert.ok(kinds.includes('payment_credited'), kinds.join());
});

test('upcoming of a tenant: what falls into a window', async () => {
  const position = await buy('globex', 'one', { recurringBilling: false });
  const inside = await ok(
    perennial.get(
      `/tenants/globex/upcoming?from=2027-10-01T02:00:00Z&to=2027-10-01T02:00:00.001Z&minPosition=${position}`,
    ),
  );
  assert.equal(inside.deadlines, [{ subscriptionId: 'one', kind: 'term-end', at: '2027-10-01T02:00:00.000Z' }]);
  const before = await ok(perennial.get('/tenants/globex/upcoming?to=2027-10-01T02:00:00.000Z'));
  assert.equal(before.deadlines, [], 'the end of the window is outside');
});

test('news that nobody sent in a week lapses, also when the subscription went on meanwhile', async () => {
  await ok(perennial.post('/tenants/acme/subscriptions/news/commands/add-note', { text: 'called' }));
  await advanceTo('2027-09-01T03:00:00.000Z');
  await advanceTo('2027-09-10T00:00:00.000Z');
  const [credited] = (await notices('acme', 'news')).filter(({ kind }) => kind === 'payment_credited');
  const views = await nats.jetstream().views.kv('views', { bindOnly: true });
  await until('the lapse in views, where only what is recorded arrives', async () => {
    const found = await views.get(`notices.acme.news=2F${credited.noticeId.replaceAll('=', '=3D')}`);
    return found?.json<Json>().current?.status === 'lapsed';
  });
});

test('a rebuild from the log gives the same notices', async () => {
  const before = await notices('acme', 'sleeper');
  const verified = await ok(perennial.post('/admin/projections/verify'));
  assert.is(verified.equal, true, JSON.stringify(verified));
  assert.equal(await notices('acme', 'sleeper'), before);
});

test.run();
