import { directMosa2020v1 } from './direct-mosa-2020.ts';
import type { PolicyProfile } from './profile.ts';

/** Bought directly under a customer agreement, rules of 2024. What is not named here is as in {@link directMosa2020v1}. */
export const directMca2024v1: PolicyProfile = {
  ...directMosa2020v1,
  name: 'direct-mca-2024',
  version: 1,

  // `domain.md 1.3`, MCA: within seven days of the start or of each renewal, whatever the number of licences.
  cancellationWindow: 'P7D',
  cancellationWindowFromEachRenewal: true,
  cancelSeatLimit: null,
  // `domain.md 1.11`, 7: a trial becomes paid where a payment method is known.
  trialEnd: 'convert_with_payment_method',
  // `domain.md 1.6`, dunning 2025: accelerated for fraud and declines that no retry mends.
  dunningAfterFinalFailure: 'accelerated',
  // `domain.md 1.7`: fewer seats only within seven days of start or renewal, and with recurring billing on.
  seatReductionWindow: 'P7D',
  seatReductionWindowFromEachRenewal: true,
  seatReductionNeedsRecurringBilling: true,
  // `domain.md 1.3`: not possible, waits for the end.
  deletableBeforeRetentionEnds: false,
  reactivation: {
    ...directMosa2020v1.reactivation,
    // `domain.md 1.4`: a new subscription that starts on the day of reactivation.
    keepsSubscription: false,
    expiredTermStart: 'reactivation',
    // `domain.md 1.4`: the page of 2024 drops "disabled by Microsoft"; grace and arrears still end in a way back (`domain.md 1.1`).
    allowedDisableReasons: ['grace_elapsed', 'nonpayment'],
  },
};
