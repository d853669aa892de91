import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readSyncAlways } from './read-sync-always.ts';

const test = suite('asking whether a server syncs');

test('the monitoring endpoint tells whether the server syncs; no answer is no knowledge', async () => {
  const answers = ['{"config":{"sync_always":true}}', '{"config":{"sync_interval":1}}', '{}', 'nonsense'];
  const server = createServer((_request, response) => response.end(answers.shift()));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  assert.is(await readSyncAlways(url), true);
  assert.is(await readSyncAlways(url), false);
  assert.is(await readSyncAlways(url), undefined);
  assert.is(await readSyncAlways(url), undefined);
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  assert.is(await readSyncAlways(url, 500), undefined);
});

test.run();
