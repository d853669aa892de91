import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const debianKeyring = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** Suites in order of preference: `own` means whatever this machine's own package sources offer. */
export type PackageSuite = 'own' | (string & {});

/** The order that is tried when nobody asks for another one: stable with synced streams, newest, then the machine's own. */
export const preferredSuites: readonly PackageSuite[] = ['trixie', 'forky', 'own'];

/** A package source of this machine, as `apt-get indextargets` describes it. */
export interface PackageSource {
  readonly site: string;
  readonly release: string;
  readonly component: string;
}

/** Whether this machine can unpack Debian packages at all. */
export function canUnpackDebianPackages(): boolean {
  return existsSync('/usr/bin/apt-get') && existsSync('/usr/bin/dpkg-deb');
}

/**
 * Downloads the distribution's nats-server package from the mirror this machine already trusts and unpacks it below
 * `directory`: no root, no change to the system, apt's signature check stays on.
 *
 * @returns the path of the executable
 */
export async function fetchDebianPackage(suite: PackageSuite, directory: string, timeoutMs: number): Promise<string> {
  const apt = privateApt(suite === 'own' ? undefined : await writeSources(suite, directory), directory);
  await run('apt-get', [...apt, 'update'], { timeout: timeoutMs });
  await run('apt-get', [...apt, 'download', 'nats-server'], { timeout: timeoutMs, cwd: directory });
  const file = readdirSync(directory).find((name) => name.endsWith('.deb'));
  if (file === undefined) throw new Error(`apt-get downloaded no package for suite ${suite}`);
  await run('dpkg-deb', ['-x', join(directory, file), join(directory, 'root')], { timeout: timeoutMs });
  return join(directory, 'root/usr/sbin/nats-server');
}

async function writeSources(suite: string, directory: string): Promise<string> {
  const { stdout } = await run('apt-get', ['indextargets', '--format', '$(SITE) $(RELEASE) $(COMPONENT)']);
  const site = archiveSite(parseSources(stdout), codename(readFileSync('/etc/os-release', 'utf8')));
  if (site === undefined) throw new Error('this machine has no Debian archive among its package sources');
  const signedBy = existsSync(debianKeyring) ? `[signed-by=${debianKeyring}] ` : '';
  const path = join(directory, 'sources.list');
  writeFileSync(path, `deb ${signedBy}${site} ${suite} main\n`);
  return path;
}

/** Reads the lines of `apt-get indextargets --format '$(SITE) $(RELEASE) $(COMPONENT)'`. */
export function parseSources(text: string): PackageSource[] {
  return text.split('\n').flatMap((line) => {
    const [site, release, component] = line.trim().split(' ');
    return site && release && component ? [{ site, release, component }] : [];
  });
}

/** The site that serves the distribution itself: not its security updates, not a third party's packages. */
export function archiveSite(sources: readonly PackageSource[], release: string | undefined): string | undefined {
  return sources.find((source) => source.release === release && source.component === 'main')?.site;
}

/** The release name in `/etc/os-release`. */
export function codename(osRelease: string): string | undefined {
  return /^VERSION_CODENAME="?([^"\n]+)"?$/m.exec(osRelease)?.[1];
}

/** Options that keep every file apt writes below `directory`. */
function privateApt(sourceList: string | undefined, directory: string): string[] {
  const state = join(directory, 'apt');
  mkdirSync(join(state, 'lists/partial'), { recursive: true });
  mkdirSync(join(state, 'cache/archives/partial'), { recursive: true });
  const options = [
    ...(sourceList === undefined ? [] : [`Dir::Etc::sourcelist=${sourceList}`, 'Dir::Etc::sourceparts=/dev/null']),
    `Dir::State=${state}`,
    `Dir::State::lists=${join(state, 'lists')}`,
    'Dir::State::status=/var/lib/dpkg/status',
    `Dir::Cache=${join(state, 'cache')}`,
    'APT::Sandbox::User=',
    'Acquire::Languages=none',
    'Acquire::Retries=2',
    'Acquire::http::Timeout=15',
    'Acquire::https::Timeout=15',
  ];
  return ['-qq', ...options.flatMap((option) => ['-o', option])];
}
