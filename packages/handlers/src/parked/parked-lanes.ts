import { storedMessage, streams, type Broker } from '@perennial/broker';
import { readParked } from './read-parked.ts';

/**
 * Which lanes have something parked: what comes later in such a lane is parked behind it, so that an operator's retry
 * finds everything in its order. The truth is `PARKED` itself; this only remembers where to look.
 */
export class ParkedLanes {
  readonly #broker: Broker;
  /** By lane: id in `PARKED` and sequence in `PAYMENTS`. */
  readonly #lanes = new Map<string, Map<number, number>>();
  #readUpTo = 0;

  constructor(broker: Broker) {
    this.#broker = broker;
  }

  /** Learns what was parked since the last call, by whatever process. */
  async refresh(): Promise<void> {
    for (const parked of await readParked(this.#broker, { afterId: this.#readUpTo, component: 'intake' })) {
      if (parked.lane !== undefined) this.add(parked.lane, parked.id, parked.sequence);
      this.#readUpTo = Math.max(this.#readUpTo, parked.id);
    }
  }

  add(lane: string, id: number, sequence: number): void {
    const parked = this.#lanes.get(lane) ?? new Map<number, number>();
    this.#lanes.set(lane, parked.set(id, sequence));
  }

  /** Whether something that came before `sequence` is parked in the lane; forgets what an operator has removed since. */
  async holds(lane: string, sequence: number): Promise<boolean> {
    const parked = this.#lanes.get(lane);
    if (!parked) return false;
    for (const [id, parkedSequence] of parked) {
      if (parkedSequence >= sequence) continue;
      if (await storedMessage(this.#broker, streams.parked, id)) return true;
      parked.delete(id);
    }
    if (parked.size === 0) this.#lanes.delete(lane);
    return false;
  }
}
