/**
 * Moving licences through the outside doors, while readers look all the time: over HTTP, and at the `views` bucket. None of
 * them may ever see the person without the apps that both plans have (scenario 26).
 */
import { setTimeout as delay } from 'node:timers/promises';
import { eventDefinitions } from '@perennial/domain';
import { openEventStore, type EventStore } from '@perennial/event-store';
import { createCommandService, createSystemClock, createTenantService } from '@perennial/handlers';
import { connect, type KV, type NatsConnection } from 'nats';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readEngineUrl, startPerennial, until, type Answer, type Json, type Perennial } from './perennial.ts';

const test = suite('moving licences through the whole pipeline (scenarios 25 and 26)');
const alice = 'alice@acme.example';
const moveCount = 200;
const lookPauseMs = 4;
let perennial: Perennial;
let nats: NatsConnection;
let views: KV;

test.before(async () => {
  perennial = await startPerennial({ env: { PERENNIAL_CLOCK: '2027-01-01T00:00:00Z' } });
  nats = await connect({ servers: readEngineUrl(perennial.dataDirectory, 'nats') });
  views = await nats.jetstream().views.kv('views', { bindOnly: true });
});

test.after(async () => {
  await nats?.close();
  await perennial?.close();
});

function send(id: string, name: string, body: Json = {}, headers: Record<string, string> = {}): Promise<Answer> {
  return perennial.post(`/tenants/acme/subscriptions/${id}/commands/${name}`, body, headers);
}

