import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { at } from '../subscription/testing/subject.ts';
import { SeatSubject } from './testing/seat-subject.ts';

const test = suite('seat: apps and devices (domain.md 1.8, 1.9)');

const pc = { deviceId: 'pc', kind: 'computer' } as const;

test('given a seat, when apps are set, then they replace those of the assignment', () => {
  const seat = SeatSubject.held(['teams']);
  assert.equal(seat.inForce.appsOff, ['teams']);
  assert.equal(seat.accept('set-apps-for-assignment', { appsOff: ['word', 'excel', 'word'] }), ['AppsToggled']);
  assert.equal(seat.inForce.appsOff, ['word', 'excel']);
  seat.accept('set-apps-for-assignment', { appsOff: [] });
  assert.equal(seat.inForce.appsOff, []);
});

test('given apps that are off already, when the same are set in another order, then nothing happens', () => {
  const seat = SeatSubject.held(['teams', 'word']);
  assert.equal(seat.accept('set-apps-for-assignment', { appsOff: ['word', 'teams'] }), []);
  assert.equal(seat.accept('set-apps-for-assignment', { appsOff: ['word'] }), ['AppsToggled']);
});

test('turning on what conflicts with another licence is refused; what was on, and what is turned off, is not asked about', () => {
  const seat = SeatSubject.held(['share-1', 'archive']);
  const ofPlan = [
    { appId: 'mail' },
    { appId: 'share-1', excludes: ['share-2'] },
    { appId: 'archive', requires: ['mail'] },
  ];
  seat.seen = { services: { ofPlan, elsewhere: [{ appId: 'share-2' }] } };
  assert.equal(seat.codes('set-apps-for-assignment', { appsOff: ['archive'] }), ['SERVICE_CONFLICT']);
  assert.equal(seat.accept('set-apps-for-assignment', { appsOff: ['share-1'] }), ['AppsToggled']);
  assert.equal(seat.codes('set-apps-for-assignment', { appsOff: ['mail', 'share-1'] }), ['accepted']);
  assert.equal(seat.accept('set-apps-for-assignment', { appsOff: ['mail', 'share-1', 'archive'] }), ['AppsToggled']);
  assert.equal(
    seat.codes('set-apps-for-assignment', { appsOff: ['mail', 'share-1'] }),
    ['SERVICE_CONFLICT'],
    'archive needs mail',
  );
  seat.seen = { services: { ofPlan, elsewhere: [] } };
  assert.equal(seat.accept('set-apps-for-assignment', { appsOff: [] }), ['AppsToggled']);
});

test('every event names the holding and the revision of the subscription that the decision saw', () => {
  const seat = SeatSubject.held();
  seat.subscription.accept('set-recurring-billing', { on: false });
  seat.signIn('pc');
  assert.equal(seat.log[0]?.data, {
    personId: 'alice',
    heldSince: 2,
    subscriptionRevision: 3,
    deviceId: 'pc',
    kind: 'computer',
  });
});

test('given five computers, when a sixth signs in, then the least recently used one is signed out, and the log says so', () => {
  const seat = SeatSubject.held();
  for (const id of ['a', 'b', 'c', 'd', 'e']) seat.signIn(id);
  seat.signIn('a');
  assert.equal(seat.signIn('f'), ['DeviceDeactivated', 'DeviceActivated']);
  assert.equal(seat.devices, ['c', 'd', 'e', 'a', 'f']);
  const out = seat.log.find(({ type }) => type === 'DeviceDeactivated');
  assert.equal(out?.data, {
    personId: 'alice',
    heldSince: 2,
    subscriptionRevision: 2,
    deviceId: 'b',
    cause: 'limit',
    inEffectBy: at('2026-06-04'),
  });
});

test('given five computers and an app that asks instead of signing out, then DEVICE_LIMIT_REACHED says how many there may be', () => {
  const seat = SeatSubject.held();
  for (const id of ['a', 'b', 'c', 'd', 'e']) seat.signIn(id);
  const asking = { kind: 'computer', signOutOldest: false };
  const decision = seat.command('activate-device', { ...asking, deviceId: 'f' });
  assert.equal(decision.kind === 'refused' && decision.reasonCodes, ['DEVICE_LIMIT_REACHED']);
  assert.match((decision.kind === 'refused' && decision.remedies[0]?.text.en) || '', 'one of the 5 devices');
  assert.equal(seat.codes('activate-device', { ...asking, deviceId: 'f', signedInAs: 'bob' }), [
    'DEVICE_LIMIT_REACHED',
    'WRONG_ACCOUNT',
  ]);
  assert.equal(
    seat.accept('activate-device', { ...asking, deviceId: 'b' }),
    ['DeviceActivated'],
    'it is one of the five',
  );
  assert.equal(seat.accept('activate-device', { ...asking, deviceId: 'f', kind: 'phone' }), ['DeviceActivated']);
  seat.accept('deactivate-device', { deviceId: 'a' });
  assert.equal(seat.accept('activate-device', { ...asking, deviceId: 'g' }), ['DeviceActivated']);
});

