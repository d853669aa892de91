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
import { setup } from 'xstate';
import type { DecidedEvent } from './events.ts';
import * as facts from './fact-guards.ts';
import { refusals } from './guards.ts';
import type { FactStep, MachineCommand, MachineEvent, MachineEventOf, Situation } from './situation.ts';
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
import { activate } from './transitions/activation.ts';
import * as ending from './transitions/ending.ts';
import * as payments from './transitions/payments.ts';
import * as disputes from './transitions/payments-disputes.ts';
import * as keys from './transitions/product-key.ts';
import * as reactivation from './transitions/reactivation.ts';
import * as holds from './transitions/holds.ts';
import * as schedule from './transitions/schedule.ts';
import * as seats from './transitions/seats.ts';
import * as successor from './transitions/successor.ts';
import * as settings from './transitions/settings.ts';
import * as support from './transitions/support.ts';
import * as trials from './transitions/trials.ts';

type Args = { readonly context: Situation; readonly event: MachineEvent };

const specification = setup({
  types: {
    // Types only: xstate reads nothing from these values.
    context: {} as Situation,
    events: {} as MachineEvent,
    emitted: {} as DecidedEvent,
  },
});

/** An action that emits what a pure function makes of the situation and the event. */
function emits<T extends MachineEvent['type']>(
  types: T | readonly T[],
  events: (situation: Situation, event: MachineEventOf<T>) => readonly DecidedEvent[],
) {
  return specification.enqueueActions(({ context, event, enqueue }) => {
    if (![types].flat().includes(event.type as T)) throw new TypeError(`no ${event.type} is expected here`);
    // Checked on the line above: the event is of one of these types.
    for (const emitted of events(context, event as MachineEventOf<T>)) enqueue.emit(emitted);
  });
}

/** A guard on a payment fact. */
function about(question: (situation: Situation, step: FactStep) => boolean): (args: Args) => boolean {
  return ({ context, event }) => 'fact' in event && question(context, event);
}

