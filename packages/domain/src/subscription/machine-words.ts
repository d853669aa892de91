/**
 * The words of the machine: its guards and its actions by name. Every guard is a question about the folded state, every
 * action emits the events that a pure function made. Which of them holds where, says machine.ts.
 *
 * @module
 */
import { setup } from 'xstate';
import type { DecidedEvent } from './events.ts';
import * as facts from './fact-guards.ts';
import { refusals } from './guards.ts';
import type { FactStep, MachineCommand, MachineEvent, MachineEventOf, Situation } from './situation.ts';
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
  const expected: ReadonlySet<string> = new Set([types].flat());
  return specification.enqueueActions(({ context, event, enqueue }) => {
    if (!expected.has(event.type)) throw new TypeError(`no ${event.type} is expected here`);
    // Checked on the line above: the event is of one of these types.
    for (const emitted of events(context, event as MachineEventOf<T>)) enqueue.emit(emitted);
  });
}

/** A guard on a payment fact. */
function about(question: (situation: Situation, step: FactStep) => boolean): (args: Args) => boolean {
  return ({ context, event }) => 'fact' in event && question(context, event);
}

/** What the machine can ask and do, by the names that its states use. */
export const lifecycle = specification.extend({
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
      event.body.mode !== 'add-seats' &&
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
