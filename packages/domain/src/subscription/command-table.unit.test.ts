import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { SeatCommandName } from '../seat/commands.ts';
import { SeatSubject } from '../seat/testing/seat-subject.ts';
import type { SubscriptionCommandName } from './commands.ts';
import type { SubscriptionStatus } from './header.ts';
import { subscriptionStatuses } from './lifecycle.ts';
import { furtherBodies, prepareFurther, productKey } from './testing/further-commands.ts';
import { card, holding, inState } from './testing/states.ts';
import type { Subject } from './testing/subject.ts';

const test = suite('the table of domain.md 6.2, cell by cell');

/** The document's own rows and cells; only the marks for code are left out. */
const document = `
| Command | pending | active | expired | disabled | cancelled | reactivated | deleted |
|---|---|---|---|---|---|---|---|
| **Activate / RedeemKey(new)** | ✓ ->active (trial flag if offer) | ALREADY_ACTIVE | ALREADY_EXPIRED | ALREADY_DISABLED | ALREADY_CANCELLED | ALREADY_ACTIVE | ALREADY_DELETED |
| **RedeemKey(extend)** | NOT_YET_ACTIVATED | ✓ end date moves | ✓ acts as Reactivate (its guards) | ✓ acts as Reactivate (its guards) | ✓ acts as Reactivate (its guards) | ✓ settles the reactivation | ALREADY_DELETED |
| **RedeemKey(addSeats)** | NOT_YET_ACTIVATED | ✓ | REACTIVATE_FIRST | REACTIVATE_FIRST | REACTIVATE_FIRST | ✓ | ALREADY_DELETED |
| **ExtendTrial** | NOT_YET_ACTIVATED | ✓ if trial | TRIAL_NOT_REACTIVATABLE | TRIAL_NOT_REACTIVATABLE | TRIAL_NOT_REACTIVATABLE | NOT_A_TRIAL | ALREADY_DELETED |
| **ConvertTrial / Buy** | NOT_YET_ACTIVATED | ✓ if trial | ✓ if trial (30 d grace) ->active | REACTIVATE_FIRST | REACTIVATE_FIRST | NOT_A_TRIAL | ALREADY_DELETED |
| **SetRecurringBilling** | NOT_YET_ACTIVATED | ✓ off drops scheduled changes | REACTIVATE_FIRST | REACTIVATE_FIRST | REACTIVATE_FIRST | ✓ | ALREADY_DELETED |
| **CancelNow** | ✓ ->deleted (never started) | ✓ ->cancelled | ALREADY_EXPIRED | ALREADY_DISABLED | ALREADY_CANCELLED | ✓ ->cancelled | ALREADY_DELETED |
| **CancelAtTermEnd** | ✓ abandons the start | ✓ sets flag | ALREADY_EXPIRED | ALREADY_DISABLED | ALREADY_CANCELLED | ✓ sets flag | ALREADY_DELETED |
| **UndoScheduledCancel** | NOTHING_SCHEDULED | ✓ (else NOTHING_SCHEDULED) | ENDED_USE_REACTIVATE | ENDED_USE_REACTIVATE | ENDED_USE_REACTIVATE | ✓ (else NOTHING_SCHEDULED) | ALREADY_DELETED |
| **Reactivate** | NOT_YET_ACTIVATED | ALREADY_ACTIVE | ✓ ->reactivated | ✓ ->reactivated (guards) | ✓ ->reactivated | REACTIVATION_IN_PROGRESS | ALREADY_DELETED |
| **SupportReactivate (override)** | NOT_YET_ACTIVATED | ALREADY_ACTIVE | ✓ reason+ticket required | ✓ clears provider reasons | ✓ | REACTIVATION_IN_PROGRESS | ALREADY_DELETED |
| **Pause / Suspend (hold)** | NOT_YET_ACTIVATED | ✓ hold added | ALREADY_EXPIRED | ALREADY_DISABLED | ALREADY_CANCELLED | ✓ | ALREADY_DELETED |
| **Resume (release hold)** | NOT_PAUSED | ✓ own hold only | NOT_PAUSED | NOT_PAUSED | NOT_PAUSED | ✓ | ALREADY_DELETED |
| **Disable(reason)** | ✓ fraud before start ->disabled | ✓ ->disabled | ✓ ->disabled | ✓ adds reason | ✓ adds reason (state stays) | ✓ ->disabled | ALREADY_DELETED |
| **ChangePlan** | NOT_YET_ACTIVATED | ✓ | REACTIVATE_FIRST | REACTIVATE_FIRST | REACTIVATE_FIRST | REACTIVATION_IN_PROGRESS | ALREADY_DELETED |
| **AddSeats** | NOT_YET_ACTIVATED | ✓ | REACTIVATE_FIRST | REACTIVATE_FIRST | REACTIVATE_FIRST | ✓ | ALREADY_DELETED |
| **RemoveSeats** | NOT_YET_ACTIVATED | ✓ guards | REACTIVATE_FIRST | REACTIVATE_FIRST | REACTIVATE_FIRST | REACTIVATION_IN_PROGRESS | ALREADY_DELETED |
| **AssignLicense** | LICENSE_ASSIGNMENT_FROZEN | ✓ | ✓ (policy; VL no) | LICENSE_ASSIGNMENT_FROZEN | LICENSE_ASSIGNMENT_FROZEN | ✓ | ALREADY_DELETED |
| **UnassignLicense** | NOT_ASSIGNED | ✓ | ✓ | ✓ (resolves conflicts) | ✓ | ✓ | ALREADY_DELETED |
| **MoveLicense (atomic swap)** | LICENSE_ASSIGNMENT_FROZEN | ✓ | ✓ out of it only | ✓ out of it only | ✓ out of it only | ✓ | ALREADY_DELETED |
| **SetAppsForAssignment** | NOT_ASSIGNED | ✓ | ✓ | LICENSE_ASSIGNMENT_FROZEN | LICENSE_ASSIGNMENT_FROZEN | ✓ | ALREADY_DELETED |
| **ActivateDevice (sign in app)** | NOT_YET_ACTIVATED | ✓ | ✓ | LICENSE_ASSIGNMENT_FROZEN | LICENSE_ASSIGNMENT_FROZEN | ✓ | ALREADY_DELETED |
| **DeactivateDevice** | NOT_ASSIGNED | ✓ | ✓ | ✓ | ✓ | ✓ | ✓ no-op |
| **Add/Replace/UpdatePaymentMethod** | ✓ | ✓ | ✓ | ✓ | ✓ | ✓ retries settlement | ALREADY_DELETED |
| **PayBalance** | NOT_YET_ACTIVATED | ✓ clears pastDue | ✓ | ✓ then Reactivate or auto | ✓ | ✓ settles | ALREADY_DELETED |
| **ExportData (admin)** | NOT_YET_ACTIVATED | ✓ | ✓ | ✓ | ✓ | ✓ | ALREADY_DELETED |
| **DeleteNow** | ✓ | NOT_DELETABLE_YET | ✓ + CONFIRMATION_REQUIRED | ✓ + CONFIRMATION_REQUIRED | ✓ + CONFIRMATION_REQUIRED | NOT_DELETABLE_YET | ALREADY_DELETED |
| **LinkPayment (ops)** | ✓ | ✓ | ✓ | ✓ | ✓ | ✓ | ✓ marks refund due |
| **AddNote / CorrectFact (ops)** | ✓ | ✓ | ✓ | ✓ | ✓ | ✓ | ✓ |
`;

