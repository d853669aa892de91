import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { availableActions } from './actions.ts';
import { headerAsOf } from './as-of.ts';
import { pagedGet } from './paged-map.ts';
import { serviceConflict, type Service } from './service-conflict.ts';
import { Subject, at } from './testing/subject.ts';

const test = suite('licences: assigning, taking away, moving (domain.md 1.8, 6.2)');

const movedFrom = { subscriptionId: 's0', heldSince: 4, commandId: 'm1', commandHash: 'abc' };

function moveOut(subject: Subject, personId: string, to: object = {}) {
  const heldSince = pagedGet(subject.state.seats, personId)?.heldSince ?? 0;
  return { personId, heldSince, to: { subscriptionId: 's2', revision: 9, assignedAt: subject.now, ...to } };
}

test('a licence moved away frees the seat, and names the seat that its person has instead', () => {
  const subject = Subject.active({ seats: 1 });
  subject.accept('assign-license', { personId: 'alice' });
  subject.accept('move-license', moveOut(subject, 'alice'));
  assert.equal(subject.log.at(-1)?.data, {
    personId: 'alice',
    heldSince: 2,
    to: { subscriptionId: 's2', revision: 9 },
  });
  assert.is(subject.header.seatsAssigned, 0);
  assert.is(pagedGet(subject.state.seats, 'alice'), undefined);
  subject.accept('assign-license', { personId: 'bob' });
});

test('the seat is free no sooner than its person had the other one, whichever clock says when', () => {
  const subject = Subject.active();
  subject.accept('assign-license', { personId: 'alice' });
  subject.accept('move-license', moveOut(subject, 'alice', { assignedAt: at('2026-06-03') }));
  assert.is(subject.log.at(-1)?.effectiveAt, at('2026-06-03'));
  assert.is(headerAsOf(subject.log, { at: at('2026-06-02') })?.seatsAssigned, 1);
  assert.is(headerAsOf(subject.log, { at: at('2026-06-03') })?.seatsAssigned, 0);
});

test('only the holding that was meant is moved or taken away, not the seat given again since', () => {
  const subject = Subject.active();
  subject.accept('assign-license', { personId: 'alice' });
  const stale = moveOut(subject, 'alice');
  subject.accept('unassign-license', { personId: 'alice' });
  subject.accept('assign-license', { personId: 'alice' });
  assert.equal(subject.codes('move-license', stale), ['NOT_ASSIGNED']);
  assert.equal(subject.codes('unassign-license', { personId: 'alice', heldSince: 2 }), ['NOT_ASSIGNED']);
  subject.accept('unassign-license', { personId: 'alice', heldSince: 4, cause: 'move_undone' });
});

test('the seat that a move gives is dated by the move, and remembers where it came from', () => {
  const subject = Subject.active();
  subject.now = at('2026-07-01');
  subject.accept('assign-license', { personId: 'alice', movedFrom });
  assert.equal(subject.log.at(-1)?.data, { personId: 'alice', appsOff: [], source: 'direct', movedFrom });
  assert.equal(pagedGet(subject.state.seats, 'alice'), {
    appsOff: [],
    source: 'direct',
    assignedAt: at('2026-07-01'),
    heldSince: 2,
  });
});

test('what has ended is moved out of, never into; a hold lets a licence only out', () => {
  const expired = Subject.active();
  expired.accept('assign-license', { personId: 'alice' });
  expired.tick('2027-06-05');
  assert.equal(expired.codes('assign-license', { personId: 'bob', movedFrom }), ['LICENSE_ASSIGNMENT_FROZEN']);
  expired.accept('assign-license', { personId: 'bob' });
  expired.accept('move-license', moveOut(expired, 'alice'));
  const held = Subject.active();
  held.accept('assign-license', { personId: 'alice' });
  held.accept('pause');
  assert.equal(held.codes('assign-license', { personId: 'bob', movedFrom }), ['SUSPENDED']);
  held.accept('move-license', moveOut(held, 'alice'));
});

test('a move out of a subscription with too few seats resolves its conflict', () => {
  const subject = Subject.active({ seats: 2 });
  for (const personId of ['a', 'b']) subject.accept('assign-license', { personId });
  subject.accept('remove-seats', { count: 1, when: 'renewal' });
  subject.tick('2027-06-01');
  assert.equal(subject.view.seatConflict?.excess, 1);
  subject.accept('move-license', moveOut(subject, 'a'));
  assert.equal([subject.types().at(-1), subject.view.seatConflict], ['SeatConflictResolved', null]);
});

