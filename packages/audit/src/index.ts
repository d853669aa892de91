/**
 * Questions about any instant, answered from the log itself, with proof that nothing was altered (`domain.md 6.8`).
 *
 * @module
 */
export * from './evidence/index.ts';
export * from './proof/index.ts';
export { openAudit, type Audit, type AuditOptions, type PersonName, type SubscriptionName } from './open-audit.ts';
export type { When } from './as-of/when.ts';
export type { ActionsRequest } from './as-of/actions-as-of.ts';
export type { PolicyInForce } from './as-of/policy-as-of.ts';
export type { EventChange, FieldChange, SubscriptionDiff } from './diff/diff.ts';
export type { SubscriptionReason, Why, WhyRequest, WhyStep } from './why/why.ts';
export { whySentences, type WhyNames } from './why/sentences.ts';
export type { Sentence } from './why/words.ts';
export type { EventRef, Log } from './log/log.ts';
export type { Because } from './history/because.ts';
export type { Correction } from './history/marks.ts';
export type { HistoryEntry } from './history/entry.ts';
export type { HistoryPage, HistoryRequest } from './history/subscription-history.ts';
export type { KeyHistoryRequest } from './history/key-history.ts';
export type { PaymentHistoryRequest } from './history/payment-history.ts';
export type { DueRow } from './scan/due.ts';
export type { Criteria, FindRequest, FoundPage } from './scan/find.ts';
export type { InStateRow } from './scan/in-state.ts';
export type { RowPage, SubscriptionsRequest } from './scan/scan-subscriptions.ts';
export { relatedKinds, type RelatedKind } from './history/related-streams.ts';
