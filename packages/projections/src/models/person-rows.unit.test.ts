import {
  appRows,
  appTurnedOff,
  deviceRows,
  evolveHeader,
  licenseRows,
  userLicenseRows,
  type HeldSeat,
  type SubscriptionHeader,
  asSubscriptionEvent,
} from '@perennial/domain';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { PlanRow } from '../queries/types.ts';
import { MemoryLog, type TestEvent } from '../testing/memory-log.ts';
import { onDay, sampleSubscription } from '../testing/sample-log.ts';

const test = suite('licences and apps');

const plan: PlanRow = {
  planId: 'E3',
  name: 'Plan E3',
  apps: [
    { appId: 'word', name: 'Word', kind: 'desktop' },
    { appId: 'teams', name: 'Teams', kind: 'service' },
  ],
};

function header(...events: readonly TestEvent[]): SubscriptionHeader {
  let folded: SubscriptionHeader | null = null;
  for (const item of new MemoryLog().append(...events)) {
    if (item.kind === 'event') folded = evolveHeader(folded, asSubscriptionEvent(item.event));
  }
  if (folded === null) throw new Error('nothing was folded');
  return folded;
}

const held = (
  of: SubscriptionHeader,
  appsOff: readonly string[] = [],
  devices: HeldSeat['devices'] = [],
): HeldSeat => ({
  seat: { appsOff, source: 'direct', assignedAt: onDay(0), heldSince: 2 },
  devices,
  header: of,
  plan,
});
const access = (seats: readonly HeldSeat[], now: string): Record<string, string> =>
  Object.fromEntries(appRows(seats, now).map((row) => [row.appId, row.access]));

const a = sampleSubscription('acme', 'sub-a');
const b = sampleSubscription('acme', 'sub-b');
const active = header(a.created(), a.activated(), a.assigned('p'));
const disabled = header(b.created(), b.activated(), b.assigned('p'), b.expired(30), b.disabled(60));

test('an active subscription opens desktop apps and services', () => {
  assert.equal(access([held(active)], onDay(1)), { teams: 'full', word: 'full' });
});

test('a disabled subscription reduces desktop apps and closes services (domain.md 6.9)', () => {
  assert.equal(access([held(disabled)], onDay(61)), { teams: 'none', word: 'reduced' });
});

test('the best access wins, and every subscription is named with its reason, best first', () => {
  const [teams] = appRows([held(disabled), held(active)], onDay(1));
  assert.is(teams?.access, 'full');
  assert.equal(
    teams?.because.map(({ subscriptionId, status }) => [subscriptionId, status]),
    [
      ['sub-a', 'active'],
      ['sub-b', 'disabled'],
    ],
  );
});

test('an app that was turned off for the person is closed, and says so', () => {
  const teams = appRows([held(active, ['teams'])], onDay(1)).find(({ appId }) => appId === 'teams');
  assert.equal([teams?.access, teams?.because[0]?.reason], ['none', appTurnedOff]);
});

test('only desktop apps with full access can be downloaded and installed on devices', () => {
  const rows = appRows([held(active)], onDay(1));
  assert.equal(
    rows.map(({ appId, downloadable, devices }) => [appId, downloadable, devices]),
    [
      ['teams', false, { used: 0, limit: 0 }],
      ['word', true, { used: 0, limit: 15 }],
    ],
  );
  assert.not(appRows([held(disabled)], onDay(61)).some(({ downloadable }) => downloadable));
});

const device = (deviceId: string, days = 0): HeldSeat['devices'][number] => ({
  deviceId,
  kind: 'computer',
  activatedAt: onDay(0),
  lastUsedAt: onDay(days),
});
const word = (...seats: readonly HeldSeat[]) => appRows(seats, onDay(1)).find(({ appId }) => appId === 'word');

test('given no device, the person has to sign in; given one, not any more', () => {
  assert.is(word(held(active))?.needsSignIn, true);
  const signedIn = word(held(active, [], [device('pc'), device('phone')]));
  assert.equal([signedIn?.needsSignIn, signedIn?.devices], [false, { used: 2, limit: 15 }]);
  const [teams] = appRows([held(active, [], [device('pc')])], onDay(1));
  assert.equal([teams?.appId, teams?.needsSignIn, teams?.devices], ['teams', false, { used: 0, limit: 0 }]);
});

