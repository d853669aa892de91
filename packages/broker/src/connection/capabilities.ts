/** The oldest server the engine works with (contract, NATS). */
export const minimumServerVersion = '2.9.4';

/** What this server can do beyond the oldest one the engine works with. */
export interface BrokerCapabilities {
  /** Several filter subjects on one consumer, metadata, subject transforms (2.10.0). */
  readonly multipleFilters: boolean;
  /** Every message can be on disk before its acknowledgement; whether it is, is the server's configuration (2.10.0). */
  readonly syncAlways: boolean;
  /** Comparing with the last sequence of a subject is safe on replicated streams (2.10.0). */
  readonly replicatedSubjectFence: boolean;
  /** Streams may acknowledge before they write (2.12.0). */
  readonly asyncPersist: boolean;
  /** Unknown fields in requests are refused instead of ignored (2.12.0). */
  readonly strictRequests: boolean;
}

/** Derives what a server can do from its version, `major.minor.patch`. */
export function capabilitiesOf(version: string): BrokerCapabilities {
  const atLeast = (floor: string) => isAtLeast(version, floor);
  return {
    multipleFilters: atLeast('2.10.0'),
    syncAlways: atLeast('2.10.0'),
    replicatedSubjectFence: atLeast('2.10.0'),
    asyncPersist: atLeast('2.12.0'),
    strictRequests: atLeast('2.12.0'),
  };
}

/** Whether `version` is `floor` or newer; suffixes such as `-beta.1` do not count. */
export function isAtLeast(version: string, floor: string): boolean {
  const [a, b] = [numbers(version), numbers(floor)];
  return (a[0] - b[0] || a[1] - b[1] || a[2] - b[2]) >= 0;
}

function numbers(version: string): readonly [number, number, number] {
  const [, major, minor, patch] = /(\d+)\.(\d+)\.(\d+)/.exec(version) ?? [];
  return [Number(major ?? 0), Number(minor ?? 0), Number(patch ?? 0)];
}
