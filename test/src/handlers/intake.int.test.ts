import { paymentSubject, streams } from '@perennial/broker';
import { createParkedMessages, publishPayment, publishRawPayment, startIntake, type Intake } from '@perennial/handlers';
import { headers as natsHeaders } from 'nats';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { startEngines, until, type Engines } from './engines.ts';
import { openWriteSide, settled, type WriteSide } from './write-side.ts';

const test = suite('intake');
let engines: Engines;
let side: WriteSide;
const running: Intake[] = [];

test.before(async () => {
  engines = await startEngines();
  side = await openWriteSide(engines);
});
test.after.each(async () => {
  await Promise.all(running.splice(0).map((intake) => intake.stop()));
});
test.after(async () => {
  await side.stop();
  await engines.stop();
});

function start(overrides: Partial<Parameters<typeof startIntake>[0]> = {}): Intake {
  const { store, broker } = engines;
  const intake = startIntake({ broker, store, commands: side.commands, clock: side.clock, ...overrides });
  running.push(intake);
  return intake;
}

const types = (events: readonly { type: string }[]) => events.map(({ type }) => type);
const factIds = async (id: string) =>
  (await side.events(id))
    .map(({ metadata }) => metadata.commandId)
    .filter((commandId) => commandId.startsWith('fact:'));
const parked = () =>
  createParkedMessages({ broker: engines.broker, store: engines.store, clock: side.clock, vault: side.vault });

test('a settled payment over NATS is appended to the subscription that it names, and acknowledged', async () => {
  const id = await side.subscribe('paid');
  await side.pay({ id: 'e-paid', ref: `acme/${id}` });
  await start().settled();
  const [last] = (await side.events(id)).slice(-1);
  assert.is(last?.metadata.commandId, 'fact:acmepay:e-paid');
  assert.is(last?.metadata.actor.type, 'provider');
  assert.match(last?.metadata.$causationId ?? '', /^PAYMENTS:\d+$/);
  const info = await engines.broker.jetstreamManager.consumers.info(streams.payments, 'intake');
  assert.is(info.num_ack_pending, 0);
  assert.equal(await side.paymentEvents('object-e-paid'), []);
});

test('the same event twice has one effect; the second message is observed as a duplicate', async () => {
  const id = await side.subscribe('twice');
  const event = settled('e-twice', `acme/${id}`, { occurredAt: side.clock.now() });
  for (const msgID of ['one', 'two']) {
    await engines.broker.jetstream.publish(paymentSubject('acmepay'), JSON.stringify(event), { msgID });
  }
  await start().settled();
  assert.equal(new Set(await factIds(id)).size, 1);
  const [observed] = await side.paymentEvents('object-e-twice');
  assert.is(observed?.type, 'DuplicateObserved');
  assert.equal(observed?.data, {
    ...(observed?.data as object),
    providerEventId: 'e-twice',
    level: 'transport',
  });
});

test('two events of one payment have one effect', async () => {
  const id = await side.subscribe('sibling');
  await side.pay({ id: 'e-s1', ref: `acme/${id}`, providerObjectId: 'in-1' });
  await side.pay({ id: 'e-s2', ref: `acme/${id}`, providerObjectId: 'in-1' });
  await start().settled();
  assert.equal(await factIds(id), ['fact:acmepay:e-s1']);
  assert.equal(types(await side.paymentEvents('in-1')), ['DuplicateObserved']);
});

test('a publisher that repeats itself is answered by the broker', async () => {
  const id = await side.subscribe('repeated');
  assert.is((await side.pay({ id: 'e-repeated', ref: `acme/${id}` })).duplicate, false);
  assert.is((await side.pay({ id: 'e-repeated', ref: `acme/${id}` })).duplicate, true);
});

test('what cannot be read is parked with its bytes and headers, and holds nobody up', async () => {
  const id = await side.subscribe('behind');
  const headers = natsHeaders();
  headers.set('X-Trace', 'abc');
  const { broker } = engines;
  await broker.jetstream.publish(paymentSubject('acmepay'), Buffer.from([0xff, 0x7b]), { msgID: 'bad', headers });
  await side.pay({ id: 'e-behind', ref: `acme/${id}` });
  await start().settled();
  const [message] = (await parked().list()).filter(({ error }) => error.code === 'PAYMENT_UNREADABLE');
  assert.ok(message);
  assert.equal([...message.data], [0xff, 0x7b]);
  assert.equal(message.headers['X-Trace'], ['abc']);
  assert.is(message.component, 'intake');
  assert.is(message.lane, undefined);
  assert.equal(await factIds(id), ['fact:acmepay:e-behind']);
  assert.is(await parked().discard(message.id, { reason: 'nonsense', by: 'ops' }), true);
  assert.is(await parked().show(message.id), undefined);
});

test('a payment for nobody we know waits in a stream of its own', async () => {
  await side.pay({ id: 'e-nobody', ref: 'acme/nobody' });
  await side.pay({ id: 'e-provider', ref: 'sub_999' });
  await start().settled();
  assert.equal(types(await side.paymentEvents('object-e-nobody')), ['PaymentFactParked']);
  assert.equal(types(await side.paymentEvents('object-e-provider')), ['PaymentFactParked']);
});

