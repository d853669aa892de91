import { isTransient, streams, type Broker } from '@perennial/broker';
import { pause } from '../retry/backoff.ts';
import { intakeInfo } from './intake-consumer.ts';

/** Payments were not all handled in time: intake is down, or retries something that fails. */
export class PaymentsNotSettledError extends Error {
  override readonly name = 'PaymentsNotSettledError';
  readonly code = 'PAYMENTS_NOT_SETTLED';
  constructor(waitedMs: number) {
    super(`Payments stored before were not all applied or parked within ${waitedMs} ms; check that intake runs.`);
  }
}

/** Options of {@link paymentsSettled}. */
export type PaymentsSettledOptions = {
  /** Default 30 s. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
};

/**
 * Resolves when every payment that `PAYMENTS` holds at the time of the call has been applied or parked, by whatever
 * process runs intake.
 * @throws PaymentsNotSettledError
 */
export async function paymentsSettled(broker: Broker, options: PaymentsSettledOptions = {}): Promise<void> {
  const { timeoutMs = 30_000, signal } = options;
  const deadline = performance.now() + timeoutMs;
  let target: number | undefined;
  for (let waitMs = 2; ; waitMs = Math.min(waitMs * 2, 50)) {
    try {
      target ??= (await broker.jetstreamManager.streams.info(streams.payments)).state.last_seq;
      if (target === 0 || (await isHandled(broker, target))) return;
    } catch (error) {
      if (!isTransient(error)) throw error;
    }
    if (performance.now() + waitMs > deadline || signal?.aborted === true) throw new PaymentsNotSettledError(timeoutMs);
    await pause(waitMs, signal);
  }
}

async function isHandled(broker: Broker, sequence: number): Promise<boolean> {
  const info = await intakeInfo(broker);
  if (!info) return false;
  return info.ack_floor.stream_seq >= sequence || (info.num_pending === 0 && info.num_ack_pending === 0);
}
