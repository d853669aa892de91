import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A release whose content is known: nothing else is ever run. */
export interface PinnedRelease {
  readonly version: string;
  /** `<platform>-<architecture>` as the release names it, e.g. `linux-amd64`. */
  readonly target: string;
  readonly sha256: string;
}

/**
 * The pinned official releases. To add one, take the value from the release's `SHA256SUMS` file.
 */
export const pinnedReleases: readonly PinnedRelease[] = [
  {
    version: '2.10.10',
    target: 'linux-amd64',
    sha256: 'c8cd7e19b906a5f8a7f9f7e70fc4bfa492d66a069d9664c4db19fdee1b6aa640',
  },
];

const releaseSite = 'https://github.com/nats-io/nats-server/releases/download';

/**
 * Downloads a pinned release, compares its SHA-256 and only then unpacks it below `directory`.
 *
 * @returns the path of the executable
 */
export async function fetchOfficialRelease(
  release: PinnedRelease,
  directory: string,
  timeoutMs: number,
  site: string = releaseSite,
): Promise<string> {
  const name = `nats-server-v${release.version}-${release.target}`;
  const response = await fetch(`${site}/v${release.version}/${name}.tar.gz`, {
    signal: AbortSignal.timeout(timeoutMs),
  });
  if (!response.ok) throw new Error(`${name}: HTTP ${response.status}`);
  const content = Buffer.from(await response.arrayBuffer());
  const sha256 = createHash('sha256').update(content).digest('hex');
  if (sha256 !== release.sha256) throw new Error(`${name}: SHA-256 is ${sha256}, not the pinned ${release.sha256}`);
  const archive = join(directory, `${name}.tar.gz`);
  writeFileSync(archive, content);
  await run('tar', ['-xzf', archive, '-C', directory], { timeout: timeoutMs });
  const unpacked = readdirSync(directory, { withFileTypes: true }).find((entry) => entry.isDirectory());
  if (unpacked === undefined) throw new Error(`${name}: the archive holds no directory`);
  return join(directory, unpacked.name, 'nats-server');
}
