import { directMosa2020v1 } from './direct-mosa-2020.ts';
import type { PolicyProfile } from './profile.ts';

/** Bought through a cloud solution partner, new commerce. What is not named here is as in {@link directMosa2020v1}. */
export const cspNceV1: PolicyProfile = {
  ...directMosa2020v1,
  name: 'csp-nce',
  version: 1,

  // `domain.md 1.3`, partner-bought: seven days, in Chile ten, from the start and each renewal (`domain.md 6.6`).
  cancellationWindow: 'P7D',
  cancellationWindowByCountry: { CL: 'P10D' },
  cancellationWindowFromEachRenewal: true,
  cancelSeatLimit: null,
  // `domain.md 1.2`: thirty days with access and without a bill to the partner, then ninety.
  expiredGrace: 'P30D',
  disabledRetention: 'P90D',
  trialEnd: 'convert_with_payment_method',
  dunningAfterFinalFailure: 'accelerated',
  // `domain.md 1.2`, suspended by the partner: the term and its bill go on; at its end expired, as the Microsoft page says
  // (`domain.md 1.11`, 6).
  heldAtTermEnd: 'expired',
  providerSuspension: 'hold',
  // `domain.md 1.7`, seven days.
  seatReductionWindow: 'P7D',
  seatReductionWindowFromEachRenewal: true,
  seatReductionNeedsRecurringBilling: true,
  // `domain.md 1.3`: as for every customer agreement.
  deletableBeforeRetentionEnds: false,
  reactivation: {
    ...directMosa2020v1.reactivation,
    // `domain.md 1.5`: cannot be reactivated, must be bought again.
    fromStates: [],
    byProductKey: false,
  },
  // What cannot be reactivated does not come back by money either. (No source; our choice.)
  latePayment: { ...directMosa2020v1.latePayment, inGrace: 'ask', inDisabled: 'credit' },
};