const sharepoint: Service = { appId: 'sharepoint-1', excludes: ['sharepoint-2'] };
const other: Service = { appId: 'sharepoint-2' };
const archive: Service = { appId: 'archive', requires: ['exchange-1', 'exchange-2'] };
const exchange: Service = { appId: 'exchange-2' };

test('services exclude each other whichever of the two says so; one app from two plans is one app', () => {
  assert.equal(serviceConflict([sharepoint], [other]), {
    kind: 'exclusive',
    appId: 'sharepoint-1',
    others: ['sharepoint-2'],
  });
  assert.equal(serviceConflict([other], [sharepoint]), {
    kind: 'exclusive',
    appId: 'sharepoint-2',
    others: ['sharepoint-1'],
  });
  assert.is(serviceConflict([sharepoint], [sharepoint]), null);
  assert.is(serviceConflict([exchange], [sharepoint, other]), null, 'what the person has already is not asked about');
});

test('a service that needs another is given only beside one of those it names', () => {
  assert.equal(serviceConflict([archive], []), {
    kind: 'dependency',
    appId: 'archive',
    others: ['exchange-1', 'exchange-2'],
  });
  assert.is(serviceConflict([archive], [exchange]), null);
  assert.is(serviceConflict([archive, exchange], []), null);
});

/** Alice is to get the plan beside what another subscription gives her. */
function offered(services: readonly Service[], more: object = {}): Subject {
  const subject = Subject.active();
  const plan = { planId: 'business', apps: [], services: [sharepoint, archive, exchange], prohibitedIn: ['XX'] };
  subject.facts = { plan, person: { personId: 'alice', services, ...more } };
  return subject;
}

test('a licence whose services conflict with those of another is refused, unless they are turned off', () => {
  const subject = offered([other]);
  assert.equal(subject.codes('assign-license', { personId: 'alice' }), ['SERVICE_CONFLICT']);
  assert.equal(subject.codes('assign-license', { personId: 'alice', appsOff: ['sharepoint-1', 'exchange-2'] }), [
    'SERVICE_CONFLICT',
  ]);
  subject.accept('assign-license', { personId: 'alice', appsOff: ['sharepoint-1'] });
});

test('a licence that may not be used where the person is, is refused; where nothing is known it passes', () => {
  const subject = offered([], { usageLocation: 'XX' });
  assert.equal(subject.codes('assign-license', { personId: 'alice' }), ['USAGE_LOCATION_PROHIBITED']);
  subject.accept('assign-license', { personId: 'bob' });
  offered([], { usageLocation: 'NL' }).accept('assign-license', { personId: 'alice' });
  offered([]).accept('assign-license', { personId: 'alice' });
});

test('everything that speaks against an assignment is said at once', () => {
  const subject = offered([other], { usageLocation: 'XX' });
  for (const personId of ['b', 'c', 'd']) subject.accept('assign-license', { personId });
  subject.accept('suspend');
  subject.roles = ['billing-admin'];
  assert.equal(subject.codes('assign-license', { personId: 'alice' }), [
    'NOT_LICENSE_ADMIN',
    'SUSPENDED',
    'NO_FREE_SEAT',
    'SERVICE_CONFLICT',
    'USAGE_LOCATION_PROHIBITED',
  ]);
});

test('the list of actions offers a move where somebody holds a seat, and asks for whom and whereto', () => {
  const subject = Subject.active();
  const listed = () =>
    availableActions(subject.state, subject.context()).find(({ command }) => command === 'move-license');
  assert.equal([listed()?.available, listed()?.reasonCodes], [false, ['NOT_ASSIGNED']]);
  subject.accept('assign-license', { personId: 'alice' });
  assert.equal([listed()?.available, listed()?.needs], [true, ['userId', 'toSubscriptionId']]);
});

test('one command id is one command: for another person it is refused, repeated it answers as at first', () => {
  const subject = Subject.active();
  subject.accept('assign-license', { personId: 'alice' }, 'k1');
  assert.equal(subject.command('assign-license', { personId: 'alice' }, 'k1'), { kind: 'repeated', firstRevision: 2 });
  for (const [name, personId] of [
    ['assign-license', 'bob'],
    ['unassign-license', 'alice'],
  ] as const) {
    const reused = subject.command(name, { personId }, 'k1');
    assert.equal(reused.kind === 'refused' && reused.reasonCodes, ['COMMAND_ID_REUSED']);
  }
});

test.run();
