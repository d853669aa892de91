/**
 * A log in which an older release wrote: its events are folded, projected, relayed and verified like those of today.
 */
import { eventDefinitions, subscriptionStream } from '@perennial/domain';
import { openEventStore, type EventStore } from '@perennial/event-store';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { z } from 'zod';
import { readEngineUrl, startPerennial, type Json, type Perennial } from './perennial.ts';

const test = suite('a log of an older release');
const at = '2027-01-01T00:00:00.000Z';
const base = '/tenants/acme/subscriptions';
let perennial: Perennial;
let older: EventStore;

test.before(async () => {
  perennial = await startPerennial({ env: { PERENNIAL_CLOCK: at } });
  // Version 1 of LicenseAssigned did not say how the person came to the licence.
  const v1 = {
    type: 'LicenseAssigned',
    schemaVersion: 1,
    schema: z.strictObject({ personId: z.string(), appsOff: z.array(z.string()) }),
  };
  const definitions = [...eventDefinitions.filter(({ type }) => type !== v1.type), v1];
  older = await openEventStore({ url: readEngineUrl(perennial.dataDirectory, 'eventStore'), definitions });
});

test.after(async () => {
  await older?.close();
  await perennial?.close();
});

async function accept(path: string, body: Json = {}): Promise<Json> {
  const answer = await perennial.post(path, body);
  assert.is(answer.status, 200, JSON.stringify(answer.body));
  return answer.body;
}

test('a licence that version 1 assigned counts, can be used, and is told apart by its version only', async () => {
  await accept(base, { subscriptionId: 'a', planId: 'O365_BUSINESS_PREMIUM', seats: 2, term: 'P1M' });
  await accept(`${base}/a/commands/activate`);
  // A seat given and taken again makes the person known by an id of the log's own.
  await accept(`${base}/a/commands/assign-license`, { userId: 'alice' });
  const taken = await accept(`${base}/a/commands/unassign-license`, { userId: 'alice' });
  const stream = subscriptionStream('acme', 'a');
  let personId = '';
  for await (const event of older.readStream(stream, { direction: 'backwards', maxCount: 1 })) {
    ({ personId } = event.data as { personId: string }); // of LicenseUnassigned
  }
  const outcome = await older.append(stream, await older.readHead(stream), [
    {
      type: 'LicenseAssigned',
      data: { personId, appsOff: [] },
      metadata: {
        effectiveAt: at,
        recordedAt: at,
        actor: { type: 'system', id: 'older-release', roles: [] },
        commandId: 'older',
        $correlationId: 'older',
        $causationId: 'older',
        tenant: 'acme',
      },
    },
  ]);
  assert.is(outcome.kind, 'appended');
  const position = outcome.kind === 'appended' ? String(outcome.position) : '';
  const { body } = await perennial.get(`/tenants/acme/users/alice/licenses?minPosition=${position}`);
  assert.equal(
    body.licenses.map(({ subscriptionId }: Json) => subscriptionId),
    ['a'],
  );
  const { events } = (await perennial.get(`${base}/a/history`)).body;
  const last = events.at(-1);
  assert.equal([last.schemaVersion, last.data.source, last.revision], [1, 'direct', taken.version + 1]);
  const again = await perennial.post(`${base}/a/commands/assign-license`, { userId: 'alice' });
  assert.equal(again.body.reasonCodes, ['ALREADY_ASSIGNED']);
  await accept(`${base}/a/commands/assign-license`, { userId: 'bob' });
  assert.equal((await perennial.get(`${base}/a/history`)).body.events.at(-1).schemaVersion, 2);
});

test('what it wrote verifies as it is stored', async () => {
  const response = await fetch(`${perennial.url}/v1/tenants/acme/verify`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  });
  const verdict = JSON.parse((await response.text()).trim().split('\n').at(-1) ?? '');
  assert.ok(verdict.ok, JSON.stringify(verdict));
});

test.run();
