import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { subscriptionStatuses } from '../subscription/lifecycle.ts';
import { card, inState } from '../subscription/testing/states.ts';
import { Subject } from '../subscription/testing/subject.ts';
import { seatActions } from './actions.ts';
import { seatCommandSchemas, type SeatCommandName } from './commands.ts';
import { seatStateAnswers } from './guards.ts';
import { SeatSubject } from './testing/seat-subject.ts';

const test = suite('seat commands × states (domain.md 6.2)');

type Cells = readonly [string, string, string, string, string, string, string];

/** Copied from `domain.md 6.2`; the list = types of the events of an accepted command. */
const matrix: Readonly<Record<SeatCommandName, Cells>> = {
  // pending, active, expired, disabled, cancelled, reactivated, deleted
  'set-apps-for-assignment': [
    'NOT_ASSIGNED',
    '✓ AppsToggled',
    '✓ AppsToggled',
    'LICENSE_ASSIGNMENT_FROZEN',
    'LICENSE_ASSIGNMENT_FROZEN',
    '✓ AppsToggled',
    'ALREADY_DELETED',
  ],
  'activate-device': [
    'NOT_YET_ACTIVATED',
    '✓ DeviceActivated',
    '✓ DeviceActivated',
    'LICENSE_ASSIGNMENT_FROZEN',
    'LICENSE_ASSIGNMENT_FROZEN',
    '✓ DeviceActivated',
    'ALREADY_DELETED',
  ],
  'deactivate-device': [
    'NOT_ASSIGNED',
    '✓ DeviceDeactivated',
    '✓ DeviceDeactivated',
    '✓ DeviceDeactivated',
    '✓ DeviceDeactivated',
    '✓ DeviceDeactivated',
    '✓ ',
  ],
};

const bodies: Readonly<Record<SeatCommandName, object>> = {
  'set-apps-for-assignment': { appsOff: ['word'] },
  'activate-device': { deviceId: 'new', kind: 'phone' },
  'deactivate-device': { deviceId: 'pc' },
};

for (const command of Object.keys(matrix) as SeatCommandName[]) {
  subscriptionStatuses.forEach((status, column) => {
    const cell = matrix[command][column] ?? '';
    test(`${command} while ${status}: ${cell}`, () => {
      const seat = heldWhile(status);
      assert.is(seat.subscription.header.status, status);
      const listed = seatActions(seat.context()).find((action) => action.command === command);
      if (cell.startsWith('✓ ')) {
        assert.equal(seat.accept(command, bodies[command]).join(' '), cell.slice(2));
        assert.equal([listed?.available, listed?.effectPreview], [true, { newState: status }]);
      } else {
        const codes = seat.codes(command, bodies[command]);
        // Nobody can hold a seat of what was never activated.
        const more = status === 'pending' && cell !== 'NOT_ASSIGNED' ? ['NOT_ASSIGNED'] : [];
        assert.equal(codes, [cell, ...more]);
        assert.equal([listed?.available, listed?.reasonCodes], [false, codes]);
        assert.ok((listed?.remedies.length ?? 0) > 0);
      }
    });
  });
}

test('the table is complete, and so is the list of actions', () => {
  const names = Object.keys(seatCommandSchemas).sort();
  assert.equal(Object.keys(seatStateAnswers).sort(), names);
  const listed = seatActions(SeatSubject.held().context());
  assert.equal(listed.map(({ command }) => command).sort(), names);
  assert.equal(listed.find(({ command }) => command === 'activate-device')?.needs, ['userId', 'deviceId', 'kind']);
});

test('the list of actions offers the own devices to whoever holds a seat, and nothing to others', () => {
  const seat = SeatSubject.held();
  const offered = (): string[] =>
    seatActions(seat.context())
      .filter(({ available }) => available)
      .map(({ command }) => command);
  seat.roles = ['billing-admin'];
  assert.equal(offered(), ['activate-device', 'deactivate-device']);
  seat.seen = { seat: undefined };
  assert.equal(offered(), []);
  seat.roles = ['user-admin'];
  assert.equal(offered().length, 3);
});

test('with no seat assigned to anybody there is nobody to act for', () => {
  const seat = new SeatSubject();
  for (const action of seatActions(seat.context())) assert.equal(action.reasonCodes, ['NOT_ASSIGNED'], action.command);
});

/** Alice holds a seat and is signed in on `pc`, wherever that can be before the state is reached. */
function heldWhile(status: (typeof subscriptionStatuses)[number]): SeatSubject {
  if (status === 'pending') return new SeatSubject(inState.pending());
  const subscription = Subject.active();
  const seat = new SeatSubject(subscription);
  subscription.accept('assign-license', { personId: 'alice' });
  seat.signIn('pc');
  if (status === 'expired' || status === 'reactivated') subscription.tick('2027-06-05');
  if (status === 'reactivated') subscription.accept('reactivate', { paymentMethod: card });
  if (status === 'disabled') subscription.accept('disable', { reason: 'admin' });
  if (status === 'cancelled') subscription.accept('cancel-now');
  if (status === 'deleted') subscription.tick('2027-12-01');
  return seat;
}

test.run();
