export { instantSchema, anyInstantSchema, type Instant } from './instant.ts';
export { moneySchema, type Money } from './money.ts';
export { paymentFactKinds, paymentFactSchema, type PaymentFact, type PaymentFactKind } from './payment/fact.ts';
export * from './subscription/events.ts';
export type * from './subscription/header.ts';
export * from './subscription/commands.ts';
export type * from './subscription/decision.ts';