test('a provider reference that is known needs no matching', async () => {
  const id = await side.subscribe('by-ref');
  await side.pay({ id: 'e-by-ref', ref: 'sub_known' });
  const lookup = (provider: string, reference: string) =>
    provider === 'acmepay' && reference === 'sub_known' ? { tenant: 'acme', subscriptionId: id } : undefined;
  await start({ lookup }).settled();
  assert.equal(await factIds(id), ['fact:acmepay:e-by-ref']);
});

test('a payment from the future is quarantined', async () => {
  const id = await side.subscribe('future');
  const occurredAt = new Date(Date.parse(side.clock.now()) + 301_000).toISOString();
  await side.pay({ id: 'e-future', ref: `acme/${id}`, occurredAt });
  await start().settled();
  assert.equal(types(await side.paymentEvents('object-e-future')), ['PaymentFactQuarantined']);
  assert.equal(await factIds(id), []);
});

test("a webhook's raw bytes are translated here", async () => {
  const event = {
    id: 'evt_1',
    object: 'event',
    type: 'price.created',
    created: 1_800_000_000,
    data: { object: { id: 'price_1' } },
  };
  await publishRawPayment(engines.broker, {
    provider: 'stripe',
    messageId: 'evt_1',
    contentType: 'application/json',
    bytes: Buffer.from(JSON.stringify(event)),
  });
  await start().settled();
  const stored = [];
  for await (const item of engines.store.readAll({ streamPrefixes: ['payment-stripe_'] })) stored.push(item.event.type);
  assert.equal(stored, ['ProviderEventStored']);
});

test('what comes after a parked payment of its subscription queues up behind it; a retry keeps the order', async () => {
  const [stuck, free] = [await side.subscribe('stuck'), await side.subscribe('free')];
  let broken = true;
  const applyFact: WriteSide['commands']['applyFact'] = (request) => {
    if (broken && request.fact.providerEventId === 'e-q1') throw new TypeError('a fault of ours');
    return side.commands.applyFact(request);
  };
  const intake = start({ commands: { ...side.commands, applyFact } });
  for (const id of ['e-q1', 'e-q2', 'e-q3']) await side.pay({ id, ref: `acme/${stuck}` });
  await side.pay({ id: 'e-free', ref: `acme/${free}` });
  await intake.settled();
  assert.equal(await factIds(stuck), []);
  assert.equal(await factIds(free), ['fact:acmepay:e-free']);
  const waiting = (await parked().list()).filter(({ lane }) => lane === 'subscription-acme_stuck');
  assert.equal(
    waiting.map(({ error }) => error.code),
    ['TypeError', 'BEHIND_PARKED', 'BEHIND_PARKED'],
  );
  assert.is(waiting[0]?.attempts, 3);

  const first = waiting[0]?.id ?? 0;
  assert.equal(await parked().retry(first), { handled: 0, parkedAgain: 1 }, 'not yet corrected');
  broken = false;
  const [again] = (await parked().list()).filter(({ error }) => error.code === 'TypeError');
  assert.ok(again);
  assert.equal(await parked().retry(again.id), { handled: 3, parkedAgain: 0 });
  assert.equal([...new Set(await factIds(stuck))], ['fact:acmepay:e-q1', 'fact:acmepay:e-q2', 'fact:acmepay:e-q3']);
  assert.equal(await parked().list({ component: 'intake' }), []);
});

test('a second intake takes over, and the first stands by until it is gone', async () => {
  const id = await side.subscribe('two-intakes');
  const first = start({ takeOverAfterMs: 500 });
  await until('the first runs', () => first.status().state === 'running');
  const second = start({ broker: await engines.connect('second intake') });
  await until('the first stands by', () => first.status().detail.startsWith('standby'));
  await side.pay({ id: 'e-two-1', ref: `acme/${id}` });
  await second.settled();
  await second.stop();
  await side.pay({ id: 'e-two-2', ref: `acme/${id}` });
  await first.settled();
  assert.equal([...new Set(await factIds(id))], ['fact:acmepay:e-two-1', 'fact:acmepay:e-two-2']);
});

for (const engine of ['broker', 'event store'] as const) {
  test(`a ${engine} killed in the middle loses and doubles no payment`, async () => {
    const prefix = engine === 'broker' ? 'b' : 's';
    const ids = await Promise.all(Array.from({ length: 8 }, (_, n) => side.subscribe(`${prefix}-${n}`)));
    const intake = start();
    const expected = new Map(ids.map((id) => [id, [] as string[]]));
    const publish = async (round: number) => {
      for (const id of ids) {
        const event = settled(`${id}-${round}`, `acme/${id}`, { occurredAt: side.clock.now() });
        await until('the payment is stored', () =>
          publishPayment(engines.broker, event).then(
            () => true,
            () => false,
          ),
        );
        expected.get(id)?.push(`fact:acmepay:${id}-${round}`);
      }
    };
    for (let round = 0; round < 5; round += 1) await publish(round);
    const restarted = engine === 'broker' ? engines.restartBroker() : engines.restartEventStore();
    for (let round = 5; round < 10; round += 1) await publish(round);
    await restarted;
    await intake.settled({ timeoutMs: 40_000 });
    for (const id of ids) assert.equal([...new Set(await factIds(id))], expected.get(id), id);
    assert.is(intake.status().state, 'running');
  });
}

test.run();