test('five computers, five tablets and five phones are all kept', () => {
  const seat = SeatSubject.held();
  for (const kind of ['computer', 'tablet', 'phone'] as const)
    for (let index = 1; index <= 5; index += 1)
      assert.equal(seat.signIn(`${kind}-${index}`, kind), ['DeviceActivated']);
  assert.is(seat.devices.length, 15);
  seat.signIn('tablet-6', 'tablet');
  assert.not(seat.devices.includes('tablet-1'));
  assert.is(seat.devices.length, 15);
});

test('a device that comes back as another kind counts as that kind, and frees its former place', () => {
  const seat = SeatSubject.held();
  for (const id of ['a', 'b', 'c', 'd', 'e']) seat.signIn(id);
  assert.equal(seat.signIn('a', 'tablet'), ['DeviceActivated']);
  assert.equal(seat.signIn('f'), ['DeviceActivated']);
  assert.is(seat.devices.length, 6);
});

test('signing in again on an active device is its use: it keeps when it was activated, and is the last to be signed out', () => {
  const seat = SeatSubject.held();
  seat.signIn('a');
  seat.signIn('b');
  seat.subscription.now = at('2026-06-02');
  assert.equal(seat.signIn('a'), ['DeviceActivated']);
  const used = seat.inForce.devices.at(-1);
  assert.equal(used, { ...pc, deviceId: 'a', activatedAt: at('2026-06-01'), lastUsedAt: at('2026-06-02') });
  assert.equal(seat.signIn('a'), [], 'nothing that could be told apart from the use before');
});

test('signing out frees the place at once, names when the apps have noticed, and once more changes nothing', () => {
  const seat = SeatSubject.held();
  seat.signIn('pc');
  assert.equal(seat.accept('deactivate-device', { deviceId: 'pc' }), ['DeviceDeactivated']);
  assert.equal(seat.devices, []);
  const data = seat.log.at(-1)?.data;
  assert.equal(
    data && 'cause' in data && [data.cause, data.inEffectBy],
    ['signed_out', at('2026-06-04')],
    'up to 72 hours (domain.md 1.9)',
  );
  assert.equal(seat.accept('deactivate-device', { deviceId: 'pc' }), []);
  assert.equal(seat.accept('deactivate-device', { deviceId: 'never-seen' }), []);
});

test('the same command id answers the first result in any state; with other content it is COMMAND_ID_REUSED', () => {
  const seat = SeatSubject.held();
  seat.signIn('a');
  seat.signIn('b', 'computer', 'once');
  seat.subscription.accept('unassign-license', { personId: 'alice' });
  seat.subscription.accept('cancel-now');
  const again = seat.command('activate-device', { deviceId: 'b', kind: 'computer' }, 'once');
  assert.equal(again, { kind: 'repeated', firstRevision: 1 });
  const other = seat.command('activate-device', { deviceId: 'c', kind: 'computer' }, 'once');
  assert.equal(other.kind === 'refused' && other.reasonCodes, ['COMMAND_ID_REUSED']);
  seat.seen = { isCommandIdTaken: true };
  assert.equal(seat.codes('deactivate-device', { deviceId: 'a' }), ['COMMAND_ID_REUSED']);
});

test('given an app signed in with another account, then WRONG_ACCOUNT says to switch account; the own account is right', () => {
  const seat = SeatSubject.held();
  const decision = seat.command('activate-device', { ...pc, signedInAs: 'bob' });
  assert.equal(decision.kind === 'refused' && decision.reasonCodes, ['WRONG_ACCOUNT']);
  assert.match((decision.kind === 'refused' && decision.remedies[0]?.text.en) || '', 'Switch account');
  assert.equal(seat.accept('activate-device', { ...pc, signedInAs: 'alice' }), ['DeviceActivated']);
});

test('a refusal names every reason, the state first (domain.md 6.4)', () => {
  const seat = new SeatSubject();
  seat.subscription.accept('disable', { reason: 'fraud' });
  seat.roles = ['billing-admin'];
  assert.equal(seat.codes('activate-device', { ...pc, signedInAs: 'bob' }), [
    'LICENSE_ASSIGNMENT_FROZEN',
    'NOT_LICENSE_ADMIN',
    'NOT_ASSIGNED',
    'WRONG_ACCOUNT',
  ]);
  assert.equal(seat.codes('set-apps-for-assignment', { appsOff: [] }), [
    'LICENSE_ASSIGNMENT_FROZEN',
    'NOT_LICENSE_ADMIN',
    'NOT_ASSIGNED',
  ]);
});

