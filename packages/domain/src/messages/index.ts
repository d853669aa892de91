export type { Message, Text } from './message.ts';
export {
  intakeOutcomes,
  isReasonCode,
  reasonCodes,
  reasonMessages,
  type IntakeOutcome,
  type ReasonCode,
} from './reason-codes.ts';
export { meaningOf, remediesFor, type RemedyDetails } from './remedies.ts';
export { languageOf, noticeText, noticeTexts, type NoticeText } from './notices.ts';
