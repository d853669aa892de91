export * from './events.ts';
export type * from './header.ts';
export { lifecycleSchema, openReactivationSchema, type Lifecycle } from './lifecycle.ts';
export * from './commands.ts';
export { licenseSources, type LicenseSource } from './license-events.ts';
export type * from './decision.ts';
export { accessOf, capabilityBucket, type Access } from './access.ts';
export { headerAsOf, stateAsOf, type AsOf, type ExistingSubscription } from './as-of.ts';
export { availableActions } from './actions.ts';
export { deadlinesOf, nextDeadline } from './deadlines.ts';
export { upcomingTransitions, type UpcomingTransition } from './upcoming.ts';
export { decide, policyOf } from './decide.ts';
export { evolveHeader } from './evolve-header.ts';
export { paymentKey } from './fold-payment.ts';
export { DecisionDidNotSettleError } from './simulation.ts';
export { evolve, evolveAll, initialSubscription, type Seat, type SubscriptionState } from './state.ts';
export { placeOf } from './lifecycle-events.ts';
export { withHeaders, type TimelineEntry } from './timeline.ts';
export {
  emptyPagedMap,
  pagedEntries,
  pagedFromParts,
  pagedGet,
  pagedParts,
  type MapPart,
  type PagedMap,
} from './paged-map.ts';
export { chainItems, chainOf, type Chain } from './chain.ts';
export { serviceConflict, type Service, type ServiceConflict } from './service-conflict.ts';
export { applyDeadlines, seatConflictOf, subscriptionView, type SubscriptionView } from './view.ts';
export { asSubscriptionEvent, dataOf, type RecordedSubscriptionEvent } from './recorded.ts';
