export {
  EmptyLogError,
  headsAtEach,
  headsAtEnd,
  holdsInclusion,
  proveInclusion,
  type HeadsAt,
  type HeadsOptions,
  type InclusionProof,
  type LogRoot,
} from './log-root.ts';
export { TooManyStreamsError, type BrokenChain, type HeadLeaf } from './stream-heads.ts';
export {
  verifyLog,
  type LogVerdict,
  type RootCheck,
  type VerifyLogOptions,
  type VerifyProgress,
} from './verify-log.ts';
export {
  BrokenLogError,
  publishDailyRoot,
  publishRoot,
  readPublishedRoots,
  type PublishedRoot,
  type PublishRootOptions,
} from './published-roots.ts';
export type { ProofStep } from './merkle.ts';