test('a device counts for an app only under a licence that opens it', () => {
  const later = header(b.created(), b.activated(), b.assigned('p'));
  const off = word(held(active, ['word'], [device('pc')]), held(later));
  assert.equal([off?.access, off?.needsSignIn, off?.devices.used], ['full', true, 0]);
  const closed = word(held(active, ['word'], [device('pc')]));
  assert.equal([closed?.access, closed?.needsSignIn, closed?.devices], ['none', false, { used: 0, limit: 15 }]);
});

test('devices of two licences are not added up: the limit is that of one', () => {
  const later = header(b.created(), b.activated(), b.assigned('p'));
  const row = word(held(active, [], [device('pc')]), held(later, [], [device('pc'), device('mac')]));
  assert.equal([row?.needsSignIn, row?.devices], [false, { used: 2, limit: 15 }]);
});

test('devices are listed with the subscription and until when they work offline, the last used first', () => {
  assert.equal(deviceRows([held(active, [], [device('old', 1), device('new', 2)])], onDay(3)), [
    { subscriptionId: 'sub-a', ...device('new', 2), worksOfflineUntil: onDay(32) },
    { subscriptionId: 'sub-a', ...device('old', 1), worksOfflineUntil: onDay(31) },
  ]);
  const gone = header(b.created(), b.activated(), b.assigned('p'), b.deleted(1));
  assert.equal(deviceRows([held(gone, [], [device('pc')])], onDay(2)), []);
});

test('the row says when time alone will change it, and that instant is the first of all its subscriptions', () => {
  const later = header(b.created(), b.activated(10), b.assigned('p'));
  const [row] = appRows([held(later), held(active)], onDay(11));
  assert.is(row?.changesAt, onDay(30));
});

test('a deleted subscription leaves neither licence nor app', () => {
  const gone = header(b.created(), b.activated(), b.assigned('p'), b.deleted(1));
  assert.equal(appRows([held(gone)], onDay(2)), []);
  assert.equal(userLicenseRows([held(gone)], onDay(2)), []);
});

test('a licence is Active while its subscription gives access, Disabled while it does not', () => {
  const rows = userLicenseRows([held(disabled), held(active)], onDay(10));
  assert.equal(
    rows.map(({ subscriptionId, state }) => [subscriptionId, state]),
    [
      ['sub-a', 'Active'],
      ['sub-b', 'Disabled'],
    ],
  );
});

test('licences are counted by the status of their subscription; pending counts nowhere (contract.md)', () => {
  const pending = header(sampleSubscription('acme', 'sub-c').created());
  const [row] = licenseRows([active, disabled, pending], onDay(10));
  assert.equal(row, {
    planId: 'E3',
    purchased: 20,
    enabled: 10,
    warning: 0,
    suspended: 10,
    lockedOut: 0,
    consumed: 2,
    available: 8,
    capabilityStatus: 'Enabled',
    conflict: null,
    subscriptions: ['sub-a', 'sub-b', 'sub-c'],
  });
});

test('a plan whose subscriptions are all gone is Deleted', () => {
  const gone = header(a.created(), a.activated(), a.deleted(1));
  const [row] = licenseRows([gone], onDay(2));
  assert.equal([row?.capabilityStatus, row?.purchased, row?.subscriptions], ['Deleted', 0, []]);
});

test('seats beyond those bought are a conflict, and none is free', () => {
  const crowded = header(a.created({ seats: 1 }), a.activated(), a.assigned('p-1'), a.assigned('p-2'));
  const [row] = licenseRows([crowded], onDay(1));
  assert.equal([row?.conflict, row?.available], [{ excess: 1, deadline: null }, 0]);
});

test('past a deadline the counts already show what the timer will write', () => {
  const ending = header(a.created({ recurringBilling: false }), a.activated());
  assert.is(licenseRows([ending], onDay(29))[0]?.enabled, 10);
  assert.equal([licenseRows([ending], onDay(30))[0]?.enabled, licenseRows([ending], onDay(30))[0]?.warning], [0, 10]);
});

test.run();
