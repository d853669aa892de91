import { capabilitiesOf, isAtLeast } from '../connection/capabilities.ts';

/** What is known about the server that keeps the payments. */
export interface DurabilityFacts {
  readonly version: string;
  /** Whether the server syncs every message before it acknowledges; `undefined` when nobody could say. */
  readonly syncAlways: boolean | undefined;
}

/** Before this release a killed server could lose a whole stream. */
const soundVersion = '2.10.23';

/**
 * Sentences about every way in which `PAYMENTS`, the only copy of a payment until it is appended, could lose an
 * acknowledged message (contract, NATS).
 */
export function durabilityWarnings(facts: DurabilityFacts): string[] {
  const warnings: string[] = [];
  if (!capabilitiesOf(facts.version).syncAlways) {
    warnings.push(
      `nats-server ${facts.version} cannot sync before it acknowledges: a power loss may cost up to two minutes of payments. Use ${soundVersion} or newer.`,
    );
  } else if (facts.syncAlways === false) {
    warnings.push(
      'The NATS server does not sync before it acknowledges: a power loss may cost acknowledged payments. Set `sync_interval: always` in its jetstream block.',
    );
  } else if (facts.syncAlways === undefined) {
    warnings.push(
      'Whether the NATS server syncs before it acknowledges could not be seen. Make sure that `sync_interval: always` stands in its jetstream block.',
    );
  }
  if (capabilitiesOf(facts.version).syncAlways && !isAtLeast(facts.version, soundVersion)) {
    warnings.push(`nats-server ${facts.version} may lose a stream when it is killed. Use ${soundVersion} or newer.`);
  }
  return warnings;
}
