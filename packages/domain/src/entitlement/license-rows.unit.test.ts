import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { SubscriptionHeader } from '../subscription/header.ts';
import { Subject, at } from '../subscription/testing/subject.ts';
import { licenseRows } from './license-rows.ts';
import { appRows, userLicenseRows, type HeldSeat } from './person-rows.ts';

const test = suite('licences of a tenant and of a person (domain.md 6.7)');

/** Of one plan, three seats each, one assigned. */
function header(subscriptionId: string, changes: Partial<SubscriptionHeader> = {}): SubscriptionHeader {
  const subject = Subject.active({ seats: 3 });
  subject.accept('assign-license', { personId: 'alice' });
  return { ...subject.header, subscriptionId, ...changes };
}

function expired(subscriptionId: string): SubscriptionHeader {
  const subject = Subject.active({ seats: 3 });
  subject.tick('2027-06-02');
  return { ...subject.header, subscriptionId };
}

const now = at('2026-07-01');

test('seats of what runs and of what is in grace are to be had, in one row for a plan', () => {
  const [row, ...others] = licenseRows([header('s2'), expired('s1'), header('s3', { status: 'disabled' })], now);
  assert.equal(others, []);
  assert.equal(
    [row?.enabled, row?.warning, row?.suspended, row?.purchased, row?.consumed, row?.available],
    [3, 3, 3, 9, 2, 4],
  );
  assert.is(row?.capabilityStatus, 'Enabled');
  assert.equal(row?.subscriptions, ['s1', 's2', 's3']);
});

test('of several conflicts the excess is summed and the first deadline told; what was kept for good has none', () => {
  const conflict = (deadline: string, lapsed = false): Partial<SubscriptionHeader> => ({
    seatsAssigned: 5,
    seatConflict: { since: now, deadline: at(deadline), lapsed },
  });
  const open = [header('s1', conflict('2026-09-02')), header('s2', conflict('2026-09-01')), header('s3')];
  const kept = header('s4', conflict('2026-08-01', true));
  assert.equal(licenseRows([...open, kept], now)[0]?.conflict, { excess: 6, deadline: at('2026-09-01') });
  assert.equal(licenseRows([kept], now)[0]?.conflict, { excess: 2, deadline: null });
  assert.is(licenseRows([header('s3')], now)[0]?.conflict, null);
});

function held(subscriptionId: string, plan: HeldSeat['plan'] = null): HeldSeat {
  const seat = { appsOff: [], source: 'direct', assignedAt: now, heldSince: 2 } as const;
  return { seat, devices: [], header: header(subscriptionId), plan };
}

test('a person’s licences are in the order of their subscriptions, whatever order they were given in', () => {
  const given = ['s2', 's3', 's1'].map((id) => held(id));
  assert.equal(
    userLicenseRows(given, now).map(({ subscriptionId }) => subscriptionId),
    ['s1', 's2', 's3'],
  );
});

test('a plan that no catalogue names gives a licence without apps', () => {
  assert.equal(appRows([held('s1')], now), []);
  assert.is(userLicenseRows([held('s1')], now).length, 1);
});

test.run();
