import { canBuy, notHeld, role, type Guard, type GuardsOf } from './guard.ts';
import { paymentMethodRefusals } from './payment-method-guards.ts';
import { extensionOpensAt } from './transitions/trials.ts';

const isTrial: Pick<Guard<'extend-trial'>, 'codes'> = {
  codes: ({ header }) => [header.status !== 'deleted' && !header.trial && 'NOT_A_TRIAL'],
};

/** Guards of trials (`domain.md 1.3`, `domain.md 6.4`). */
export const trialGuards: GuardsOf<'extend-trial' | 'convert-trial'> = {
  'extend-trial': [
    { codes: role('extend-trial') },
    notHeld,
    isTrial,
    {
      codes: ({ header, policy, at }) => {
        if (header.status !== 'active' || !header.trial) return [];
        const opensAt = extensionOpensAt(header, policy);
        return [
          header.trialExtensions >= policy.trialExtensionCountMax && 'TRIAL_EXTENSION_USED',
          opensAt !== null && at < opensAt && 'TRIAL_EXTENSION_TOO_EARLY',
        ];
      },
    },
  ],
  'convert-trial': [
    { codes: role('convert-trial') },
    notHeld,
    { codes: ({ header }) => [header.status !== 'deleted' && !header.trial && 'NOT_A_TRIAL'] },
    canBuy,
    {
      input: 'paymentMethod',
      codes: (situation, { paymentMethod }) =>
        situation.caller === null ? [] : paymentMethodRefusals(situation, paymentMethod),
    },
  ],
};
