import type { ConsumerInfo } from 'nats';

/**
 * The sequence up to which a consumer has acknowledged everything. A consumer that was created at a start sequence and has
 * not acknowledged anything yet reports 0 before 2.12; what lies before its start counts as acknowledged all the same, or a
 * second takeover in a row would begin with the oldest message.
 */
export function ackFloorOf(info: Pick<ConsumerInfo, 'ack_floor' | 'config'>): number {
  return Math.max(info.ack_floor.stream_seq, (info.config.opt_start_seq ?? 1) - 1);
}
