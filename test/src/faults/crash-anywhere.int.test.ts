/**
 * Each part is killed (SIGKILL) in turn while payments flow. Afterwards every payment has been applied exactly once, the
 * read models equal a fresh fold of the log, and nothing waits for a person. Then the rebuildable parts are deleted.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { connect, headers, type NatsConnection } from 'nats';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { payment } from '../pipeline/payments.ts';
import { readEngineUrl, startPerennial, until, type Json, type Perennial } from '../pipeline/perennial.ts';
import { foldLog, readModels } from './read-models.ts';

const test = suite('crash anywhere');
const tenant = 'acme';
const subscriptionCount = 12;
const paymentsPerSubscription = 20;
const start = '2027-01-01T00:00:00.000Z';
const clock = { PERENNIAL_CLOCK: start };
let perennial: Perennial;
let nats: NatsConnection;
/** The read models when everything had settled, to compare with after each deletion. */
let settled: Json;

test.before(async () => {
  perennial = await startPerennial({ env: clock });
  nats = await connectToNats();
  for (const id of ids()) {
    const created = await perennial.post(`/tenants/${tenant}/subscriptions`, {
      subscriptionId: id,
      planId: 'O365_BUSINESS_PREMIUM',
      seats: 2,
      term: 'P1M',
    });
    assert.is(created.status, 200, JSON.stringify(created.body));
    for (const [name, body] of [
      ['activate', {}],
      ['assign-license', { userId: `user-${id}` }],
    ] as const) {
      const { status, body: answer } = await perennial.post(
        `/tenants/${tenant}/subscriptions/${id}/commands/${name}`,
        body,
      );
      assert.is(status, 200, JSON.stringify(answer));
    }
  }
});

test.after(async () => {
  await nats?.close();
  await perennial?.close();
});

function ids(): string[] {
  return Array.from({ length: subscriptionCount }, (_, index) => `s${index}`);
}

/** Payments of one subscription are made one after the other, all within what the standing clock accepts. */
function secondsAfterStart(seconds: number): string {
  return new Date(Date.parse(start) + seconds * 1_000).toISOString();
}

/** A publisher that outlives its server: it keeps trying with the same message id until the message is acknowledged. */
function connectToNats(): Promise<NatsConnection> {
  return connect({
    servers: readEngineUrl(perennial.dataDirectory, 'nats'),
    maxReconnectAttempts: -1,
    reconnectTimeWait: 50,
  });
}

async function publishUntilStored(event: Json): Promise<void> {
  const h = headers();
  h.set('Nats-Msg-Id', event.id);
  await until(
    `an acknowledgement of ${event.id}`,
    () =>
      nats
        .jetstream({ timeout: 1_000 })
        .publish('billing.payments.v1.bank', JSON.stringify(event), { headers: h })
        .then(() => true as const)
        .catch(() => undefined),
    60_000,
  );
}

/** Publishes every payment once, in rounds over all subscriptions; `betweenRounds` is where the kills happen. */
async function publishAll(betweenRounds: (round: number) => Promise<void>): Promise<void> {
  for (let round = 1; round <= paymentsPerSubscription; round += 1) {
    await Promise.all([
      ...ids().map((id) =>
        publishUntilStored(
          payment({ object: `in_${id}_${round}`, ref: `${tenant}/${id}`, occurredAt: secondsAfterStart(round) }),
        ),
      ),
      betweenRounds(round),
    ]);
  }
}

/** Kills a part at most once, and waits until the supervisor has another one running in its place. */
async function killPart(part: string): Promise<void> {
  const victim = perennial.processId(part);
  process.kill(victim, 'SIGKILL');
  await until(`a new ${part}`, () => Promise.resolve(perennial.processId(part) !== victim), 30_000);
}

async function untilApplied(): Promise<void> {
  // n payments pay n terms: the first one the running term, each other one the next.
  const wanted = new Date(Date.UTC(2027, paymentsPerSubscription, 1)).toISOString();
  for (const id of ids()) {
    await until(
      `${id} is paid up to ${wanted}`,
      async () => {
        const { body } = await perennial
          .get(`/tenants/${tenant}/subscriptions/${id}`)
          .catch(() => ({ body: undefined }));
        if (body?.termEnd > wanted) throw new Error(`${id} was renewed too often: ${body.termEnd}`);
        return body?.termEnd === wanted;
      },
      60_000,
    );
  }
}

test('every part may be killed while payments flow, and each payment is applied exactly once', async () => {
  const victims: Readonly<Record<number, string>> = {
    3: 'intake',
    6: 'event-store',
    9: 'nats-server',
    12: 'owner',
    15: 'event-store',
    17: 'intake',
  };
  await publishAll(async (round) => {
    const victim = victims[round];
    if (victim !== undefined) await killPart(victim);
  });
  await untilApplied();
  for (const id of ids()) {
    const { body } = await perennial.get(`/tenants/${tenant}/subscriptions/${id}/history`);
    const objects = body.events.flatMap((event: Json) => event.data.fact?.providerObjectId ?? []);
    assert.is(new Set(objects).size, objects.length, `a payment of ${id} stands twice in its history`);
    assert.is(objects.length, paymentsPerSubscription);
  }
  assert.equal((await perennial.get('/payments/inbox')).body.payments, []);
  assert.equal((await perennial.get('/admin/parked')).body.parked, []);
});

test('the read models equal a fresh fold of the log', async () => {
  settled = await readModels(perennial, tenant, ids());
  assert.equal(settled.subscriptions, await foldLog(perennial, tenant, ids()));
});

test('without the EVENTS stream the same read models come back', async () => {
  const manager = await nats.jetstreamManager();
  await manager.streams.delete('EVENTS');
  await restart();
  assert.equal(await readModels(perennial, tenant, ids()), settled);
});

test('without the whole database the same read models come back', async () => {
  await restart(() => rmSync(join(perennial.dataDirectory, 'database'), { recursive: true, force: true }));
  assert.equal(await readModels(perennial, tenant, ids()), settled);
});

test('a SIGKILL of the supervisor takes every part with it, and the next start finds everything', async () => {
  await perennial.kill();
  perennial = await startPerennial({ env: clock, dataDirectory: perennial.dataDirectory });
  await untilApplied();
  assert.equal(await readModels(perennial, tenant, ids()), settled);
});

async function restart(between: () => void = () => undefined): Promise<void> {
  await nats.close();
  assert.is(await perennial.stop(), 0);
  between();
  perennial = await startPerennial({ env: clock, dataDirectory: perennial.dataDirectory });
  nats = await connectToNats();
  await untilApplied();
}

test.run();
