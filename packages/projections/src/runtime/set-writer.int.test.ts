import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { allProjections } from '../models/index.ts';
import type { LogItem } from '../projection/log-item.ts';
import { ensureVersionSets } from '../set/version-set.ts';
import { MemoryLog, type TestEvent } from '../testing/memory-log.ts';
import {
  sampleCatalogueEvents,
  sampleFact,
  samplePayment,
  sampleSeat,
  sampleSubscription,
} from '../testing/sample-log.ts';
import { empty, openTestDatabase, openTestSet, wipe, type TestSet } from '../testing/test-set.ts';
import { fillSet } from './fill-set.ts';

const test = suite('writing a version set');
let database: Awaited<ReturnType<typeof openTestDatabase>>;
test.before(async () => {
  database = await openTestDatabase();
});
test.after(() => database.close());
test.before.each(() => wipe(database.sql));

const one = sampleSubscription('acme', 'sub-1');

async function headerOf({ sql, schema }: TestSet, stream: string): Promise<Record<string, unknown> | undefined> {
  const [row] = await sql.query<{ row: Record<string, unknown> }>(
    `select to_jsonb(s) as row from ${schema}.subscriptions s where stream = $1`,
    [stream],
  );
  return row?.row;
}

test('a batch writes rows and checkpoint together, and the same batch again changes nothing', async () => {
  const log = new MemoryLog();
  const items = log.append(one.created(), one.activated(), one.assigned('p-1'));
  const set = await openTestSet(database.sql, log);
  await set.writer.write(items, { streamSequence: 3, streamCreated: 'then' });
  const digests = await set.digests();
  assert.is(set.writer.checkpoint.position, items.at(-1)?.event.position);
  await set.writer.write(items);
  assert.equal(await set.digests(), digests);
  const again = await openTestSet(database.sql, log);
  assert.equal(again.writer.checkpoint, set.writer.checkpoint);
});

test('an assignment among many writes only the row of its person', async () => {
  const log = new MemoryLog();
  const people = Array.from({ length: 300 }, (_, index) => one.assigned(`p-${index}`));
  const set = await openTestSet(database.sql, log);
  await set.writer.write(log.append(one.created({ seats: 500 }), one.activated(), ...people));
  await set.writer.write(log.append(one.assigned('p-new')));
  const last = set.writer.checkpoint.position.toString();
  const rows = await database.sql.query<{ count: number }>(
    `select count(*) as count from ${set.schema}.seats where position = $1::int8`,
    [last],
  );
  assert.is(rows[0]?.count, 1);
  await set.writer.write(log.append(one.unassigned('p-7')));
  const left = await database.sql.query<{ count: number }>(`select count(*) as count from ${set.schema}.seats`, []);
  assert.is(left[0]?.count, 300);
});

test('revisions that did not arrive are read from the log, applied in order, and counted', async () => {
  const log = new MemoryLog();
  const items = log.append(one.created(), one.activated(), one.assigned('p-1'), one.assigned('p-2'), one.expired(30));
  const set = await openTestSet(database.sql, log);
  await set.writer.write(items.slice(0, 1));
  await set.writer.write(items.slice(4));
  const row = await headerOf(set, one.stream);
  assert.equal([row?.['revision'], row?.['status']], [4, 'expired']);
  assert.is(set.counts.get('gaps_healed_total'), 1);
  assert.is(set.counts.get('projection_events_healed_total'), 3);
  const healed = await set.digests();
  await wipe(database.sql);
  const whole = await openTestSet(database.sql, log);
  await whole.writer.write(items);
  assert.equal(await whole.digests(), healed);
});

