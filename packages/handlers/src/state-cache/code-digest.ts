import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * A digest of the code that folded states depend on: the built rules and what is beside this file. What another build
 * folded is never read, however small the difference; nobody has to remember to count a version.
 */
export function codeDigest(): string {
  known ??= digest();
  return known;
}

let known: string | undefined;

function digest(): string {
  const hash = createHash('sha256');
  const rules = dirname(fileURLToPath(import.meta.resolve('@perennial/domain')));
  const own = dirname(fileURLToPath(import.meta.url));
  for (const directory of [rules, own]) {
    for (const name of scriptsBelow(directory)) hash.update(name).update(readFileSync(join(directory, name)));
  }
  return hash.digest('hex').slice(0, 16);
}

function scriptsBelow(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.js') && !name.endsWith('.test.js'))
    .sort();
}
