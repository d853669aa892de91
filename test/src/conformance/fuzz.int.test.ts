import { randomUUID } from 'node:crypto';
import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  BACKWARDS,
  END,
  START,
  StreamDeletedError,
  StreamNotFoundError,
  WrongExpectedVersionError,
  type AppendExpectedRevision,
  type EventStoreDBClient,
  type Position,
  type ResolvedEvent,
} from '@eventstore/db-client';
import { endOfLog } from './recorded-subscription.ts';
import { StreamModel, type Answer, type Content, type Expected, type Operation } from './stream-model.ts';
import { collect, openTarget, testEvent, uniqueStream, unary, type Target } from './target.ts';

const test = suite('conformance: random histories');
const STREAMS = 3;
const IDS = 6;
let target: Target;
test.before(async () => {
  target = await openTarget();
});
test.after(() => target.close());

const stream = fc.nat(STREAMS - 1);
const expected: fc.Arbitrary<Expected> = fc.oneof(
  fc.constantFrom<Expected>('any', 'no_stream', 'stream_exists'),
  fc.integer({ min: 0, max: 6 }),
);
const operation: fc.Arbitrary<Operation> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constant('append' as const),
      stream,
      ids: fc.array(fc.nat(IDS - 1), { minLength: 1, maxLength: 3 }),
      expected,
      unary: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('maxCount' as const), stream, maxCount: fc.integer({ min: 1, max: 4 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('truncate' as const), stream, before: fc.nat(6) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('delete' as const),
      stream,
      expected: expected.filter((e) => e !== 'stream_exists'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('tombstone' as const), stream, expected: fc.constant('any' as const) }),
  },
);

test('any history is answered, read and logged as the model says', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(operation, { minLength: 5, maxLength: 25 }), async (operations) => {
      const run = new Run(target.client);
      await run.begin();
      for (const step of operations) await run.step(step);
      await run.end();
    }),
    { numRuns: 40, interruptAfterTimeLimit: 20_000 },
  );
});

/** One history, on streams and ids of its own. */
class Run {
  readonly #client: EventStoreDBClient;
  readonly #model = new StreamModel();
  readonly #names = Array.from({ length: STREAMS }, (_, index) => uniqueStream(`fuzz-${index}`));
  readonly #ids: string[] = Array.from({ length: IDS }, () => randomUUID());
  #start: Position | undefined;

  constructor(client: EventStoreDBClient) {
    this.#client = client;
  }

  async begin(): Promise<void> {
    this.#start = await endOfLog(this.#client, this.#name(0));
  }

  async step(operation: Operation): Promise<void> {
    assert.equal(await answerOf(this.#perform(operation)), this.#model.apply(operation));
    const expected = this.#model.read(operation.stream);
    const name = this.#name(operation.stream);
    assert.equal(await this.#content(this.#client.readStream(name, { fromRevision: START })), expected);
    const backwards = await this.#content(this.#client.readStream(name, { fromRevision: END, direction: BACKWARDS }));
    if (backwards.kind === 'events') backwards.events.reverse();
    assert.equal(backwards, expected);
  }

  async end(): Promise<void> {
    const events = await collect(this.#client.readAll({ fromPosition: this.#start ?? START }));
    const seen = events.flatMap(({ event }) => {
      const index = this.#names.findIndex((name) => event?.streamId === name || event?.streamId === `$$${name}`);
      if (!event || index < 0) return [];
      if (event.type === '$streamDeleted') return [[index, 'tombstone']];
      return [[index, event.type === '$metadata' ? 'metadata' : this.#ids.indexOf(event.id)]];
    });
    assert.equal(seen, this.#model.log);
  }

  async #perform(operation: Operation): Promise<bigint | undefined> {
    const name = this.#name(operation.stream);
    if (operation.kind === 'append') {
      const events = operation.ids.map((id) => testEvent(String(id), this.#ids[id]));
      const options = { expectedRevision: revisionOf(operation.expected), ...(operation.unary ? unary : {}) };
      return (await this.#client.appendToStream(name, events, options)).nextExpectedRevision;
    }
    if (operation.kind === 'maxCount') await this.#client.setStreamMetadata(name, { maxCount: operation.maxCount });
    else if (operation.kind === 'truncate') {
      await this.#client.setStreamMetadata(name, { truncateBefore: operation.before });
    } else {
      const expectedRevision = revisionOf(operation.expected);
      if (expectedRevision === 'stream_exists') throw new Error('The client cannot expect that of a deletion.');
      const remove = operation.kind === 'delete' ? 'deleteStream' : 'tombstoneStream';
      await this.#client[remove](name, { expectedRevision });
    }
    return undefined;
  }

  async #content(events: AsyncIterable<ResolvedEvent>): Promise<Content> {
    try {
      const read = await collect(events);
      return {
        kind: 'events',
        events: read.map(({ event }) => [Number(event?.revision), this.#ids.indexOf(event?.id ?? '')]),
      };
    } catch (error) {
      if (error instanceof StreamNotFoundError) return { kind: 'notFound' };
      if (error instanceof StreamDeletedError) return { kind: 'deleted' };
      throw error;
    }
  }

  #name(index: number): string {
    return this.#names[index] ?? '';
  }
}

function revisionOf(expected: Expected): AppendExpectedRevision {
  return typeof expected === 'number' ? BigInt(expected) : expected;
}

async function answerOf(performed: Promise<bigint | undefined>): Promise<Answer> {
  try {
    const revision = await performed;
    return revision === undefined ? { kind: 'ok' } : { kind: 'ok', revision: Number(revision) };
  } catch (error) {
    if (error instanceof StreamDeletedError) return { kind: 'deleted' };
    if (!(error instanceof WrongExpectedVersionError)) throw error;
    return { kind: 'wrong', actual: error.actualVersion === 'no_stream' ? -1 : Number(error.actualVersion) };
  }
}

test.run();
