import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { SubscriptionCommandName } from './commands.ts';
import { subscriptionStatuses } from './lifecycle.ts';
import { furtherBodies, furtherMatrix, prepareFurther } from './testing/further-commands.ts';
import { stateAnswers } from './state-answers.ts';
import { subscriptionMachine } from './machine.ts';
import { card, holding, inState } from './testing/states.ts';
import type { Subject } from './testing/subject.ts';

const test = suite('commands × states (domain.md 6.2)');

/** Copied from `domain.md 6.2`; `→x` = accepted, and the state it leads to. */
const matrix: Record<string, readonly [string, string, string, string, string, string, string]> = {
  // pending, active, expired, disabled, cancelled, reactivated, deleted
  activate: [
    '→active',
    'ALREADY_ACTIVE',
    'ALREADY_EXPIRED',
    'ALREADY_DISABLED',
    'ALREADY_CANCELLED',
    'ALREADY_ACTIVE',
    'ALREADY_DELETED',
  ],
  'set-recurring-billing': [
    'NOT_YET_ACTIVATED',
    '→active',
    'REACTIVATE_FIRST',
    'REACTIVATE_FIRST',
    'REACTIVATE_FIRST',
    '→reactivated',
    'ALREADY_DELETED',
  ],
  'cancel-now': [
    '→deleted',
    '→cancelled',
    'ALREADY_EXPIRED',
    'ALREADY_DISABLED',
    'ALREADY_CANCELLED',
    '→cancelled',
    'ALREADY_DELETED',
  ],
  'cancel-at-term-end': [
    '→deleted',
    '→active',
    'ALREADY_EXPIRED',
    'ALREADY_DISABLED',
    'ALREADY_CANCELLED',
    '→reactivated',
    'ALREADY_DELETED',
  ],
  'undo-scheduled-cancel': [
    'NOTHING_SCHEDULED',
    '→active',
    'ENDED_USE_REACTIVATE',
    'ENDED_USE_REACTIVATE',
    'ENDED_USE_REACTIVATE',
    '→reactivated',
    'ALREADY_DELETED',
  ],
  reactivate: [
    'NOT_YET_ACTIVATED',
    'ALREADY_ACTIVE',
    '→reactivated',
    '→reactivated',
    '→active',
    'REACTIVATION_IN_PROGRESS',
    'ALREADY_DELETED',
  ],
  disable: ['→disabled', '→disabled', '→disabled', '→disabled', '→cancelled', '→disabled', 'ALREADY_DELETED'],
  'assign-license': [
    'LICENSE_ASSIGNMENT_FROZEN',
    '→active',
    '→expired',
    'LICENSE_ASSIGNMENT_FROZEN',
    'LICENSE_ASSIGNMENT_FROZEN',
    '→reactivated',
    'ALREADY_DELETED',
  ],
  'unassign-license': [
    'NOT_ASSIGNED',
    '→active',
    '→expired',
    '→disabled',
    '→cancelled',
    '→reactivated',
    'ALREADY_DELETED',
  ],
  'move-license': [
    'LICENSE_ASSIGNMENT_FROZEN',
    '→active',
    '→expired',
    '→disabled',
    '→cancelled',
    '→reactivated',
    'ALREADY_DELETED',
  ],
  'add-payment-method': [
    '→pending',
    '→active',
    '→expired',
    '→disabled',
    '→cancelled',
    '→reactivated',
    'ALREADY_DELETED',
  ],
  'replace-payment-method': [
    '→pending',
    '→active',
    '→expired',
    '→disabled',
    '→cancelled',
    '→reactivated',
    'ALREADY_DELETED',
  ],
  ...furtherMatrix,
};

const elsewhere = { subscriptionId: 's2', revision: 7, assignedAt: '2026-06-01T00:00:00.000Z' };

const bodies: Record<string, unknown> = {
  ...furtherBodies,
  'set-recurring-billing': { on: false },
  reactivate: { paymentMethod: card },
  disable: { reason: 'fraud' },
  'assign-license': { personId: 'bob' },
  'unassign-license': { personId: 'alice' },
  // The seat that `withSeat` gives, by the third event of the subscription.
  'move-license': { personId: 'alice', heldSince: 2, to: elsewhere },
  'add-payment-method': { paymentMethod: card },
  'replace-payment-method': { paymentMethod: card },
};

/** What a command needs to have happened before. */
function prepare(subject: Subject, command: string): void {
  const { header } = subject;
  const runs = header.status === 'active' || header.status === 'reactivated';
  if (command === 'undo-scheduled-cancel' && runs) subject.accept('cancel-at-term-end');
}

for (const [command, cells] of Object.entries(matrix)) {
  subscriptionStatuses.forEach((status, column) => {
    const cell = cells[column] ?? '';
    test(`${command} while ${status}: ${cell}`, () => {
      const subject = prepareFurther(command, status) ?? withSeat(status, command);
      prepare(subject, command);
      assert.is(subject.header.status, status);
      const before = subject.log.length;
      const decision = subject.command(command as SubscriptionCommandName, bodies[command]);
      if (cell.startsWith('→')) {
        // What a linked payment does, its fact records.
        const isElsewhere = command === 'link-payment';
        assert.is(decision.kind, isElsewhere ? 'nothing' : 'accepted');
        assert.is(subject.header.status, cell.slice(1));
        assert.is(subject.log.length > before, !isElsewhere);
      } else {
        assert.equal(decision.kind === 'refused' && decision.reasonCodes, [cell]);
        assert.is(subject.log.length, before);
      }
    });
  });
}

/** Alice holds a seat where the command takes one away. */
function withSeat(status: (typeof subscriptionStatuses)[number], command: string): Subject {
  return command === 'unassign-license' || command === 'move-license' ? holding(status) : inState[status]();
}

test('every command that exists is in this table, and the table is what the machine does', () => {
  assert.equal(Object.keys(matrix).sort(), Object.keys(stateAnswers).sort());
  for (const command of Object.keys(stateAnswers) as (keyof typeof stateAnswers)[]) {
    for (const status of subscriptionStatuses) {
      const transitions = subscriptionMachine.states[status]?.transitions.get(command) ?? [];
      assert.is(transitions.length > 0, stateAnswers[command][status] === undefined, `${command} while ${status}`);
    }
  }
});

test.run();
