import { directMosa2020v1 } from './direct-mosa-2020.ts';
import type { PolicyProfile } from './profile.ts';

/** Software sold on a marketplace, which bills and owns it. What is not named here is as in {@link directMosa2020v1}. */
export const marketplaceSaasV1: PolicyProfile = {
  ...directMosa2020v1,
  name: 'marketplace-saas',
  version: 1,

  // `domain.md 6.6`: none; the marketplace waits for the publisher's activation.
  firstPaymentWindow: null,
  // `domain.md 1.2`: no expired phase, the subscription is suspended at once and waits thirty days for payment.
  expiredGrace: 'P0D',
  expiredAccess: 'none',
  assignWhileExpired: false,
  suspendedForPayment: 'P30D',
  // The thirty days of suspension and the seven that a publisher keeps data after them.
  disabledRetention: 'P37D',
  // `domain.md 6.6`: seven days.
  cancelledRetention: 'P7D',
  // `domain.md 6.6`: at once.
  chargebackDisable: 'P0D',
  // The marketplace bills, and gives back what is to be given back; it knows no limit of seats and no domain. (Our choice.)
  cancellationCredit: 'none',
  cancelSeatLimit: null,
  cancelNeedsDomainRemoved: false,
  deletableBeforeRetentionEnds: false,
  // `domain.md 6.10` rule 7: Suspend and Reinstate, plan and quantity are the marketplace's.
  providerSuspension: 'disable',
  providerOwnsPlanAndSeats: true,
  reactivation: {
    ...directMosa2020v1.reactivation,
    // `domain.md 1.6`: stays suspended until the reinstatement has succeeded.
    access: 'on_confirmation',
    byProductKey: false,
    // `domain.md 1.5`: a cancelled one cannot be reactivated; a suspended one is reinstated, by the marketplace itself.
    fromStates: ['disabled'],
    allowedDisableReasons: ['grace_elapsed', 'nonpayment'],
    blockedChannels: ['reseller', 'volume', 'partner-benefit'],
  },
};