async function accept(id: string, name: string, body: Json = {}): Promise<Json> {
  const answer = await send(id, name, body);
  assert.is(answer.status, 200, `${name} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  return answer.body;
}

async function subscribe(id: string, planId: string, seats: number): Promise<void> {
  const body = { subscriptionId: id, planId, seats, term: 'P1M' };
  assert.is((await perennial.post('/tenants/acme/subscriptions', body)).status, 200);
  await accept(id, 'activate');
}

/** Apps that a person may fully use. */
function usable(page: Json): Set<string> {
  return new Set((page?.apps ?? []).filter(({ access }: Json) => access === 'full').map(({ appId }: Json) => appId));
}

/** Asks again and again until `stop`; answers how often it looked, and throws what it did not want to see. */
async function watch(look: () => Promise<void>, isOver: () => boolean): Promise<number> {
  let count = 0;
  while (!isOver()) {
    await look();
    count += 1;
    // The moves need the machine too.
    await delay(lookPauseMs);
  }
  return count;
}

test('hundreds of moves, and no reader sees the person without the common apps for a moment', async () => {
  await subscribe('plan-a', 'O365_BUSINESS_PREMIUM', 2);
  await subscribe('plan-b', 'SPE_E3', 2);
  const assigned = await accept('plan-a', 'assign-license', { userId: alice });
  const { body: before } = await perennial.get(`/tenants/acme/users/${alice}/apps?minPosition=${assigned.position}`);
  const ofA = usable(before);
  const first = await accept('plan-a', 'move-license', { userId: alice, toSubscriptionId: 'plan-b' });
  const { body: after } = await perennial.get(`/tenants/acme/users/${alice}/apps?minPosition=${first.position}`);
  const common = [...usable(after)].filter((appId) => ofA.has(appId));
  assert.ok(common.length >= 3, `the two plans have too little in common: ${common.join(', ')}`);
  const key = await until('the row of the person', async () => {
    for await (const each of await views.keys('available-apps.acme.>')) return each;
    return undefined;
  });

  let done = false;
  const check = (what: string, page: Json): void => {
    const seen = usable(page);
    const missing = common.filter((appId) => !seen.has(appId));
    assert.equal(missing, [], `${what}: ${JSON.stringify(page)}`);
  };
  const feed = await views.watch({ key });
  const changes = (async () => {
    let count = 0;
    for await (const entry of feed) {
      check('the views bucket', entry.operation === 'PUT' ? entry.json<Json>().current : null);
      count += 1;
    }
    return count;
  })();
  const readers = [
    watch(
      async () => check('apps', (await perennial.get(`/tenants/acme/users/${alice}/apps`)).body),
      () => done,
    ),
    watch(
      async () => {
        const { body } = await perennial.get(`/tenants/acme/users/${alice}/licenses`);
        const active = body.licenses.filter(({ state }: Json) => state === 'Active');
        assert.ok(active.length >= 1, JSON.stringify(body));
      },
      () => done,
    ),
    watch(
      async () => check('a look into the bucket', (await views.get(key))?.json<Json>().current),
      () => done,
    ),
  ];
  let position = first.position;
  try {
    for (let index = 0; index < moveCount; index += 1) {
      const [from, to] = index % 2 === 0 ? ['plan-b', 'plan-a'] : ['plan-a', 'plan-b'];
      ({ position } = await accept(from, 'move-license', { userId: alice, toSubscriptionId: to }));
    }
  } finally {
    done = true;
  }
  const looks = await Promise.all(readers);
  const { body } = await perennial.get(`/tenants/acme/users/${alice}/licenses?minPosition=${position}`);
  assert.equal(
    body.licenses.map(({ subscriptionId }: Json) => subscriptionId),
    ['plan-b'],
  );
  await until('the last row in the bucket', async () => {
    const row = (await views.get(key))?.json<Json>();
    return row.current.apps.some(({ because }: Json) => because[0].subscriptionId === 'plan-b') && true;
  });
  feed.stop();
  console.log(`NOTE moves: ${moveCount} moves, looked ${looks.join(' + ')} times, ${await changes} rows in the bucket`);
  for (const count of looks) assert.ok(count > moveCount / 10, `a reader looked only ${count} times`);
});

test('assignments and moves that race for the last seat: one has it, and the count is right', async () => {
  const people = Array.from({ length: 12 }, (_, index) => `racer-${index}`);
  await subscribe('crowd', 'SPE_E3', people.length);
  await subscribe('last-seat', 'SPE_E3', 1);
  for (const userId of people.slice(0, 6)) await accept('crowd', 'assign-license', { userId });
  const answers = await Promise.all(
    people.map((userId, index) =>
      index < 6
        ? send('crowd', 'move-license', { userId, toSubscriptionId: 'last-seat' })
        : send('last-seat', 'assign-license', { userId }),
    ),
  );
  assert.is(answers.filter(({ status }) => status === 200).length, 1);
  for (const { status, body } of answers) {
    if (status !== 200) assert.equal([status, body.reasonCodes], [409, ['NO_FREE_SEAT']]);
  }
  const { body } = await perennial.get('/tenants/acme/subscriptions/last-seat?minPosition=0');
  const row = await until('the read model', async () => {
    const { body: shown } = await perennial.get('/tenants/acme/subscriptions/last-seat');
    return shown.version > body.version - 1 && shown.seats.assigned === 1 && shown;
  });
  assert.equal(row.seats, { purchased: 1, assigned: 1 });
});

test('a refused move says why, in both languages, and a repeated one answers as at first', async () => {
  await subscribe('full', 'SPE_E3', 1);
  await accept('full', 'assign-license', { userId: 'bob' });
  const refused = await send('plan-b', 'move-license', { userId: alice, toSubscriptionId: 'full' });
  assert.equal([refused.status, refused.body.reasonCodes], [409, ['NO_FREE_SEAT']]);
  assert.ok(refused.body.remedies[0].text.nl);
  const missing = await send('plan-b', 'move-license', { userId: alice, toSubscriptionId: 'nowhere' });
  assert.is(missing.status, 404);
  const headers = { 'idempotency-key': 'move-once' };
  const body = { userId: alice, toSubscriptionId: 'plan-a' };
  const first = await send('plan-b', 'move-license', body, headers);
  const again = await send('plan-b', 'move-license', body, headers);
  assert.equal([again.body, again.headers.get('idempotent-replayed')], [first.body, 'true']);
  const { body: actions } = await perennial.get('/tenants/acme/subscriptions/plan-a/actions');
  const listed = actions.actions.find(({ command }: Json) => command === 'move-license');
  assert.equal([listed.available, listed.needs], [true, ['userId', 'toSubscriptionId']]);
});

test('a move whose process died between its two halves is finished by the running engine', async () => {
  await subscribe('left', 'SPE_E3', 1);
  await subscribe('right', 'SPE_E3', 1);
  const assigned = await accept('left', 'assign-license', { userId: 'carol' });
  const { body: history } = await perennial.get('/tenants/acme/subscriptions/left/history');
  const { personId } = history.events.find(({ type }: Json) => type === 'LicenseAssigned').data;
  const store = await openEventStore({
    url: readEngineUrl(perennial.dataDirectory, 'eventStore'),
    definitions: eventDefinitions,
  });
  try {
    const dying = dyingCommands(store);
    const body = { personId, toSubscriptionId: 'right' };
    const cause = { actor: { type: 'user' as const, id: personId }, roles: ['global-admin'], correlationId: 'c' };
    const command = { name: 'move-license' as const, body };
    const request = { ...cause, tenant: 'acme', subscriptionId: 'left', commandId: 'half', command };
    await dying.moveLicense(request).then(
      () => assert.unreachable(),
      () => undefined,
    );
    await dying.close();
  } finally {
    await store.close();
  }
  const held = (body: Json): string[] => body.licenses.map(({ subscriptionId }: Json) => subscriptionId);
  await until('the move to be complete', async () => {
    const { body } = await perennial.get(`/tenants/acme/users/carol/licenses?minPosition=${assigned.position}`);
    assert.ok(held(body).length > 0, 'never without a licence');
    return held(body).join() === 'right';
  });
  const headers = { 'idempotency-key': 'half' };
  const late = await send('left', 'move-license', { userId: 'carol', toSubscriptionId: 'right' }, headers);
  assert.equal([late.status, late.headers.get('idempotent-replayed')], [200, 'true']);
});

/** The commands of a process that dies before its second append. */
function dyingCommands(store: EventStore) {
  const clock = createSystemClock();
  let appendCount = 0;
  return createCommandService({
    store: {
      ...store,
      append: (...append) => {
        appendCount += 1;
        if (appendCount > 1) throw new Error('the process died here');
        return store.append(...append);
      },
    },
    clock: { ...clock, now: () => '2027-01-01T00:00:00.000Z' },
    vault: { userIdOf: async () => undefined, encrypt: async (_owner, text) => text },
    plans: { version: () => undefined, plan: () => undefined },
    tenants: createTenantService({ store, clock }),
    newId: () => crypto.randomUUID(),
  });
}

test('read models are what a fold of the log says', async () => {
  const answer = await perennial.post('/admin/projections/verify');
  assert.equal([answer.status, answer.body.equal], [200, true], JSON.stringify(answer.body));
});

test.run();
