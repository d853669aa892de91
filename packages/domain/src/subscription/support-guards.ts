import { isEnded, notSucceeded, role, type GuardsOf } from './guard.ts';
import { paymentMethodRefusals } from './payment-method-guards.ts';

/** Guards of Support, operators and whoever pays (`domain.md 6.2`, `domain.md 1.6`). */
export const supportGuards: GuardsOf<
  | 'support-reactivate'
  | 'pay-balance'
  | 'update-payment-method'
  | 'delete-now'
  | 'export-data'
  | 'link-payment'
  | 'add-note'
  | 'correct-fact'
> = {
  // An override: channel, reasons and payment do not stand in its way, but what never was cannot come back.
  'support-reactivate': [
    { codes: ({ header }) => [isEnded(header.status) && header.termStart === null && 'NOT_YET_ACTIVATED'] },
    notSucceeded,
    { codes: role('support-reactivate') },
    { codes: ({ header }) => [isEnded(header.status) && header.trial && 'TRIAL_NOT_REACTIVATABLE'] },
    {
      input: 'paymentMethod',
      codes: (situation, { paymentMethod }) =>
        paymentMethod === undefined || situation.caller === null ? [] : paymentMethodRefusals(situation, paymentMethod),
    },
  ],
  'pay-balance': [
    { codes: role('pay-balance') },
    {
      codes: (situation) => {
        const { caller, header } = situation;
        const isAsked = caller !== null && header.status !== 'deleted' && header.paymentMethod !== null;
        return isAsked ? paymentMethodRefusals(situation, header.paymentMethod) : [];
      },
    },
  ],
  'update-payment-method': [
    { codes: role('update-payment-method') },
    {
      codes: ({ header }) => [
        header.status !== 'deleted' && header.paymentMethod === null && 'PAYMENT_METHOD_REQUIRED',
      ],
    },
    {
      input: 'expires',
      codes: (situation, { expires }) => {
        const { header } = situation;
        if (header.paymentMethod === null || header.status === 'deleted') return [];
        return paymentMethodRefusals(situation, {
          ...header.paymentMethod,
          ...(expires === undefined ? {} : { expires }),
        }).filter((code) => expires !== undefined || code !== 'PAYMENT_METHOD_EXPIRED');
      },
    },
    {
      input: 'securityCodeConfirmed',
      codes: (_, { securityCodeConfirmed }) => [!securityCodeConfirmed && 'SECURITY_CODE_REQUIRED'],
    },
  ],
  'delete-now': [
    { codes: role('delete-now') },
    {
      codes: ({ header, policy }) => [
        isEnded(header.status) && !policy.deletableBeforeRetentionEnds && 'NOT_DELETABLE_YET',
      ],
    },
    {
      input: 'confirm',
      codes: ({ header, policy, caller }, { confirm }) => [
        caller !== null &&
          isEnded(header.status) &&
          policy.deletionNeedsConfirmation &&
          confirm !== header.subscriptionId &&
          'CONFIRMATION_REQUIRED',
      ],
    },
  ],
  'export-data': [{ codes: role('export-data') }],
  'link-payment': [{ codes: role('link-payment') }],
  'add-note': [{ codes: role('add-note') }],
  'correct-fact': [{ codes: role('correct-fact') }],
};
