export {
  consumerFamily,
  decideProductKey,
  productKeyRefusals,
  redeemedBy,
  type ProductKeyContext,
  type ProductKeyDecision,
  type ProductKeyInput,
  type RedeemedBy,
} from './decide.ts';
export {
  keyOfferSchema,
  productKeyEventSchemas,
  redeemModes,
  type KeyOffer,
  type KeyOrder,
  type ProductKeyEvent,
  type ProductKeyEventData,
  type ProductKeyEventType,
  type RedeemMode,
} from './events.ts';
export { keyEnd } from './extension.ts';
export { keyAlphabet, keyPayloadLength, readKey, readLast5, writeKey, type KeyReading } from './format.ts';
export {
  evolveProductKey,
  initialProductKey,
  productKeyStatus,
  productKeyStatuses,
  type IssuedKey,
  type KeyReservation,
  type ProductKeyState,
  type ProductKeyStatus,
} from './state.ts';
