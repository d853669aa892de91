/**
 * What other suites and the benchmarks share with these tests: a whole Perennial, started as `npm start` starts it.
 *
 * @module
 */
export {
  readEngineUrl,
  startPerennial,
  until,
  type Answer,
  type Perennial,
  type StartOptions,
} from './pipeline/perennial.ts';
