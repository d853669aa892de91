import { directMosa2020v1 } from './direct-mosa-2020.ts';
import type { PolicyProfile } from './profile.ts';

/** Enterprise agreements over several years, bought directly. What is not named here is as in {@link directMosa2020v1}. */
export const enterpriseMultiyearV1: PolicyProfile = {
  ...directMosa2020v1,
  name: 'enterprise-multiyear',
  version: 1,

  // `domain.md 1.2`, enterprise multi-year; the ninety days of retention are those of every direct one.
  expiredGrace: 'P90D',
  // `domain.md 1.2`, trial (2024): from the same page as the row above.
  trialEnd: 'convert_with_payment_method',
};
