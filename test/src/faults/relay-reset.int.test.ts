/** An event store that does not fit what was published stops the start; only an explicit reset goes on. */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { startAndFail, startPerennial, until } from '../pipeline/perennial.ts';

const test = suite('an event store older than what was published');
const directory = mkdtempSync(join(tmpdir(), 'relay-reset-'));
const data = join(directory, 'data');
const backup = join(directory, 'backup');
const clock = { PERENNIAL_CLOCK: '2027-01-01T00:00:00Z' };

test.after(() => rmSync(directory, { recursive: true, force: true }));

function create(id: string) {
  return { subscriptionId: id, planId: 'O365_BUSINESS_PREMIUM', seats: 1, term: 'P1M' };
}

test('an old backup in place of the event store stops the start, and with a reset its own history is shown', async () => {
  let perennial = await startPerennial({ dataDirectory: data, env: clock });
  await perennial.post('/tenants/acme/subscriptions', create('kept'));
  await perennial.stop();
  cpSync(join(data, 'event-store'), backup, { recursive: true });
  perennial = await startPerennial({ dataDirectory: data, env: clock });
  const { body } = await perennial.post('/tenants/acme/subscriptions', create('lost'));
  await perennial.get(`/tenants/acme/subscriptions/lost?minPosition=${body.position}`);
  await perennial.stop();

  rmSync(join(data, 'event-store'), { recursive: true });
  cpSync(backup, join(data, 'event-store'), { recursive: true });
  const { code, output } = await startAndFail({ PERENNIAL_DATA: data, PORT: '0', LOG_LEVEL: 'fatal', ...clock });
  assert.is(code, 1, output);
  assert.match(output, /EVENT_STORE_OLDER_THAN_PUBLISHED.*PERENNIAL_RELAY_RESET=yes/);

  perennial = await startPerennial({ dataDirectory: data, env: { ...clock, PERENNIAL_RELAY_RESET: 'yes' } });
  const kept = await until('the kept subscription', async () => {
    const answer = await perennial.get('/tenants/acme/subscriptions/kept');
    return answer.status === 200 && answer.body;
  });
  assert.is(kept.status, 'pending');
  assert.is((await perennial.get('/tenants/acme/subscriptions/lost')).status, 404);
  await perennial.stop();
});

test.run();
