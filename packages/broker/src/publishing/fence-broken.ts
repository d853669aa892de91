import { BrokerError } from '../errors/broker-error.ts';
import {
  isLimitReached,
  isNoResponders,
  isTimeout,
  isWrongLastMessageId,
  isWrongLastSequence,
} from '../errors/questions.ts';

/** What broke the chain of sequences. */
export type FenceBreak =
  | 'wrong-last-sequence'
  | 'wrong-last-message-id'
  | 'duplicate'
  | 'unexpected-sequence'
  | 'timeout'
  | 'no-responders'
  | 'limit-reached'
  | 'closed'
  | 'failed';

/**
 * The chain of expected sequences broke. Whether the messages in flight were stored is unknown: read the end of the
 * stream and go on after it with a new publisher.
 */
export class FenceBrokenError extends BrokerError {
  override readonly name = 'FenceBrokenError';

  constructor(
    readonly stream: string,
    readonly reason: FenceBreak,
    detail: string,
    options?: ErrorOptions,
  ) {
    super(
      'FENCE_BROKEN',
      `Publishing to ${stream} stopped (${reason}): ${detail}. Read its last message and go on there.`,
      options,
    );
  }
}

/** Names what a failed publish says about the chain. */
export function fenceBreakOf(error: unknown): FenceBreak {
  if (isWrongLastSequence(error)) return 'wrong-last-sequence';
  if (isWrongLastMessageId(error)) return 'wrong-last-message-id';
  if (isTimeout(error)) return 'timeout';
  if (isNoResponders(error)) return 'no-responders';
  return isLimitReached(error) ? 'limit-reached' : 'failed';
}
