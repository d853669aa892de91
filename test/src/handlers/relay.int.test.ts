import {
  decodeEventMessage,
  ensureTopology,
  lastMessage,
  storedMessage,
  streams,
  type DecodedEventMessage,
} from '@perennial/broker';
import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
import { clockStream } from '@perennial/domain';
import type { NewEvent, RecordedEvent } from '@perennial/event-store';
import { LogMismatchError, resetRelay, startRelay, type Role } from '@perennial/handlers';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { startEngines, until, type Engines } from './engines.ts';

const test = suite('relay');
let engines: Engines;
const roles: Role[] = [];

test.before(async () => {
  engines = await startEngines();
});
test.after.each(async () => {
  await Promise.all(roles.splice(0).map((role) => role.stop()));
});
test.after(() => engines.stop());

function relay(overrides: Partial<Parameters<typeof startRelay>[0]> = {}): Role {
  const { broker, store, logId } = engines;
  const role = startRelay({
    broker,
    store,
    logId,
    ensureStreams: () => ensureTopology(broker, { logger: { warn() {} } }),
    verifyIntervalMs: 100,
    standbyMs: 50,
    ...overrides,
  });
  roles.push(role);
  return role;
}

let clockAt = Date.parse('2027-01-01T00:00:00.000Z');

function clockAdvanced(): NewEvent {
  const to = new Date((clockAt += 1_000)).toISOString();
  return {
    type: 'ClockAdvanced',
    data: { to },
    metadata: {
      effectiveAt: to,
      recordedAt: to,
      actor: { type: 'system', id: 'test', roles: ['a', 'b'] },
      commandId: 'c',
      $correlationId: 'k',
      $causationId: 'c',
    },
  };
}

async function append(count: number): Promise<void> {
  for (let n = 0; n < count; n += 20) {
    const events = Array.from({ length: Math.min(20, count - n) }, clockAdvanced);
    await engines.store.append(clockStream, await engines.store.readHead(clockStream), events);
  }
}

async function log(): Promise<RecordedEvent[]> {
  const events: RecordedEvent[] = [];
  for await (const item of engines.store.readAll()) {
    if (item.kind === 'event') events.push(item.event);
  }
  return events;
}

async function published(): Promise<{ bytes: string; decoded: DecodedEventMessage }[]> {
  const { state } = await engines.broker.jetstreamManager.streams.info(streams.events);
  const sequences = Array.from({ length: state.messages }, (_, n) => state.first_seq + n);
  const all = [];
  for (let n = 0; n < sequences.length; n += 64) {
    const page = sequences.slice(n, n + 64).map((sequence) => storedMessage(engines.broker, streams.events, sequence));
    for (const message of await Promise.all(page)) {
      if (!message) continue;
      const bytes = `${message.subject} ${Buffer.from(message.data).toString()}`;
      all.push({ bytes, decoded: decodeEventMessage(message) });
    }
  }
  return all;
}

/** EVENTS holds the whole log, in order, once, and nothing else. */
async function assertComplete(): Promise<void> {
  const expected = await log();
  await until(`all ${expected.length} events are published`, async () => {
    const info = await engines.broker.jetstreamManager.streams.info(streams.events).catch(() => undefined);
    return (info?.state.messages ?? 0) >= expected.length;
  });
  const actual = (await published()).map(({ decoded }) => (decoded.kind === 'event' ? decoded.event : decoded));
  assert.equal(actual, expected);
}

test('every event is published once, in the order of the log, and rebuilt exactly', async () => {
  await append(50);
  relay();
  await assertComplete();
  await append(50);
  await assertComplete();
});

test('a restarted relay goes on after the last message', async () => {
  await append(20);
  const first = relay();
  await assertComplete();
  await first.stop();
  await append(20);
  relay();
  await assertComplete();
});

test('two relays do not interleave, and one takes over when the other ends', async () => {
  const one = relay({ broker: await engines.connect('relay one') });
  relay({ broker: await engines.connect('relay two') });
  for (let n = 0; n < 10; n += 1) await append(40);
  await assertComplete();
  await one.stop();
  await append(40);
  await assertComplete();
});

test('a deleted EVENTS is made again and holds the same messages', async () => {
  relay();
  await append(20);
  await assertComplete();
  const before = (await published()).map(({ bytes }) => bytes);
  await engines.broker.jetstreamManager.streams.delete(streams.events);
  await until('EVENTS is there again', async () => {
    const end = await lastMessage(engines.broker, streams.events).catch(() => undefined);
    return end?.lastSequence === before.length;
  });
  assert.equal(
    (await published()).map(({ bytes }) => bytes),
    before,
  );
});

test('a broker that is killed in the middle loses and doubles nothing', async () => {
  relay();
  await append(200);
  const appending = append(400);
  await engines.restartBroker();
  await appending;
  await assertComplete();
});

test('an event store that is killed in the middle loses and doubles nothing', async () => {
  relay();
  const appending = append(400);
  await engines.restartEventStore();
  await appending;
  await assertComplete();
});

test('EVENTS of another log stops the relay with what to do about it', async () => {
  relay();
  await assertComplete();
  const stranger = relay({ logId: crypto.randomUUID(), broker: await engines.connect('stranger') });
  const stopped = await stranger.stopped.catch((error: unknown) => error);
  assert.instance(stopped, LogMismatchError);
  assert.is(stranger.status().state, 'stopped');
});

test('after a reset everything is published again', async () => {
  relay();
  await assertComplete();
  const { lastSequence } = await lastMessage(engines.broker, streams.events);
  await resetRelay(engines.broker);
  await until('the log is published again', async () => {
    const end = await lastMessage(engines.broker, streams.events);
    return end.lastSequence === lastSequence * 2;
  });
  await assertComplete();
});

test('an event that cannot be decoded keeps its place, is forwarded with its bytes and parked', async () => {
  const client = EventStoreDBClient.connectionString`${engines.eventStoreUrl()}`;
  const unknown = jsonEvent({ type: 'FromTheFuture', data: { a: 1 }, metadata: { b: 2 } });
  await client.appendToStream('subscription-acme_future', [unknown]);
  await client.dispose();
  relay();
  await append(1);
  const { length } = await log();
  await until('everything is published', async () => (await published()).length > length);
  const messages = (await published()).map(({ decoded }) => decoded);
  const [forwarded, ...more] = messages.filter(({ kind }) => kind === 'undecodable');
  assert.is(more.length, 0);
  assert.is(forwarded?.event.id, unknown.id);
  assert.is(forwarded?.subject, 'acme/future');
  assert.is(forwarded?.kind === 'undecodable' && Buffer.from(forwarded.event.rawData).toString(), '{"a":1}');
  assert.is(messages.at(-1)?.event.type, 'ClockAdvanced', 'and nothing behind it waits');
  const parked = await lastMessage(engines.broker, streams.parked);
  assert.is(parked.message?.subject, 'subscriptions.parked.v1.relay');
});

test.run();