/** A command about to be given, in one of the states. */
type Asked = {
  readonly subject: Subject;
  /** `roles`: nobody's, or those of a global administrator. */
  give(commandId: string, roles?: readonly string[]): Answer;
  /** Another command under an id that was given. */
  giveOther(commandId: string): Answer;
};
type Answer = {
  readonly kind: string;
  readonly reasonCodes?: readonly string[];
  readonly firstRevision?: number;
  readonly firstEventId?: string;
};

type Asking = (status: SubscriptionStatus, prepared?: boolean) => Asked;

const bodies: Readonly<Record<string, unknown>> = {
  ...furtherBodies,
  'set-recurring-billing': { on: false },
  reactivate: { paymentMethod: card },
  disable: { reason: 'fraud' },
  'assign-license': { personId: 'bob' },
  'unassign-license': { personId: 'alice' },
  // The seat that `holding` gives, by the third event of the subscription.
  'move-license': {
    personId: 'alice',
    heldSince: 2,
    to: { subscriptionId: 's2', revision: 7, assignedAt: '2026-06-01T00:00:00.000Z' },
  },
  'add-payment-method': { paymentMethod: card },
  'replace-payment-method': { paymentMethod: card },
};

/** A command on the subscription, with all that its guards ask for unless it is not to be prepared. */
function command(name: SubscriptionCommandName, body: unknown = bodies[name] ?? {}): Asking {
  return (status, prepared = true) => {
    const takesAway = name === 'unassign-license' || name === 'move-license';
    const subject = prepareFurther(name, status) ?? (takesAway ? holding(status) : inState[status]());
    const runs = status === 'active' || status === 'reactivated';
    if (name === 'undo-scheduled-cancel' && prepared && runs) subject.accept('cancel-at-term-end');
    const given = name === 'delete-now' && !prepared ? {} : body;
    return {
      subject,
      give: (commandId, roles = ['global-admin']) => {
        subject.roles = roles;
        return subject.command(name, given, commandId);
      },
      giveOther: (commandId) => subject.command('add-note', { text: 'another command' }, commandId),
    };
  };
}

