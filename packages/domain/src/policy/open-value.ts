import { directMosa2020v1 } from './direct-mosa-2020.ts';
import type { PolicyProfile } from './profile.ts';

/** Open and Open Value: prepaid by a token or key. What is not named here is as in {@link directMosa2020v1}. */
export const openValueV1: PolicyProfile = {
  ...directMosa2020v1,
  name: 'open-value',
  version: 1,

  // `domain.md 1.2`: the term starts when the token is activated, however long after the purchase.
  firstPaymentWindow: null,
  // `domain.md 1.2`: thirty and ninety days, and unlike the rest of volume licensing with the service on.
  expiredGrace: 'P30D',
  disabledRetention: 'P90D',
  // `domain.md 1.7`: what is prepaid by key is reduced by renewing with a smaller one, never given back in money.
  cancellationCredit: 'none',
  reactivation: {
    ...directMosa2020v1.reactivation,
    // `domain.md 1.5`, volume licensing: by a renewal order or a new key.
    fromStates: [],
    byProductKey: true,
  },
  latePayment: { ...directMosa2020v1.latePayment, inGrace: 'ask', inDisabled: 'credit' },
};
