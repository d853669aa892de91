import type { StreamConfig } from 'nats';
import type { FieldRule, WantedStream } from './wanted.ts';

/** One field of an existing stream that is not as it has to be. */
export interface TopologyDifference {
  readonly stream: string;
  readonly field: string;
  readonly wanted: unknown;
  readonly found: unknown;
}

/** Every field of `found` that breaks a rule of `wanted`; empty when the stream will do. */
export function compareStream(wanted: WantedStream, found: Partial<StreamConfig>): TopologyDifference[] {
  return Object.entries(wanted.rules).flatMap(([field, rule]) => {
    // The keys of `rules` are keys of the configuration; Object.entries forgets that.
    const key = field as keyof StreamConfig;
    const [need, have] = [wanted.config[key], found[key]];
    return satisfies(rule, need, have) ? [] : [{ stream: wanted.config.name, field, wanted: need, found: have }];
  });
}

function satisfies(rule: FieldRule, wanted: unknown, found: unknown): boolean {
  if (rule === 'at-least') return Number(found ?? 0) >= Number(wanted);
  if (rule === 'includes') {
    return Array.isArray(found) && Array.isArray(wanted) && wanted.every((one) => found.includes(one));
  }
  // Servers leave out what has its zero value.
  return (found ?? zeroOf(wanted)) === wanted;
}

function zeroOf(wanted: unknown): unknown {
  if (typeof wanted === 'boolean') return false;
  return typeof wanted === 'number' ? 0 : undefined;
}
