import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus, loadavg, release, totalmem, type } from 'node:os';
import { dirname, join } from 'node:path';
import type { Machine } from './report.ts';

/** This machine, now. */
export function describeMachine(): Machine {
  const [first] = cpus();
  return {
    cpu: first?.model ?? 'unknown',
    cores: cpus().length,
    memoryBytes: totalmem(),
    platform: `${type()} ${release()}`,
    loadAtStart: loadavg()[0] ?? 0,
  };
}

const libraries = [
  '@eventstore/db-client',
  '@event-driven-io/emmett',
  '@event-driven-io/emmett-postgresql',
  'nats',
  'pg',
];

/** Versions of what takes part, by name. */
export function describeVersions(engines: Readonly<Record<string, string>>): Record<string, string> {
  const found = libraries.map((name) => [name, installedVersion(name)] as const);
  return { node: process.version, ...Object.fromEntries(found), ...engines };
}

/** Some packages do not export their package.json, so it is looked for above their entry. */
function installedVersion(name: string): string {
  let directory = dirname(createRequire(import.meta.url).resolve(name));
  for (;;) {
    const version = versionIn(directory, name);
    if (version !== undefined) return version;
    if (directory === dirname(directory)) return 'unknown';
    directory = dirname(directory);
  }
}

function versionIn(directory: string, name: string): string | undefined {
  try {
    const manifest: unknown = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
    const isWanted = typeof manifest === 'object' && manifest !== null && 'name' in manifest && manifest.name === name;
    return isWanted && 'version' in manifest ? String(manifest.version) : undefined;
  } catch {
    // No manifest here: the package's root is further up.
    return undefined;
  }
}
