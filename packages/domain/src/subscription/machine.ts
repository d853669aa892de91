/**
 * THE SPECIFICATION OF THE LIFECYCLE (`domain.md 6.1` to `6.3`): which command, payment fact or deadline leads from which
 * state to which, under which guard, and what it emits. There is no delay, effect or assignment in it: its context is the
 * folded state, a delay is a deadline in that state, an effect is an event. A transition emits at most one event that
 * changes the status, and emits it last.
 *
 * Transitions of one event are tried from top to bottom. A command is guarded by `allowed`: no reason code speaks against it.
 *
 * @module
 */
import { lifecycle } from './machine-words.ts';
import {
  cutOff,
  disputed,
  ended,
  endedByProvider,
  everywhere,
  frozenLicense,
  inService,
  justNoted,
  license,
  operations,
  scheduling,
  started,
} from './shared-transitions.ts';
import type { Situation } from './situation.ts';

/** The same subscription again, or by policy a new one in its place. */
const wayBack = [
  { guard: 'makesSuccessor', actions: 'reserveSuccessor' },
  { guard: 'allowed', target: 'reactivated', actions: 'reactivate' },
] as const;

/** Also what is left of a key for time where a late fact took away what it was for: nothing that was redeemed is lost. */
const moreSeatsByKey = { guard: 'allowed', actions: 'applyKey' } as const;

