export type { Role, RoleState, RoleStatus } from './role/role.ts';
export { silentLogger, type Logger } from './role/logger.ts';
export { noMetrics, type CounterName, type GaugeName, type HistogramName, type Metrics } from './role/metrics.ts';
export type { Clock, VirtualClock } from './clock/clock.ts';
export type { DecryptedText, PersonVault, TextOwner } from './vault/person-vault.ts';
export type * from './command-handling/command-service.ts';
export type { DueDeadline, DueDeadlines, ReadModelProgress } from './timers/due-deadlines.ts';
export type { MatchablePayment, MatchablePayments } from './matcher/matchable-payments.ts';
export type { ParkedMessage, ParkedMessages } from './parked/parked-message.ts';
