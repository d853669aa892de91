export { findCardNumber, isMasked, maskCardNumbers } from './card-number.ts';
export { decidePayment, type PaymentDecision, type PaymentInput } from './decide.ts';
export { endingAsFact } from './ending.ts';
export {
  parkReasons,
  paymentEventSchemas,
  paymentLinkSchema,
  providerEndingSchema,
  quarantineReasons,
  subscriptionIdentitySchema,
  type ParkReason,
  type PaymentEvent,
  type PaymentEventData,
  type PaymentEventType,
  type PaymentLink,
  type PaymentReference,
  type ProviderEnding,
  type QuarantineReason,
  type SubscriptionIdentity,
} from './events.ts';
export { isSameEffect, isSameFact } from './fact-identity.ts';
export { linksOf, referencesOf } from './links.ts';
export {
  evolvePayment,
  initialPayment,
  itemsToApply,
  type ItemStatus,
  type PaymentItem,
  type PaymentState,
  type WaitingItem,
} from './state.ts';
export { unmatchedPaymentRules, waitingSince, type Waiting } from './waiting.ts';
export { paymentFactFromCloudEvent, paymentFactsFromCloudEvents } from './cloudevents/fact.ts';
export { binaryEvent, isBinary, type CloudEventMessage } from './cloudevents/message.ts';
export type { Delivery, PaymentReading, ReadingIssue, Received, UnreadableCode } from './reading.ts';
export { paymentFactsFromStripe } from './stripe/index.ts';
export {
  verifyStripeSignature,
  type SignatureTools,
  type SignatureVerdict,
  type StripeSignatureCheck,
} from './stripe/signature.ts';
