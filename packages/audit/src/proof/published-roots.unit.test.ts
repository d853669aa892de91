import { logStream, rootsStream, tenantStream } from '@perennial/domain';
import { emptyHead } from '@perennial/event-store';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createMemoryLog, type MemoryLog } from '../testing/memory-log.ts';
import { BrokenLogError, publishDailyRoot, publishRoot, readPublishedRoots } from './published-roots.ts';
import { verifyLog } from './verify-log.ts';

const test = suite('published roots');
const logId = '6c8e1b34-4f0b-4a9e-9d52-0f4d3c5f7a11';
const actor = { type: 'system', id: 'test', roles: [] } as const;
let log: MemoryLog;

test.before.each(async () => {
  log = createMemoryLog();
  await record(logStream, '2027-01-01T08:00:00.000Z', 'LogCreated', { logId });
});

async function record(stream: string, at: string, type: string, data: object): Promise<void> {
  const ids = { commandId: at, $correlationId: at, $causationId: at };
  const outcome = await log.append(stream, await log.readHead(stream), [
    { type, data, metadata: { effectiveAt: at, recordedAt: at, actor, ...ids } },
  ]);
  assert.is(outcome.kind, 'appended');
}

const daily = (now: string) => publishDailyRoot({ store: log, logId, actor, now: () => now });

test('a root is published once for every day that is over, and none on the day on which the log began', async () => {
  assert.is(await daily('2027-01-01T23:59:59.999Z'), undefined);
  const first = await daily('2027-01-02T00:00:00.000Z');
  assert.equal([first?.eventCount, first?.streamCount], [1, 1]);
  assert.is(await daily('2027-01-02T12:00:00.000Z'), undefined);
  await record(tenantStream('acme'), '2027-01-03T01:00:00.000Z', 'TenantDescribed', { country: 'NL' });
  const second = await daily('2027-01-05T00:01:00.000Z');
  assert.equal([second?.eventCount, second?.streamCount], [3, 3]);
  const roots = await readPublishedRoots(log, { countMax: 10 });
  assert.equal(roots, [second, first]);
  assert.ok((await verifyLog(log.readAllRaw(), { logId, roots })).ok);
});

test('two that publish at once publish one root after the other, and both hold', async () => {
  const append = log.append;
  const racing: MemoryLog = {
    ...log,
    append: async (...given) => {
      racing.append = append;
      await publishRoot({ store: log, logId, actor, now: () => '2027-01-02T00:00:00.000Z', commandId: 'other' });
      return append(...given);
    },
  };
  const root = await publishRoot({
    store: racing,
    logId,
    actor,
    now: () => '2027-01-02T00:00:01.000Z',
    commandId: 'mine',
  });
  assert.is(root.revision, 0, 'the other root covers the same log, so it is answered');
  assert.is((await log.readHead(rootsStream)).revision, 0);
});

test('a log whose chain is broken gets no root', async () => {
  const [event] = log.raw;
  assert.ok(event);
  log.raw.splice(0, 1, { ...event, rawData: Buffer.from('{"logId":"6c8e1b34-4f0b-4a9e-9d52-0f4d3c5f7a12"}') });
  const error = await daily('2027-01-02T00:00:00.000Z').catch((thrown: unknown) => thrown);
  assert.instance(error, BrokenLogError);
  assert.match((error as Error).message, /the first at revision 0 of log \(hash-differs\)/);
  assert.equal(await log.readHead(rootsStream), emptyHead(rootsStream));
});

test.run();
