/**
 * Transitions that several states of the machine share; see machine.ts.
 *
 * @module
 */

/** Who holds a seat. */
export const license = {
  'assign-license': { guard: 'allowed', actions: 'assignLicense' },
  'unassign-license': { guard: 'allowed', actions: 'unassignLicense' },
  'move-license': { guard: 'allowed', actions: 'moveLicense' },
} as const;

/** What is left of {@link license} where licences are frozen: taking them away. */
export const frozenLicense = {
  'unassign-license': license['unassign-license'],
  'move-license': license['move-license'],
} as const;

/** Operators' commands, also on what is deleted. */
export const operations = {
  'link-payment': { guard: 'allowed', actions: 'linkPayment' },
  'add-note': { guard: 'allowed', actions: 'addNote' },
  'correct-fact': { guard: 'allowed', actions: 'correctFact' },
} as const;

/** While it runs or can come back. */
export const started = {
  'pay-balance': { guard: 'allowed', actions: 'requestBalancePayment' },
  'export-data': { guard: 'allowed', actions: 'exportData' },
  'deadline.seat-conflict': { actions: 'lapseSeatConflict' },
} as const;

/** While it runs. */
export const inService = {
  'add-seats': { guard: 'allowed', actions: 'addSeats' },
  pause: { guard: 'allowed', actions: 'placeHold' },
  suspend: [
    { guard: 'suspendsByDisabling', target: 'disabled', actions: 'disableBySuspension' },
    { guard: 'allowed', actions: 'placeHold' },
  ],
  resume: { guard: 'allowed', actions: 'releaseHold' },
  'deadline.hold-end': { actions: 'releaseDueHolds' },
} as const;

/** Over, but not gone. */
export const ended = {
  'support-reactivate': { guard: 'allowed', target: 'reactivated', actions: 'supportReactivate' },
  'delete-now': { guard: 'allowed', target: 'deleted', actions: 'deleteOnRequest' },
} as const;

/** In every state but `deleted`. */
export const everywhere = {
  ...operations,
  'update-payment-method': { guard: 'allowed', actions: 'updatePaymentMethod' },
  'seats.reconcile': { actions: 'announceSeatConflict' },
  'add-payment-method': { guard: 'allowed', actions: 'changePaymentMethod' },
  'replace-payment-method': { guard: 'allowed', actions: 'changePaymentMethod' },
  'fact.noted': { actions: 'note' },
  'fact.action_required': { actions: 'note' },
  'fact.voided': { actions: 'note' },
  'fact.method_updated': { actions: 'updateMethod' },
  'fact.dispute_won': { actions: 'closeDispute' },
  'fact.ended': { actions: 'note' },
} as const;

/** The reason joins those that are there. */
export const disputed = {
  'fact.dispute_opened': { actions: 'addDispute' },
  'fact.dispute_lost': { actions: 'addDispute' },
} as const;

/** The provider's own ending, inside the term (`domain.md 6.10` rule 7). */
export const endedByProvider = [
  { guard: 'endsInsideTerm', target: 'cancelled', actions: 'cancelByProvider' },
  { actions: 'note' },
] as const;

/** Cut off without delay. */
export const cutOff = { target: 'disabled', actions: 'disableByDispute' } as const;

/** What is gone takes no notice: kept, without consequences. */
export const justNoted = {
  'fact.noted': { actions: 'note' },
  'fact.action_required': { actions: 'note' },
  'fact.voided': { actions: 'note' },
  'fact.method_updated': { actions: 'note' },
  'fact.dispute_opened': { actions: 'note' },
  'fact.dispute_won': { actions: 'note' },
  'fact.dispute_lost': { actions: 'note' },
  'fact.ended': { actions: 'note' },
} as const;

/** What the end of the term brings. */
export const scheduling = {
  'set-recurring-billing': { guard: 'allowed', actions: 'turnRecurringBilling' },
  'cancel-at-term-end': { guard: 'allowed', actions: 'scheduleCancellation' },
  'undo-scheduled-cancel': { guard: 'allowed', actions: 'undoCancellation' },
} as const;