test('an event that cannot be read holds its stream, later events of it wait, and all others flow', async () => {
  const log = new MemoryLog();
  const two = sampleSubscription('acme', 'sub-2');
  const items = log.append(
    one.created(),
    { stream: one.stream, type: 'FromTheFuture', data: { text: 'x' }, undecodable: true },
    one.activated(),
    two.created(),
    two.activated(),
  );
  const set = await openTestSet(database.sql, log);
  await set.writer.write(items);
  await set.writer.write(log.append(one.expired(30)));
  const held = await headerOf(set, one.stream);
  assert.equal([held?.['revision'], held?.['parked_revision'], held?.['status']], [0, 1, 'pending']);
  assert.is((await headerOf(set, two.stream))?.['status'], 'active');
  assert.equal(
    set.held.map(({ item }) => [item.event.type, item.event.revision]),
    [['FromTheFuture', 1]],
  );
});

test('a held stream goes on, in order, once its event can be read', async () => {
  const log = new MemoryLog();
  const unreadable: TestEvent = { stream: one.stream, type: 'LicenseAssigned', data: {}, undecodable: true };
  const items = log.append(one.created(), unreadable, one.activated(), one.assigned('p-2'));
  const set = await openTestSet(database.sql, log, { batchCountMax: 2 });
  await set.writer.write(items);
  await set.writer.release(one.stream, 1);
  assert.is((await headerOf(set, one.stream))?.['parked_revision'], 1, 'still unreadable: still held');
  log.makeDecodable('LicenseAssigned', { personId: 'p-1', appsOff: [], source: 'direct' });
  await set.writer.release(one.stream, 1);
  const row = await headerOf(set, one.stream);
  assert.equal([row?.['revision'], row?.['parked_revision'], row?.['status']], [3, null, 'active']);
});

test('an event that a projection cannot apply holds its stream instead of stopping everything', async () => {
  const log = new MemoryLog();
  const two = sampleSubscription('acme', 'sub-2');
  const set = await openTestSet(database.sql, log);
  await set.writer.write(log.append(one.activated(), two.created()));
  const row = await headerOf(set, one.stream);
  assert.equal([row?.['revision'], row?.['parked_revision'], row?.['body']], [-1, 0, null]);
  assert.is((await headerOf(set, two.stream))?.['status'], 'pending');
});

test('a value that the database refuses holds only its own stream', async () => {
  const log = new MemoryLog();
  const two = sampleSubscription('acme', 'sub-2');
  // Longer than an index entry can be.
  const tooLong = one.created({ planId: Array.from({ length: 4_000 }, () => Math.random().toString(36)).join('') });
  const set = await openTestSet(database.sql, log);
  const items = log.append(tooLong, two.created());
  await set.writer.write(items);
  assert.is((await headerOf(set, one.stream))?.['parked_revision'], 0);
  assert.is((await headerOf(set, two.stream))?.['status'], 'pending');
  assert.is(set.writer.checkpoint.position, items.at(-1)?.event.position);
});

test('of two writers of one set, the one that comes late skips what is there and goes on', async () => {
  const log = new MemoryLog();
  const items = log.append(one.created(), one.activated(), one.assigned('p-1'));
  const first = await openTestSet(database.sql, log);
  const second = await openTestSet(database.sql, log);
  await first.writer.write(items.slice(0, 2));
  await second.writer.write(items.slice(0, 1));
  assert.equal(second.writer.checkpoint, first.writer.checkpoint);
  await second.writer.write(items);
  assert.is((await headerOf(second, one.stream))?.['revision'], 2);
  assert.is(second.counts.get('gaps_healed_total'), undefined);
});

test('a set that was retired is not written to any more', async () => {
  const log = new MemoryLog();
  const set = await openTestSet(database.sql, log);
  await database.sql.query(`update perennial.version_sets set status = 'retired'`);
  try {
    await set.writer.write(log.append(one.created()));
    assert.unreachable();
  } catch (error) {
    assert.match(String(error), 'CheckpointMovedError');
  }
});

