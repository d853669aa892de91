export * from './event-message/index.ts';
