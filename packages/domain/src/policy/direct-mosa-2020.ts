import type { PolicyProfile } from './profile.ts';
import { authority2020 } from './authority-2020.ts';

/** The default: bought directly, rules of 2020 (`domain.md 6.6` and the sources named at each value). */
export const directMosa2020v1: PolicyProfile = {
  name: 'direct-mosa-2020',
  version: 1,

  // `domain.md 6.6`: like the first invoice of a payment provider.
  firstPaymentWindow: 'PT23H',
  // `domain.md 1.2` and `1.3`: a month, once thirty days more, asked for in the last fifteen.
  trialLength: 'P1M',
  trialExtension: 'P30D',
  trialExtensionCountMax: 1,
  trialExtensionWindow: 'P15D',
  // `domain.md 1.2`, trial (2020): thirty days to buy, then erased.
  trialGrace: 'P30D',
  // `domain.md 1.3`, MOSA: at any time, in every country.
  cancellationWindow: null,
  cancellationWindowByCountry: {},
  // `domain.md 1.6`: retried every few days for thirty days.
  dunningWindow: 'P30D',
  acceleratedDunningWindow: 'P2D',
  retryPlan: ['P3D', 'P6D', 'P9D', 'P12D', 'P15D', 'P18D', 'P21D', 'P24D', 'P27D'],
  // `domain.md 1.6`: unpaid after a chargeback, deactivated within one day.
  chargebackDisable: 'P1D',
  // `domain.md 1.2`, direct, all terms.
  expiredGrace: 'P30D',
  disabledRetention: 'P90D',
  // `domain.md 1.2`, cancelled mid-term; of "30 or 90 days" (`domain.md 1.11`, 2) the longer one, which loses nobody's data.
  cancelledRetention: 'P90D',
  dataPurgeAtLatest: 'P180D',
  suspendedForPayment: null,
  // `domain.md 6.1`: first-invoice window, ten working days of a wire, thirty days of a Boleto (`domain.md 1.6`).
  reactivationConfirm: {
    card: { duration: 'PT23H', workingDays: false },
    bank: { duration: 'P10D', workingDays: true },
    invoice: { duration: 'P10D', workingDays: true },
    boleto: { duration: 'P30D', workingDays: false },
  },
  // `domain.md 6.1`: a publisher keeps data seven days at least.
  minAfterFailedReactivation: 'P7D',
  // `domain.md 1.7`: ninety days to resolve for people's seats, at once for storage.
  seatConflict: 'P90D',
  seatConflictStorage: 'P0D',
  // `domain.md 1.7`: no window for a MOSA account.
  seatReductionWindow: null,
  // `domain.md 2.1`: keys add time up to five years ahead.
  prepaidCap: 'P5Y',
  // `domain.md 1.5`: up to two working days.
  creditCheck: { duration: 'P2D', workingDays: true },
  // `domain.md 1.9`: an app may be offline this long; a sign-out reaches it within this.
  appOfflineTolerance: 'P30D',
  remoteSignOutLag: 'PT72H',
  noticesBeforeDeadline: ['P30D', 'P14D', 'P7D', 'P3D', 'P1D'],
  dunningNotices: ['P1D', 'P7D', 'P15D'],

  // `domain.md 1.11`, 7: grace in 2020.
  trialEnd: 'grace',
  // `domain.md 1.3`: 25 itself is ambiguous in 2020 (`domain.md 1.11`, 5); it is self-service here.
  cancelSeatLimit: 25,
  cancelSeatLimitCounts: 'purchased',
  cancellationWindowFromEachRenewal: false,
  // `domain.md 1.3`: prorated credit, and a custom domain must be removed first.
  cancellationCredit: 'prorated',
  cancelNeedsDomainRemoved: true,
  // `domain.md 1.1`: everything works while expired.
  expiredAccess: 'full',
  assignWhileExpired: true,
  // `domain.md 1.3`: Delete subscription, with double confirmation.
  deletableBeforeRetentionEnds: true,
  deletionNeedsConfirmation: true,
  // `domain.md 1.6`: accelerated dunning came with the newer accounts.
  dunningAfterFinalFailure: 'regular',
  // `domain.md 6.1`, 6.3 and 6.9: both cut off; billing goes on under a suspension, a pause gives its time back.
  holds: {
    pause: { blocksAccess: true, blocksChanges: true, blocksBilling: true, movesTermEnd: true },
    suspend: { blocksAccess: true, blocksChanges: true, blocksBilling: false, movesTermEnd: false },
  },
  // `domain.md 1.11`, 6: as the Microsoft page has it.
  heldAtTermEnd: 'expired',
  providerSuspension: 'hold',
  seatReductionWindowFromEachRenewal: false,
  seatReductionNeedsRecurringBilling: false,
  // `domain.md 1.7`: blocked until enough are unassigned; by a renewal a conflict.
  seatsBelowAssigned: { now: 'refuse', atRenewal: 'conflict' },
  // No source says who loses a seat; whoever got it last has worked with it least.
  seatConflictLapse: 'unassign_newest',
  reactivation: {
    // `domain.md 6.1`: active after submitting details.
    access: 'on_request',
    // `domain.md 1.4`: the same subscription; an expired one is extended from its old end.
    keepsSubscription: true,
    byProductKey: true,
    expiredTermStart: 'old_end',
    fromStates: ['expired', 'disabled', 'cancelled'],
    // `domain.md 6.4`, guards of Reactivate.
    allowedDisableReasons: ['grace_elapsed', 'nonpayment', 'admin'],
    // `domain.md 1.5`.
    blockedChannels: ['reseller', 'volume', 'marketplace', 'partner-benefit'],
  },
  // `domain.md 6.3`, late-payment defaults.
  latePayment: {
    inGrace: 'auto_if_recurring',
    inDisabled: 'auto',
    autoDisableReasons: ['nonpayment', 'grace_elapsed'],
  },
  // `domain.md 6.3`: the default.
  fullRefundOfCurrentTerm: 'cancel',
  providerOwnsPlanAndSeats: false,
  // `domain.md 1.8`: five computers, five tablets, five phones.
  devicesPerKindMax: 5,

  ...authority2020,
};