/** A command on the seat of somebody who has one wherever one can be had, and is signed in on a computer. */
function onSeat(name: SeatCommandName, body: object): Asking {
  return (status) => {
    const subject = status === 'pending' ? inState.pending() : holding('active');
    const seat = new SeatSubject(subject);
    if (status !== 'pending') {
      seat.signIn('pc');
      if (status !== 'active') seat.subscription.state = holding(status).state;
      subject.now = holding(status).now;
    }
    return {
      subject,
      give: (commandId, roles = ['global-admin']) => {
        seat.roles = roles;
        return seat.command(name, body, commandId);
      },
      giveOther: (commandId) => seat.command('activate-device', { deviceId: 'another', kind: 'tablet' }, commandId),
    };
  };
}

const redeem = (mode: string): Asking => command('redeem-key', { ...productKey, mode });

/** How each row is asked for. */
const rows: Readonly<Record<string, readonly Asking[]>> = {
  'Activate / RedeemKey(new)': [command('activate'), redeem('new')],
  'RedeemKey(extend)': [redeem('extend')],
  'RedeemKey(addSeats)': [redeem('add-seats')],
  ExtendTrial: [command('extend-trial')],
  'ConvertTrial / Buy': [command('convert-trial')],
  SetRecurringBilling: [command('set-recurring-billing')],
  CancelNow: [command('cancel-now')],
  CancelAtTermEnd: [command('cancel-at-term-end')],
  UndoScheduledCancel: [command('undo-scheduled-cancel')],
  Reactivate: [command('reactivate')],
  'SupportReactivate (override)': [command('support-reactivate')],
  'Pause / Suspend (hold)': [command('pause'), command('suspend')],
  'Resume (release hold)': [command('resume')],
  'Disable(reason)': [command('disable')],
  ChangePlan: [command('change-plan')],
  AddSeats: [command('add-seats')],
  RemoveSeats: [command('remove-seats')],
  AssignLicense: [command('assign-license')],
  UnassignLicense: [command('unassign-license')],
  'MoveLicense (atomic swap)': [command('move-license')],
  SetAppsForAssignment: [onSeat('set-apps-for-assignment', { appsOff: ['word'] })],
  'ActivateDevice (sign in app)': [onSeat('activate-device', { deviceId: 'new', kind: 'phone' })],
  DeactivateDevice: [onSeat('deactivate-device', { deviceId: 'pc' })],
  'Add/Replace/UpdatePaymentMethod': [
    command('add-payment-method'),
    command('replace-payment-method'),
    command('update-payment-method'),
  ],
  PayBalance: [command('pay-balance')],
  'ExportData (admin)': [command('export-data')],
  DeleteNow: [command('delete-now')],
  'LinkPayment (ops)': [command('link-payment')],
  'AddNote / CorrectFact (ops)': [command('add-note'), command('correct-fact')],
};

const roleCodes = ['NOT_BILLING_ADMIN', 'NOT_LICENSE_ADMIN', 'ROLE_MISSING'];