const lifecycle = specification.extend({
  guards: {
    allowed: ({ context, event }) =>
      // Guarded by `allowed` are only commands, whose events are named like them.
      refusals(context, { name: event.type, body: 'body' in event ? event.body : {} } as MachineCommand).length === 0,

    makesSuccessor: ({ context, event }) =>
      event.type === 'reactivate' &&
      !context.policy.reactivation.keepsSubscription &&
      refusals(context, { name: event.type, body: event.body }).length === 0,

    keyGivesTime: ({ context, event }) =>
      event.type === 'redeem-key' &&
      refusals(context, { name: event.type, body: event.body }).length === 0 &&
      keys.keyTerm(context, event.body) !== null,

    paysCurrentTerm: about((situation, step) => payments.covers(situation, step, 'current')),
    paysNextTerm: about((situation, step) => payments.covers(situation, step, 'next')),
    waitsForItsTerm: about((situation, step) => payments.isForLaterTerm(situation, step)),
    isShort: about((situation, step) => payments.concernsUnpaidTerm(situation, step)),
    paysLateInGrace: about(facts.paysLateInGrace),
    paysLateWhenDisabled: about(facts.paysLateWhenDisabled),
    clearsLastReason: about(
      (situation, step) => facts.settlesArrears(situation, step) && facts.isOnlyNonpayment(situation),
    ),
    clearsOneReason: about((situation, step) => facts.settlesArrears(situation, step)),
    settlesReactivation: about(reactivation.settlesReactivation),
    isForReactivation: about(reactivation.isForReactivation),
    nothingOwed: ({ context, event }) =>
      event.type === 'confirm' && context.header.reactivation?.settlementNeeded === false,

    entersArrears: about(
      (situation, step) => payments.concernsUnpaidTerm(situation, step) && !holds.isBillingBlocked(situation),
    ),
    suspendsByDisabling: ({ context, event }) =>
      event.type === 'suspend' &&
      context.policy.providerSuspension === 'disable' &&
      refusals(context, { name: event.type, body: event.body }).length === 0,
    isFirstFailure: about(({ header }) => !header.chargeFailed),
    isFinalForExpired: about((situation, step) => facts.failsReactivation(situation, step, 'expired')),
    isFinalForDisabled: about((situation, step) => facts.failsReactivation(situation, step, 'disabled')),
    isFinalForCancelled: about((situation, step) => facts.failsReactivation(situation, step, 'cancelled')),

    endsInsideTerm: about(facts.endsInsideTerm),
    refundsStart: about(facts.refundsStart),
    refundsCurrentTerm: about(
      (situation, step) =>
        situation.policy.fullRefundOfCurrentTerm === 'cancel' && payments.refundedTerm(situation, step) === 'current',
    ),
    refundsTermAhead: about((situation, step) => payments.refundedTerm(situation, step) === 'ahead'),
    refundsForExpired: about((situation, step) => facts.refundsReactivation(situation, step, 'expired')),
    refundsForDisabled: about((situation, step) => facts.refundsReactivation(situation, step, 'disabled')),
    refundsForCancelled: about((situation, step) => facts.refundsReactivation(situation, step, 'cancelled')),

    neverStarted: ({ context }) => context.header.termStart === null,
    endsArrears: about(({ header }, step) => header.pastDue?.payment === step.payment),
    winsBackTerm: about((situation, step) => disputes.winsLastReason(situation, step) && facts.isInTerm(situation)),
    winsBackStart: about(
      (situation, step) => disputes.winsLastReason(situation, step) && situation.header.termStart === null,
    ),

    paysBalance: about(payments.paysBalance),
    isTrial: ({ context }) => context.header.trial,
    convertsByItself: ({ context }) => trials.convertsByItself(context),
    endsHeldAndDisabled: ({ context }) =>
      context.policy.heldAtTermEnd === 'disabled' && context.header.holds.length > 0,
    cameFromExpired: ({ context }) => context.header.reactivation?.fromState === 'expired',
    cameFromDisabled: ({ context }) => context.header.reactivation?.fromState === 'disabled',
    cameFromCancelled: ({ context }) => context.header.reactivation?.fromState === 'cancelled',
  },
  actions: {
    activate: emits(['activate', 'deadline.start'], (situation) => activate(situation)),
    turnRecurringBilling: emits('set-recurring-billing', settings.setRecurringBilling),
    cancelByCustomer: emits('cancel-now', (situation, { body }) => ending.cancel(situation, 'customer', body.reason)),
    cancelBySchedule: emits('deadline.cancel', (situation) => ending.cancel(situation, 'schedule')),
    scheduleCancellation: emits('cancel-at-term-end', ending.scheduleCancellation),
    undoCancellation: emits('undo-scheduled-cancel', (situation) => ending.undoCancellation(situation)),
    abandonStart: emits(['cancel-now', 'cancel-at-term-end'], (situation) => ending.remove(situation, 'never_started')),
    expire: emits('deadline.term-end', (situation) => ending.expire(situation)),
    disableAfterGrace: emits('deadline.grace-end', (situation) => ending.disableAfterGrace(situation)),
    disableAfterDunning: emits('deadline.dunning-end', (situation) => ending.disable(situation, 'nonpayment')),
    disableAfterDispute: emits('deadline.chargeback', (situation) => ending.disable(situation, 'chargeback')),
    disable: emits('disable', (situation, { body }) => ending.disable(situation, body.reason)),
    addDisableReason: emits('disable', (situation, { body }) => ending.addDisableReason(situation, body.reason)),
    deleteUnpaid: emits('deadline.first-payment', (situation) => ending.remove(situation, 'first_payment_unpaid')),
    deleteAfterRetention: emits(['deadline.retention-end', 'deadline.grace-end'], (situation) =>
      ending.remove(situation, 'retention_elapsed'),
    ),
    reactivate: emits('reactivate', reactivation.reactivate),
    reserveSuccessor: emits('reactivate', successor.reserveSuccessor),
    reactivateByPayment: emits('fact.settled', reactivation.reactivateByPayment),
    confirm: emits('confirm', (situation, { step }) => reactivation.confirm(situation, step)),
    confirmByPayment: emits('fact.settled', (situation, step) => reactivation.confirm(situation, step)),
    failDeclined: emits('fact.failed', (situation, step) => reactivation.failBack(situation, 'declined', step)),
    failRefunded: emits('fact.refunded', (situation, step) => reactivation.failBack(situation, 'refunded', step)),
    failUnconfirmed: emits(['deadline.reactivation-confirm', 'deadline.term-end'], (situation) =>
      reactivation.failBack(situation, 'expired', null),
    ),
    changePaymentMethod: emits(['add-payment-method', 'replace-payment-method'], settings.changePaymentMethod),
    assignLicense: emits('assign-license', settings.assignLicense),
    unassignLicense: emits('unassign-license', settings.unassignLicense),
    moveLicense: emits('move-license', settings.moveLicense),
    updatePaymentMethod: emits('update-payment-method', support.updatePaymentMethod),
    applyKey: emits('redeem-key', keys.applyKey),
    activateByKey: emits('redeem-key', keys.activateByKey),
    reactivateByKey: emits('redeem-key', keys.reactivateByKey),
    confirmByKey: emits('redeem-key', keys.confirmByKey),
    addSeats: emits('add-seats', seats.addSeats),
    removeSeats: emits('remove-seats', seats.removeSeats),
    applySeatChange: emits('deadline.seat-change', (situation) => schedule.applySeatChange(situation)),
    applyPlanChange: emits('deadline.plan-change', (situation) => schedule.applyPlanChange(situation)),
    announceSeatConflict: emits('seats.reconcile', (situation) => seats.announceConflict(situation)),
    lapseSeatConflict: emits('deadline.seat-conflict', (situation) => seats.lapseConflict(situation)),
    changePlan: emits('change-plan', seats.changePlan),
    placeHold: emits(['pause', 'suspend'], holds.placeHold),
    disableBySuspension: emits('suspend', (situation) => ending.disable(situation, 'nonpayment')),
    releaseHold: emits('resume', holds.releaseHold),
    releaseDueHolds: emits('deadline.hold-end', (situation) => holds.releaseDueHolds(situation)),
    disableHeld: emits('deadline.term-end', (situation) => ending.disable(situation, 'grace_elapsed')),
    extendTrial: emits('extend-trial', (situation) => trials.extendTrial(situation)),
    convertTrial: emits('convert-trial', trials.convertTrial),
    convertAtTrialEnd: emits('deadline.term-end', (situation) => trials.convertAtTrialEnd(situation)),
    supportReactivate: emits('support-reactivate', support.supportReactivate),
    requestBalancePayment: emits('pay-balance', (situation) => support.requestBalancePayment(situation)),
    deleteOnRequest: emits('delete-now', (situation) => ending.remove(situation, 'requested')),
    exportData: emits('export-data', (situation) => support.exportData(situation)),
    addNote: emits('add-note', support.addNote),
    correctFact: emits('correct-fact', support.correctFact),
    // The payment's own stream records it, and the subscription the fact that follows.
    linkPayment: emits('link-payment', () => []),
    payBalance: emits('fact.settled', payments.payBalance),

    park: emits('fact.settled', (situation, step) => [payments.record(situation, step, 'parked')]),
    payCurrentTerm: emits('fact.settled', payments.payCurrentTerm),
    renew: emits('fact.settled', payments.renew),
    enable: emits('fact.settled', reactivation.clearNonpayment),
    keepBalance: emits('fact.settled', (situation, step) => payments.putOnAccount(situation, step, 'balance')),
    credit: emits('fact.settled', (situation, step) => payments.putOnAccount(situation, step, 'credit')),
    markRefundDue: emits('fact.settled', (situation, step) => [payments.record(situation, step, 'refund_due')]),
    enterPastDue: emits('fact.failed', payments.enterPastDue),
    noteFailedCharge: emits('fact.failed', (situation, step) => [payments.record(situation, step, 'charge_failed')]),
    cancelByRefund: emits('fact.refunded', (situation, step) => [
      payments.record(situation, step, 'refund'),
      ...ending.cancel(situation, 'refund'),
    ]),
    cancelByProvider: emits('fact.ended', (situation, step: FactStep) => [
      payments.record(situation, step, 'ended'),
      ...ending.cancel(situation, 'provider', step.fact.cause),
    ]),
    abandonByProvider: emits('fact.ended', (situation, step) => [payments.record(situation, step, 'ended')]),
    refundStart: emits('fact.refunded', (situation, step) => [payments.record(situation, step, 'refund')]),
    undoRenewal: emits('fact.refunded', payments.undoRenewal),
    noteRefund: emits('fact.refunded', payments.noteRefund),
    awaitCustomer: emits('fact.action_required', payments.awaitCustomer),
    forgetArrears: emits('fact.voided', payments.forgetArrears),
    updateMethod: emits('fact.method_updated', payments.updateMethod),
    addDispute: emits(['fact.dispute_opened', 'fact.dispute_lost'], disputes.addDispute),
    disableByDispute: emits(['fact.dispute_opened', 'fact.dispute_lost'], disputes.disableByDispute),
    failDisputed: emits('fact.dispute_opened', disputes.failDisputed),
    closeDispute: emits('fact.dispute_won', disputes.closeDispute),
    enableByDispute: emits('fact.dispute_won', disputes.enableByDispute),
    note: emits([...facts.notable], (situation, step) => [payments.noteFact(situation, step)]),
  },
});

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
