import { directMosa2020v1 } from './direct-mosa-2020.ts';
import type { PolicyProfile } from './profile.ts';

/**
 * Enterprise volume licensing as of 2020. The two years differ in the time while disabled (`domain.md 1.11`, 1), so they are
 * two versions. What is not named here is as in {@link directMosa2020v1}.
 */
export const vlEnterpriseV1: PolicyProfile = {
  ...directMosa2020v1,
  name: 'vl-enterprise',
  version: 1,

  // The agreement is invoiced by the partner: no first charge within hours. (No source; our choice.)
  firstPaymentWindow: null,
  // `domain.md 1.2`: ninety days "in grace", but the service is off from the end date on (`domain.md 1.1`).
  expiredGrace: 'P90D',
  expiredAccess: 'none',
  assignWhileExpired: false,
  // `domain.md 1.2`, volume licensing except Open (2020).
  disabledRetention: 'P30D',
  // An agreement is not cancelled by self-service: the window is never open. (No source; our choice.)
  cancellationWindow: 'P0D',
  cancelSeatLimit: null,
  cancelNeedsDomainRemoved: false,
  cancellationCredit: 'none',
  deletableBeforeRetentionEnds: false,
  // `domain.md 1.7`: a reduction makes what is over unavailable at once.
  seatConflict: 'P0D',
  seatsBelowAssigned: { now: 'conflict', atRenewal: 'conflict' },
  reactivation: {
    ...directMosa2020v1.reactivation,
    // `domain.md 1.5`: by a renewal order with the partner, or by a new product key.
    fromStates: [],
    byProductKey: true,
  },
  latePayment: {
    ...directMosa2020v1.latePayment,
    // As with a reactivation, it takes an order: money alone brings nothing back. (No source; our choice.)
    inGrace: 'ask',
    inDisabled: 'credit',
  },
};

/** Enterprise volume licensing as of 2024. */
export const vlEnterpriseV2: PolicyProfile = {
  ...vlEnterpriseV1,
  version: 2,
  // `domain.md 1.2`, enterprise volume licensing (2024).
  disabledRetention: 'P60D',
};