/** See the module's description. */
export const subscriptionMachine = lifecycle.createMachine({
  id: 'subscription',
  // A machine needs a context to start with; decisions always bring the folded state (see step.ts).
  context: {} as Situation,
  initial: 'pending',
  states: {
    pending: {
      on: {
        ...everywhere,
        activate: { guard: 'allowed', target: 'active', actions: 'activate' },
        'redeem-key': [{ guard: 'keyGivesTime', target: 'active', actions: 'activateByKey' }, moreSeatsByKey],
        'cancel-now': { guard: 'allowed', target: 'deleted', actions: 'abandonStart' },
        'cancel-at-term-end': { guard: 'allowed', target: 'deleted', actions: 'abandonStart' },
        disable: { guard: 'allowed', target: 'disabled', actions: 'disable' },
        'delete-now': ended['delete-now'],
        'deadline.start': { target: 'active', actions: 'activate' },
        'deadline.first-payment': { target: 'deleted', actions: 'deleteUnpaid' },
        'fact.dispute_opened': cutOff,
        'fact.dispute_lost': cutOff,
        'fact.action_required': { actions: 'awaitCustomer' },
        'fact.settled': { actions: 'park' },
        // Only a tick deletes, once every payment is handled.
        'fact.ended': { actions: 'abandonByProvider' },
        'fact.failed': { actions: 'note' },
        'fact.refunded': [{ guard: 'refundsStart', actions: 'refundStart' }, { actions: 'noteRefund' }],
      },
    },
    active: {
      on: {
        ...everywhere,
        ...started,
        ...inService,
        ...license,
        ...scheduling,
        'redeem-key': { guard: 'allowed', actions: 'applyKey' },
        'remove-seats': { guard: 'allowed', actions: 'removeSeats' },
        'change-plan': { guard: 'allowed', actions: 'changePlan' },
        'extend-trial': { guard: 'allowed', actions: 'extendTrial' },
        'convert-trial': { guard: 'allowed', actions: 'convertTrial' },
        'deadline.seat-change': { actions: 'applySeatChange' },
        'deadline.plan-change': { actions: 'applyPlanChange' },
        'cancel-now': { guard: 'allowed', target: 'cancelled', actions: 'cancelByCustomer' },
        disable: { guard: 'allowed', target: 'disabled', actions: 'disable' },
        'deadline.cancel': { target: 'cancelled', actions: 'cancelBySchedule' },
        'deadline.term-end': [
          { guard: 'convertsByItself', actions: 'convertAtTrialEnd' },
          { guard: 'endsHeldAndDisabled', target: 'disabled', actions: 'disableHeld' },
          { target: 'expired', actions: 'expire' },
        ],
        'deadline.dunning-end': { target: 'disabled', actions: 'disableAfterDunning' },
        'deadline.chargeback': { target: 'disabled', actions: 'disableAfterDispute' },
        'fact.dispute_opened': { actions: 'addDispute' },
        'fact.dispute_lost': cutOff,
        'fact.ended': endedByProvider,
        'fact.action_required': { actions: 'awaitCustomer' },
        'fact.voided': [{ guard: 'endsArrears', actions: 'forgetArrears' }, { actions: 'note' }],
        'fact.settled': [
          { guard: 'paysCurrentTerm', actions: 'payCurrentTerm' },
          { guard: 'paysNextTerm', actions: 'renew' },
          { guard: 'waitsForItsTerm', actions: 'park' },
          { guard: 'paysBalance', actions: 'payBalance' },
          { guard: 'isShort', actions: 'keepBalance' },
          { actions: 'credit' },
        ],
        'fact.failed': [{ guard: 'entersArrears', actions: 'enterPastDue' }, { actions: 'note' }],
        'fact.refunded': [
          { guard: 'refundsCurrentTerm', target: 'cancelled', actions: 'cancelByRefund' },
          { guard: 'refundsTermAhead', actions: 'undoRenewal' },
          { actions: 'noteRefund' },
        ],
      },
    },
    expired: {
      on: {
        ...everywhere,
        ...started,
        ...ended,
        ...license,
        'convert-trial': { guard: 'allowed', target: 'active', actions: 'convertTrial' },
        reactivate: wayBack,
        'redeem-key': [{ guard: 'keyGivesTime', target: 'reactivated', actions: 'reactivateByKey' }, moreSeatsByKey],
        disable: { guard: 'allowed', target: 'disabled', actions: 'disable' },
        'deadline.grace-end': [
          { guard: 'isTrial', target: 'deleted', actions: 'deleteAfterRetention' },
          { target: 'disabled', actions: 'disableAfterGrace' },
        ],
        'deadline.chargeback': { target: 'disabled', actions: 'disableAfterDispute' },
        'fact.dispute_opened': cutOff,
        // Its beginning has cut off already; when only its end is known, access goes after the same time as elsewhere.
        'fact.dispute_lost': { actions: 'addDispute' },
        'fact.settled': [
          { guard: 'paysLateInGrace', target: 'reactivated', actions: 'reactivateByPayment' },
          { actions: 'credit' },
        ],
        'fact.failed': [{ guard: 'isFirstFailure', actions: 'noteFailedCharge' }, { actions: 'note' }],
        'fact.refunded': { actions: 'noteRefund' },
      },
    },
    disabled: {
      on: {
        ...everywhere,
        ...started,
        ...ended,
        ...frozenLicense,
        reactivate: wayBack,
        'redeem-key': [{ guard: 'keyGivesTime', target: 'reactivated', actions: 'reactivateByKey' }, moreSeatsByKey],
        disable: { guard: 'allowed', actions: 'addDisableReason' },
        'deadline.retention-end': { target: 'deleted', actions: 'deleteAfterRetention' },
        // Suspended for non-payment, and the time to pay is over.
        'deadline.cancel': { target: 'cancelled', actions: 'cancelBySchedule' },
        ...disputed,
        'fact.dispute_won': [
          { guard: 'winsBackTerm', target: 'active', actions: 'enableByDispute' },
          { guard: 'winsBackStart', target: 'pending', actions: 'enableByDispute' },
          { actions: 'closeDispute' },
        ],
        'fact.settled': [
          { guard: 'neverStarted', actions: 'park' },
          { guard: 'clearsLastReason', target: 'active', actions: 'enable' },
          { guard: 'clearsOneReason', actions: 'enable' },
          { guard: 'paysLateWhenDisabled', target: 'reactivated', actions: 'reactivateByPayment' },
          { actions: 'credit' },
        ],
        'fact.failed': { actions: 'note' },
        'fact.refunded': [{ guard: 'refundsStart', actions: 'refundStart' }, { actions: 'noteRefund' }],
      },
    },
    cancelled: {
      on: {
        ...everywhere,
        ...disputed,
        ...started,
        ...ended,
        ...frozenLicense,
        reactivate: wayBack,
        'redeem-key': [{ guard: 'keyGivesTime', target: 'reactivated', actions: 'reactivateByKey' }, moreSeatsByKey],
        disable: { guard: 'allowed', actions: 'addDisableReason' },
        'deadline.retention-end': { target: 'deleted', actions: 'deleteAfterRetention' },
        // The customer said no: a payment never resurrects (`domain.md 6.3`, late-payment defaults).
        'fact.settled': { actions: 'credit' },
        'fact.failed': { actions: 'note' },
        'fact.refunded': { actions: 'noteRefund' },
      },
    },
    reactivated: {
      on: {
        ...everywhere,
        ...started,
        ...inService,
        ...license,
        ...scheduling,
        'redeem-key': [{ guard: 'keyGivesTime', target: 'active', actions: 'confirmByKey' }, moreSeatsByKey],
        confirm: { guard: 'nothingOwed', target: 'active', actions: 'confirm' },
        'cancel-now': { guard: 'allowed', target: 'cancelled', actions: 'cancelByCustomer' },
        disable: { guard: 'allowed', target: 'disabled', actions: 'disable' },
        'deadline.cancel': { target: 'cancelled', actions: 'cancelBySchedule' },
        'deadline.term-end': [
          { guard: 'cameFromExpired', target: 'expired', actions: 'failUnconfirmed' },
          { guard: 'cameFromDisabled', target: 'disabled', actions: 'failUnconfirmed' },
          { guard: 'cameFromCancelled', target: 'cancelled', actions: 'failUnconfirmed' },
        ],
        'deadline.reactivation-confirm': [
          { guard: 'cameFromExpired', target: 'expired', actions: 'failUnconfirmed' },
          { guard: 'cameFromDisabled', target: 'disabled', actions: 'failUnconfirmed' },
          { guard: 'cameFromCancelled', target: 'cancelled', actions: 'failUnconfirmed' },
        ],
        'fact.dispute_opened': [
          { guard: 'cameFromExpired', target: 'expired', actions: 'failDisputed' },
          { guard: 'cameFromDisabled', target: 'disabled', actions: 'failDisputed' },
          { guard: 'cameFromCancelled', target: 'cancelled', actions: 'failDisputed' },
        ],
        'fact.dispute_lost': cutOff,
        'fact.ended': endedByProvider,
        'fact.action_required': { actions: 'awaitCustomer' },
        'fact.settled': [
          { guard: 'settlesReactivation', target: 'active', actions: 'confirmByPayment' },
          { guard: 'isForReactivation', actions: 'keepBalance' },
          { actions: 'credit' },
        ],
        'fact.failed': [
          { guard: 'isFinalForExpired', target: 'expired', actions: 'failDeclined' },
          { guard: 'isFinalForDisabled', target: 'disabled', actions: 'failDeclined' },
          { guard: 'isFinalForCancelled', target: 'cancelled', actions: 'failDeclined' },
          { actions: 'note' },
        ],
        'fact.refunded': [
          { guard: 'refundsForExpired', target: 'expired', actions: 'failRefunded' },
          { guard: 'refundsForDisabled', target: 'disabled', actions: 'failRefunded' },
          { guard: 'refundsForCancelled', target: 'cancelled', actions: 'failRefunded' },
          { actions: 'noteRefund' },
        ],
      },
    },
    deleted: {
      on: {
        ...operations,
        'fact.settled': { actions: 'markRefundDue' },
        'fact.failed': { actions: 'note' },
        'fact.refunded': { actions: 'noteRefund' },
        ...justNoted,
      },
    },
  },
});
