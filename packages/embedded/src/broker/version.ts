/** A server version, `major.minor.patch`. */
export type Version = readonly [major: number, minor: number, patch: number];

/** The oldest server the engine works with: the consumer API of the client needs it (contract, NATS). */
export const versionFloor = '2.9.4';

/** The first server that can sync every message before its acknowledgement. */
export const syncAlwaysVersion = '2.10.0';

/** Finds a version in text such as `nats-server: v2.10.27`; `undefined` when there is none. */
export function parseVersion(text: string): string | undefined {
  return /(\d+\.\d+\.\d+)/.exec(text)?.[1];
}

/** Negative when `left` is older than `right`, positive when newer, 0 when equal. */
export function compareVersions(left: string, right: string): number {
  const [a, b] = [split(left), split(right)];
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
}

/** Whether `version` is `floor` or newer. */
export function isAtLeast(version: string, floor: string): boolean {
  return compareVersions(version, floor) >= 0;
}

function split(version: string): Version {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number);
  return [major, minor, patch];
}
