/**
 * The write side: intake of payments, commands, process managers, timers and the relay.
 *
 * @module
 */
export type { Role, RoleState, RoleStatus } from './role/role.ts';
export { startRole, type RoleLifecycle } from './role/start-role.ts';
export { silentLogger, type Logger } from './role/logger.ts';
export { noMetrics, type CounterName, type GaugeName, type HistogramName, type Metrics } from './role/metrics.ts';
export type { Clock, VirtualClock } from './clock/clock.ts';
export { createSystemClock } from './clock/system-clock.ts';
export { ClockWouldGoBackError, followVirtualClock } from './clock/virtual-clock.ts';
export { ensureLog, ForeignLogError, readLogId } from './log/ensure-log.ts';
export type { DecryptedText, PersonVault, TextOwner } from './vault/person-vault.ts';
export { openPersonVault, UnknownPersonError, type PersonVaultOptions } from './vault/open-person-vault.ts';
export type * from './command-handling/command-service.ts';
export { createCommandService } from './command-handling/create-command-service.ts';
export type { CommandServiceOptions } from './command-handling/subscription-writer.ts';
export { foldSubscription, type CachedSubscription } from './command-handling/subscription-aggregate.ts';
export { CommandConflictError } from './command-handling/stream-handler.ts';
export { createLruCache, type CachedState, type StateCache } from './state-cache/state-cache.ts';
export { openSubscriptionCache, type SubscriptionCacheOptions } from './state-cache/open-subscription-cache.ts';
export type { DiskStateCache } from './state-cache/disk-state-cache.ts';
export { startMoves, type MovesOptions, type OpenMoves } from './licenses/start-moves.ts';
export type { MoveName } from './licenses/open-move.ts';
export type { HeldLicenses } from './licenses/person-facts.ts';
export { createErasures, type Erasure, type ErasureOptions, type Erasures } from './erasure/erasures.ts';
export { startErasures, type RecordedErasures, type StartErasuresOptions } from './erasure/start-erasures.ts';
export { createTenantService, type Statement, type TenantFacts, type TenantService } from './tenants/tenant-service.ts';
export { followCatalogue, type CatalogueSource } from './catalogue/follow-catalogue.ts';
export { createLanes, OverloadedError, type Lanes, type LanesOptions } from './lanes/lanes.ts';
export type { ReferenceLookup } from './payments/payment-desk.ts';
export { linkPayments, type FindPayment, type LinkPaymentsOptions, type PaymentName } from './payments/link-payment.ts';
export {
  publishPayment,
  publishRawPayment,
  webhookHeader,
  type PaymentCloudEvent,
  type PublishOutcome,
  type RawPayment,
} from './payments/publish-payment.ts';
export { startIntake, type Intake, type IntakeOptions } from './intake/intake.ts';
export { intakeConsumer } from './intake/intake-consumer.ts';
export { PaymentsNotSettledError, paymentsSettled, type PaymentsSettledOptions } from './intake/payments-settled.ts';
export { resetRelay, startRelay, type RelayOptions } from './relay/relay.ts';
export { EventStoreOlderThanPublishedError, LogMismatchError } from './relay/relay-errors.ts';
export type { DueDeadline, DueDeadlines, ReadModelProgress } from './timers/due-deadlines.ts';
export { startTimers, type Timers, type TimersOptions } from './timers/timers.ts';
export type { MatchablePayment, MatchablePayments } from './matcher/matchable-payments.ts';
export { startMatcher, type Matcher, type MatcherOptions } from './matcher/matcher.ts';
export type * from './product-keys/product-key-service.ts';
export { createProductKeyService, type ProductKeyServiceOptions } from './product-keys/create-product-key-service.ts';
export { KeySecretMissingError } from './product-keys/key-secret.ts';
export { KeyGivenTwiceError } from './product-keys/orders.ts';
export { startRedemptions, type OpenKeys, type RedemptionsOptions } from './product-keys/start-redemptions.ts';
export type { ParkedMessage, ParkedMessages } from './parked/parked-message.ts';
export { createParkedMessages, ParkedRetryError, type ParkedMessagesOptions } from './parked/parked-messages.ts';
export {
  createNoticeService,
  type NoticeReportRequest,
  type NoticeReportResult,
  type NoticeService,
  type NoticeServiceOptions,
  type NoticeTarget,
} from './notices/notice-service.ts';
export {
  startNotices,
  type DueNotice,
  type DueNotices,
  type Notices,
  type NoticesOptions,
} from './notices/start-notices.ts';
export { writeOnce } from './vault/write-once.ts';
