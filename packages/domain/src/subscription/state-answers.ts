import type { ReasonCode } from '../messages/index.ts';
import type { SubscriptionStatus } from './header.ts';
import type { MachineCommand } from './situation.ts';

const started = { pending: 'NOT_YET_ACTIVATED', deleted: 'ALREADY_DELETED' } as const;
const reactivateFirst = {
  expired: 'REACTIVATE_FIRST',
  disabled: 'REACTIVATE_FIRST',
  cancelled: 'REACTIVATE_FIRST',
} as const;
const alreadyEnded = {
  expired: 'ALREADY_EXPIRED',
  disabled: 'ALREADY_DISABLED',
  cancelled: 'ALREADY_CANCELLED',
  deleted: 'ALREADY_DELETED',
} as const;

/**
 * Commands × states (`domain.md 6.2`): the code with which a state refuses a command; absent = allowed there, so that the
 * machine has a transition. A test holds table and machine equal.
 */
export const stateAnswers: Readonly<
  Record<MachineCommand['name'], Readonly<Partial<Record<SubscriptionStatus, ReasonCode>>>>
> = {
  activate: { active: 'ALREADY_ACTIVE', ...alreadyEnded, reactivated: 'ALREADY_ACTIVE' },
  // What a state has against one mode only, its guards say.
  'redeem-key': { deleted: 'ALREADY_DELETED' },
  'set-recurring-billing': { ...started, ...reactivateFirst },
  'cancel-now': alreadyEnded,
  'cancel-at-term-end': alreadyEnded,
  'undo-scheduled-cancel': {
    pending: 'NOTHING_SCHEDULED',
    expired: 'ENDED_USE_REACTIVATE',
    disabled: 'ENDED_USE_REACTIVATE',
    cancelled: 'ENDED_USE_REACTIVATE',
    deleted: 'ALREADY_DELETED',
  },
  reactivate: { ...started, active: 'ALREADY_ACTIVE', reactivated: 'REACTIVATION_IN_PROGRESS' },
  disable: { deleted: 'ALREADY_DELETED' },
  'assign-license': {
    pending: 'LICENSE_ASSIGNMENT_FROZEN',
    disabled: 'LICENSE_ASSIGNMENT_FROZEN',
    cancelled: 'LICENSE_ASSIGNMENT_FROZEN',
    deleted: 'ALREADY_DELETED',
  },
  'unassign-license': { pending: 'NOT_ASSIGNED', deleted: 'ALREADY_DELETED' },
  // Out of what has ended; into it the other subscription's guards do not let.
  'move-license': { pending: 'LICENSE_ASSIGNMENT_FROZEN', deleted: 'ALREADY_DELETED' },
  'add-seats': { ...started, ...reactivateFirst },
  'remove-seats': { ...started, ...reactivateFirst, reactivated: 'REACTIVATION_IN_PROGRESS' },
  'change-plan': { ...started, ...reactivateFirst, reactivated: 'REACTIVATION_IN_PROGRESS' },
  pause: { pending: 'NOT_YET_ACTIVATED', ...alreadyEnded },
  suspend: { pending: 'NOT_YET_ACTIVATED', ...alreadyEnded },
  resume: {
    pending: 'NOT_PAUSED',
    expired: 'NOT_PAUSED',
    disabled: 'NOT_PAUSED',
    cancelled: 'NOT_PAUSED',
    deleted: 'ALREADY_DELETED',
  },
  'extend-trial': {
    ...started,
    expired: 'TRIAL_NOT_REACTIVATABLE',
    disabled: 'TRIAL_NOT_REACTIVATABLE',
    cancelled: 'TRIAL_NOT_REACTIVATABLE',
    reactivated: 'NOT_A_TRIAL',
  },
  'convert-trial': {
    ...started,
    disabled: 'REACTIVATE_FIRST',
    cancelled: 'REACTIVATE_FIRST',
    reactivated: 'NOT_A_TRIAL',
  },
  'support-reactivate': { ...started, active: 'ALREADY_ACTIVE', reactivated: 'REACTIVATION_IN_PROGRESS' },
  'pay-balance': started,
  'export-data': started,
  'delete-now': { active: 'NOT_DELETABLE_YET', reactivated: 'NOT_DELETABLE_YET', deleted: 'ALREADY_DELETED' },
  'link-payment': {},
  'add-note': {},
  'correct-fact': {},
  'update-payment-method': { deleted: 'ALREADY_DELETED' },
  'add-payment-method': { deleted: 'ALREADY_DELETED' },
  'replace-payment-method': { deleted: 'ALREADY_DELETED' },
};
