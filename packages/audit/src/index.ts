/**
 * Questions about any instant, answered from the log itself, with proof that nothing was altered (`domain.md 6.8`).
 *
 * @module
 */
export * from './proof/index.ts';
