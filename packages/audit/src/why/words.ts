import type { DeadlineKind, SubscriptionStatus } from '@perennial/domain';

/** A text in both languages (`domain.md 6.4`). */
export type Sentence = { readonly en: string; readonly nl: string };

/** Statuses in words. */
export const statusWords: { readonly [S in SubscriptionStatus]: Sentence } = {
  pending: { en: 'not yet activated', nl: 'nog niet geactiveerd' },
  active: { en: 'active', nl: 'actief' },
  expired: { en: 'expired', nl: 'verlopen' },
  disabled: { en: 'disabled', nl: 'uitgeschakeld' },
  cancelled: { en: 'cancelled', nl: 'geannuleerd' },
  reactivated: { en: 'reactivated, payment under way', nl: 'opnieuw geactiveerd, betaling onderweg' },
  deleted: { en: 'deleted', nl: 'verwijderd' },
};

/** What passed at a deadline. */
export const deadlineWords: { readonly [K in DeadlineKind]: Sentence } = {
  start: { en: 'its start came', nl: 'de begindatum aanbrak' },
  'hold-end': { en: 'the hold ended', nl: 'de onderbreking afliep' },
  'seat-change': { en: 'the scheduled change of seats came', nl: 'de geplande wijziging van licenties inging' },
  'plan-change': { en: 'the scheduled change of plan came', nl: 'de geplande overstap van plan inging' },
  'seat-conflict': {
    en: 'the time to resolve the licence conflict ended',
    nl: 'de termijn voor het licentieconflict afliep',
  },
  'first-payment': { en: 'the first payment did not come in time', nl: 'de eerste betaling niet op tijd kwam' },
  cancel: { en: 'the scheduled cancellation came', nl: 'de geplande annulering inging' },
  'term-end': { en: 'the term ended', nl: 'de periode afliep' },
  'dunning-end': { en: 'the time to pay the arrears ended', nl: 'de termijn voor de achterstand afliep' },
  chargeback: { en: 'the time after the chargeback ended', nl: 'de termijn na de terugvordering afliep' },
  'grace-end': { en: 'the grace period ended', nl: 'de respijtperiode afliep' },
  'reactivation-confirm': {
    en: 'the reactivation was not paid in time',
    nl: 'de heractivering niet op tijd betaald was',
  },
  'retention-end': { en: 'the retention period ended', nl: 'de bewaartermijn afliep' },
};