const subscription = fc.constantFrom(
  sampleSubscription('acme', 'sub-1'),
  sampleSubscription('acme', 'sub-2'),
  sampleSubscription('other', 'sub-1'),
);
const fact = fc
  .record({
    object: fc.constantFrom('in_1', 'in_2', 'ch_1'),
    charge: fc.constantFrom('ch_1', undefined),
    reference: fc.constantFrom('sub_9', 'acme/sub-2', undefined),
    customer: fc.constantFrom('cus_1', undefined),
    event: fc.constantFrom('evt_1', 'evt_2'),
  })
  .map(({ object, charge, reference, customer, event }) =>
    sampleFact(object, {
      providerEventId: event,
      ...(charge ? { chargeRef: charge } : {}),
      ...(reference ? { subscriptionRef: reference } : {}),
      ...(customer ? { customerRef: customer } : {}),
    }),
  );
const person = fc.constantFrom('p-1', 'p-2', 'p-3');
const erased = (personId: string): TestEvent => ({ stream: 'tenant-acme', type: 'PersonErased', data: { personId } });
const step: fc.Arbitrary<readonly TestEvent[]> = fc.oneof(
  fc.tuple(subscription, person).map(([of, who]) => [of.assigned(who)]),
  fc.tuple(subscription, person).map(([of, who]) => [of.unassigned(who)]),
  fc
    .tuple(fc.constantFrom('sub-1', 'sub-2'), person, fc.nat(4), fc.constantFrom('pc', 'mac'))
    .map(([of, who, since, device]) => {
      const seat = sampleSeat('acme', of, who, since);
      return [seat.signedIn(device), seat.toggled([device]), seat.signedOut('pc')];
    }),
  fc.tuple(subscription, fc.nat(90)).map(([of, days]) => [of.expired(days)]),
  fc.tuple(subscription, fact).map(([of, paid]) => [of.renewed(30, paid)]),
  fact.map((waiting) => [samplePayment(waiting).parked()]),
  fact.map((waiting) => [samplePayment(waiting).quarantined()]),
  fact.map((waiting) => [samplePayment(waiting).matched('acme', 'sub-1')]),
  fact.map((waiting) => [samplePayment(waiting).applied('acme', 'sub-1')]),
  person.map((who) => [erased(who)]),
  fc.constantFrom('v1', 'v2').map((version) => sampleCatalogueEvents(version, ['E3', `only-${version}`])),
);

/** Every subscription is created somewhere, some of them after the payments that wait for them. */
const history = fc
  .tuple(fc.array(step, { maxLength: 20 }), fc.array(fc.nat(20), { minLength: 3, maxLength: 3 }))
  .map(([steps, places]) => {
    const creations = [
      sampleSubscription('acme', 'sub-1').created({
        providerRefs: { stripe: { subscription: 'sub_9', customer: 'cus_1' } },
      }),
      sampleSubscription('acme', 'sub-2').created({ providerRefs: { stripe: { customer: 'cus_1' } } }),
      sampleSubscription('other', 'sub-1').created(),
    ];
    const all: TestEvent[][] = steps.map((events) => [...events]);
    for (const [index, creation] of creations.entries()) all.splice(places[index] ?? 0, 0, [creation]);
    const created = new Set<string>();
    return all.flat().filter((event) => {
      if (event.type === 'SubscriptionCreated') created.add(event.stream);
      return !event.stream.startsWith('subscription-') || created.has(event.stream);
    });
  });

async function digestsAfter(
  events: readonly TestEvent[],
  deliver: (set: TestSet, items: readonly LogItem[]) => Promise<void>,
) {
  const log = new MemoryLog();
  const items = log.append(...events);
  await empty(database.sql, (await openTestSet(database.sql, log)).schema);
  const set = await openTestSet(database.sql, log);
  await deliver(set, items);
  return { digests: await set.digests(), candidates: await candidates(set) };
}

/** Little room, so that rows are written, forgotten and read again. */
const bounds = { pageCountMax: 3, rowCountMax: 6, byteCountMax: 10_000 };

