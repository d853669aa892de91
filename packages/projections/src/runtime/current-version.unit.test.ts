import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ofCurrentVersion } from './current-version.ts';

const test = suite('events of other releases');

const event = (data: object) => ({
  stream: 'subscription-acme_a',
  revision: 3,
  position: 400n,
  id: 'e3',
  type: 'LicenseAssigned',
  data,
  metadata: {
    schemaVersion: 1,
    effectiveAt: '2027-01-01T00:00:00.000Z',
    recordedAt: '2027-01-01T00:00:00.000Z',
    actor: { type: 'system', id: 'test', roles: [] },
    commandId: 'c',
    $correlationId: 'c',
    $causationId: 'c',
    prevHash: 'a',
    hash: 'b',
  } as const,
});

test('data that an older relay published is brought to the current version', () => {
  const item = ofCurrentVersion({ event: event({ personId: 'p', appsOff: [] }), dataVersion: 1 });
  assert.equal(item.kind === 'event' && item.event.data, { personId: 'p', appsOff: [], source: 'direct' });
});

test('data of the current version stays as it is, whatever version is stored', () => {
  const current = event({ personId: 'p', appsOff: [], source: 'group' });
  assert.is(ofCurrentVersion({ event: current, dataVersion: 2 }).event, current);
});

test('data of a newer release holds up its stream, and says why', () => {
  const item = ofCurrentVersion({ event: event({ personId: 'p', appsOff: [] }), dataVersion: 3 });
  assert.is(item.kind, 'undecodable');
  assert.match(item.kind === 'undecodable' ? item.event.error.message : '', /version 3, known are 1 to 2/);
});

test('data that no upcaster can mend is undecodable', () => {
  assert.is(ofCurrentVersion({ event: event({ personId: 7 }), dataVersion: 1 }).kind, 'undecodable');
});

test.run();