function refuses(ask: Asking, status: SubscriptionStatus, code: string): void {
  const asked = ask(status);
  const before = asked.subject.log.length;
  const { kind, reasonCodes } = asked.give('given');
  // Nobody can hold a seat of what was never activated: that is said too.
  const own = reasonCodes?.filter((each) => each === code || each !== 'NOT_ASSIGNED');
  assert.equal([kind, own], ['refused', [code]]);
  const others = asked.give('given', []).reasonCodes ?? [];
  assert.is(others[0], code, 'the state speaks first');
  assert.ok(
    others.some((each) => roleCodes.includes(each)),
    `and the role is said too: ${others.join(', ')}`,
  );
  assert.is(asked.subject.log.length, before, 'a refusal appends nothing');
}

function accepts(ask: Asking, status: SubscriptionStatus, cell: string): void {
  const asked = ask(status);
  const { subject } = asked;
  const before = subject.log.length;
  const first = asked.give('given');
  assert.ok(first.kind === 'accepted' || first.kind === 'nothing', `${cell}: ${JSON.stringify(first)}`);
  const target = /->([a-z]+)/.exec(cell)?.[1];
  const since = subject.types(before);
  if (target === 'reactivated')
    assert.ok(since.includes('SubscriptionReactivated'), 'what is not owed is confirmed at once');
  else if (target !== undefined) assert.is(subject.header.status, target);
  if (first.kind === 'accepted') {
    assert.is(asked.give('given').kind, 'repeated', 'the first result, whatever the state is now');
    assert.equal(asked.giveOther('given').reasonCodes, ['COMMAND_ID_REUSED']);
  }
  const [, otherwise] = /\(else ([A-Z_]+)\)|\+ ([A-Z_]+)/.exec(cell)?.filter(Boolean) ?? [];
  if (otherwise !== undefined) assert.equal(ask(status, false).give('bare').reasonCodes, [otherwise]);
}

const [, , ...lines] = document.trim().split('\n');
for (const line of lines) {
  const [name = '', ...cells] = line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim().replaceAll('**', ''));
  subscriptionStatuses.forEach((status, column) => {
    const cell = cells[column] ?? '';
    test(`${name} while ${status}: ${cell}`, () => {
      const asked = rows[name];
      assert.ok(asked !== undefined && asked.length > 0, `nothing asks for ${name}`);
      for (const ask of asked) {
        assert.is(ask(status).subject.header.status, status);
        if (cell.startsWith('✓')) accepts(ask, status, cell);
        else refuses(ask, status, cell);
      }
    });
  });
}

test('29 rows of 7 cells, and every row is asked for', () => {
  assert.is(lines.length, 29);
  assert.ok(lines.every((line) => line.split('|').length === 10));
  assert.is(Object.keys(rows).length, 29);
});

test('an id that was used before answers as it did then in every state, and refuses another content', () => {
  for (const status of subscriptionStatuses) {
    const subject = inState[status]();
    const isStarted = status !== 'pending';
    const [name, type] = isStarted
      ? (['activate', 'SubscriptionActivated'] as const)
      : (['create', 'SubscriptionCreated'] as const);
    const first = subject.log.find((event) => event.type === type);
    assert.ok(first);
    const body = isStarted ? {} : { planId: 'business', seats: 3, term: 'P1Y' };
    const again = subject.command(name, body, first.commandId);
    assert.equal(again, { kind: 'repeated', firstRevision: first.revision }, status);
    const other = subject.command('add-note', { text: 'other' }, first.commandId);
    assert.equal(other.kind === 'refused' && other.reasonCodes, ['COMMAND_ID_REUSED'], status);
  }
});

test('cancelled twice, the answer names the event that cancelled; repeated, it is that very result', () => {
  const subject = inState.active();
  subject.accept('cancel-now', {}, 'a');
  const cancelled = subject.log.find(({ type }) => type === 'SubscriptionCancelled');
  for (const name of ['cancel-now', 'cancel-at-term-end'] as const) {
    const again = subject.command(name, {}, `b-${name}`);
    assert.equal(again.kind === 'refused' && [again.reasonCodes, again.firstEventId], [
      ['ALREADY_CANCELLED'],
      cancelled?.id,
    ]);
  }
  assert.equal(subject.command('cancel-now', {}, 'a'), { kind: 'repeated', firstRevision: cancelled?.revision });
  const expired = inState.expired().command('cancel-now');
  assert.is('firstEventId' in expired, false);
});

test.run();