/** What building a set does: the bulk of the log in pages, without looking anything up, and then all of it once. */
async function fill({ sql, log }: TestSet): Promise<void> {
  const set = (await ensureVersionSets(sql, allProjections)).active;
  const { writer } = await openTestSet(sql, log, { meets: false });
  const common = { sql, set, writer, store: log, projections: allProjections, onPage: () => undefined };
  await fillSet({ ...common, bounds, signal: new AbortController().signal });
}

async function candidates({ sql, schema }: TestSet): Promise<object[]> {
  return sql.query(`select stream, status, candidate from ${schema}.payments order by stream`, []);
}

test('of somebody who was erased no row is left, whatever comes first, but what counts stays', async () => {
  const seat = sampleSeat('acme', 'sub-1', 'p-1', 1);
  const held = [one.created(), one.assigned('p-1'), one.assigned('p-2'), seat.signedIn('pc')];
  for (const events of [
    [...held, erased('p-1')],
    [erased('p-1'), ...held],
    [...held, erased('p-1'), seat.signedIn('mac')],
  ]) {
    const log = new MemoryLog();
    const items = log.append(...events);
    await empty(database.sql, (await openTestSet(database.sql, log)).schema);
    const set = await openTestSet(database.sql, log);
    for (const item of items) await set.writer.write([item]);
    const { sql, schema } = set;
    assert.equal(await sql.query(`select key from ${schema}.seats`, []), [{ key: 'p-2' }]);
    assert.equal(await sql.query(`select body, person_id from ${schema}.seat_uses`, []), [
      { body: null, person_id: null },
    ]);
    const [header] = await sql.query<{ assigned: number }>(
      `select (body ->> 'seatsAssigned')::int as assigned from ${schema}.subscriptions`,
      [],
    );
    assert.is(header?.assigned, 2);
  }
});

test('while a set is filled, a value that the database refuses holds its stream alone, and filling goes on', async () => {
  const log = new MemoryLog();
  const [two, three] = [sampleSubscription('acme', 'sub-2'), sampleSubscription('acme', 'sub-3')];
  // Longer than an entry of the primary key can be.
  const object = Array.from({ length: 1_000 }, () => Math.random().toString(36))
    .join('')
    .slice(0, 8_000);
  const refused = sampleFact('in_1', { invoiceRef: object });
  log.append(two.created(), one.created(), one.recorded(refused), one.activated());
  log.append(three.created(), three.activated(), two.activated());
  const set = await openTestSet(database.sql, log, { meets: false });
  await fill(set);
  const [held, second, third] = [
    await headerOf(set, one.stream),
    await headerOf(set, two.stream),
    await headerOf(set, three.stream),
  ];
  assert.type(held?.['parked_revision'], 'number');
  assert.equal([second?.['status'], third?.['status']], ['active', 'active']);
  assert.ok(set.held.length === 0, 'told by the writer that filled');
});

test('any split into batches, with repetitions and with losses that are healed, gives the same rows', async () => {
  await fc.assert(
    fc.asyncProperty(
      history,
      fc.array(fc.record({ size: fc.integer({ min: 1, max: 5 }), back: fc.nat(3), lost: fc.nat(9) })),
      async (events, cuts) => {
        const whole = await digestsAfter(events, (set, items) => set.writer.write(items));
        const cut = await digestsAfter(events, async (set, items) => {
          let at = 0;
          for (const { size, back, lost } of cuts) {
            const batch = items.slice(Math.max(0, at - back), at + size);
            at += size;
            // What is lost on the way is found by a later event of its stream, or by reading the log at the end.
            await set.writer.write(lost === 0 ? batch.slice(1) : batch);
          }
          await set.writer.write(items.slice(at));
          // Nothing comes after what was lost last, so the watermark is before it.
          await set.writer.catchUpFromLog();
          for (const { event } of items) await set.writer.release(event.stream, event.revision);
        });
        assert.equal(cut, whole);
        const filled = await digestsAfter(events, (set) => fill(set));
        assert.equal(filled, whole, 'nor does it matter that the links are looked up once, at the end');
      },
    ),
    { numRuns: 15 },
  );
});

test.run();
