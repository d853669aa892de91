import { BrokerError } from '../errors/broker-error.ts';
import type { TopologyDifference } from './compare.ts';

/** Streams exist that are not as they have to be. Nothing was changed. */
export class TopologyMismatchError extends BrokerError {
  override readonly name = 'TopologyMismatchError';

  constructor(readonly differences: readonly TopologyDifference[]) {
    const list = differences.map(
      ({ stream, field, wanted, found }) => `${stream}.${field} is ${show(found)}, needed is ${show(wanted)}`,
    );
    super(
      'TOPOLOGY_MISMATCH',
      `${list.join('; ')}. Correct it with \`nats stream edit\`; what cannot be edited has to be created anew: ` +
        'EVENTS and KV_views can be removed and are filled again, PAYMENTS and PARKED hold the only copy and must be copied first.',
    );
  }
}

function show(value: unknown): string {
  return value === undefined ? 'not set' : JSON.stringify(value);
}