test('licence and user administrators may do all; the person may sign in and out, and nothing more', () => {
  const seat = SeatSubject.held();
  for (const role of ['license-admin', 'user-admin', 'global-admin']) {
    seat.roles = [role];
    assert.equal(seat.accept('set-apps-for-assignment', { appsOff: [role] }), ['AppsToggled']);
  }
  seat.roles = [];
  seat.actorId = 'alice';
  assert.equal(seat.signIn('pc'), ['DeviceActivated']);
  assert.equal(seat.accept('deactivate-device', { deviceId: 'pc' }), ['DeviceDeactivated']);
  assert.equal(seat.codes('set-apps-for-assignment', { appsOff: [] }), ['NOT_LICENSE_ADMIN']);
  seat.actorId = 'bob';
  assert.equal(seat.codes('activate-device', pc), ['NOT_LICENSE_ADMIN']);
  assert.equal(seat.codes('deactivate-device', pc), ['NOT_LICENSE_ADMIN']);
});

test('under a hold a licence can only be given up: devices sign out, none signs in (domain.md 6.9)', () => {
  const seat = SeatSubject.held();
  seat.signIn('pc');
  const holds = [{ kind: 'pause' as const, from: at('2026-06-01'), until: null, movesTermEnd: true }];
  seat.seen = { header: { ...seat.subscription.header, holds } };
  assert.equal(seat.codes('activate-device', { ...pc, deviceId: 'other' }), ['SUSPENDED']);
  assert.equal(seat.codes('set-apps-for-assignment', { appsOff: ['word'] }), ['SUSPENDED']);
  assert.equal(seat.accept('deactivate-device', { deviceId: 'pc' }), ['DeviceDeactivated']);
});

test('a licence that was taken away leaves nothing that counts; given again, the seat starts afresh', () => {
  const seat = SeatSubject.held(['teams']);
  seat.signIn('pc');
  seat.accept('set-apps-for-assignment', { appsOff: ['word'] });
  seat.subscription.accept('unassign-license', { personId: 'alice' });
  assert.equal(seat.devices, []);
  assert.equal(seat.codes('activate-device', pc), ['NOT_ASSIGNED']);
  assert.equal(seat.codes('deactivate-device', { deviceId: 'pc' }), ['NOT_ASSIGNED']);
  // Taken away and given again at one instant: it is still another holding.
  seat.subscription.accept('assign-license', { personId: 'alice', appsOff: ['excel'] });
  assert.equal([seat.devices, seat.inForce.appsOff], [[], ['excel']]);
  assert.equal(seat.accept('deactivate-device', { deviceId: 'pc' }), [], 'it is signed in no more');
  assert.equal(seat.signIn('pc'), ['DeviceDeactivated', 'DeviceActivated']);
  assert.equal([seat.devices, seat.inForce.appsOff], [['pc'], ['excel']]);
  const writtenOff = seat.log.at(-2)?.data;
  assert.equal(
    writtenOff && 'cause' in writtenOff && [writtenOff.cause, writtenOff.heldSince],
    ['license_removed', 2],
    'the log says of every device how it ended',
  );
});

test('a decision that lost the race against taking the licence away counts for nothing', () => {
  const seat = SeatSubject.held();
  seat.seen = { ...seat.context() };
  seat.subscription.accept('unassign-license', { personId: 'alice' });
  seat.subscription.accept('assign-license', { personId: 'alice' });
  assert.equal(seat.signIn('late'), ['DeviceActivated']);
  assert.equal(seat.devices, []);
  seat.seen = {};
  assert.equal(seat.signIn('pc'), ['DeviceDeactivated', 'DeviceActivated']);
  assert.equal(seat.devices, ['pc']);
});

test('a deadline that is due decides before its timer has run', () => {
  const seat = SeatSubject.held();
  seat.subscription.accept('set-recurring-billing', { on: false });
  seat.subscription.now = at('2027-07-05');
  assert.equal(seat.codes('activate-device', pc), ['LICENSE_ASSIGNMENT_FROZEN']);
  seat.subscription.now = at('2028-01-01');
  assert.equal(seat.codes('activate-device', pc), ['ALREADY_DELETED']);
  assert.equal(seat.codes('deactivate-device', { deviceId: 'pc' }), ['nothing']);
});

test('time does not go back: a decision stands behind everything decided before', () => {
  const seat = SeatSubject.held();
  seat.subscription.now = at('2026-06-10');
  seat.signIn('a');
  seat.subscription.now = at('2026-06-09');
  seat.signIn('b');
  assert.is(seat.log.at(-1)?.effectiveAt, at('2026-06-10'));
});

test.run();
