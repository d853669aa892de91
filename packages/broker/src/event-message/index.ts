export * from './message.ts';
export { encodeEventMessage, encodeUndecodableMessage } from './encode.ts';
export { decodeEventMessage, readEventMessageHead, type ReceivedEventMessage } from './decode.ts';
