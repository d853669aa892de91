import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { lockDirectory } from '../data-directory/lock.ts';
import type { EngineError } from '../engine-error.ts';
import { plantSeed, type SeedOptions } from './seed.ts';

const test = suite('seeds of the embedded database');
const hourMs = 3_600_000;
const root = mkdtempSync(join(tmpdir(), 'seeds-'));
const made = join(root, 'made');
let seedDirectory: string;
let count = 0;

// The only seed made in earnest for all of them: that takes seconds.
test.before(async () => {
  seedDirectory = made;
  await plant('made');
});
test.before.each(() => {
  seedDirectory = join(root, `seeds-${(count += 1)}`);
  cpSync(made, seedDirectory, { recursive: true });
});
test.after(() => rmSync(root, { recursive: true, force: true }));

/** Plants a database with this content; answers what was planted. */
async function plant(key: string, options: Partial<SeedOptions> = {}): Promise<string> {
  const target = join(root, `planted-${(count += 1)}`);
  const seedContent = () => Promise.resolve({ key, fill: () => Promise.resolve() });
  await plantSeed(target, { seedDirectory, seedContent, seedWaitMs: 0, ...options });
  return target;
}

const names = () =>
  readdirSync(seedDirectory)
    .filter((name) => name !== 'create')
    .map((name) => name.split('-').slice(1).join('-'))
    .sort();

/** Puts a directory there that looks like a seed which was last used so long ago. */
function pretend(key: string, unusedMs: number): void {
  const [name = ''] = readdirSync(seedDirectory).filter((name) => name.endsWith('-made'));
  const seed = join(seedDirectory, name.replace(/made$/, key));
  mkdirSync(seed);
  writeFileSync(join(seed, 'PG_VERSION'), key);
  const usedAt = new Date(Date.now() - unusedMs);
  utimesSync(seed, usedAt, usedAt);
}

test('making one removes what was used least beyond a few; what was used a moment ago stays, however many there are', async () => {
  pretend('day', 24 * hourMs);
  pretend('month', 30 * 24 * hourMs);
  pretend('year', 365 * 24 * hourMs);
  pretend('minutes', hourMs / 10);
  pretend('hour', hourMs);
  mkdirSync(join(seedDirectory, 'partial-left'));
  // To be copied makes it one that is in use.
  assert.ok(existsSync(join(await plant('year'), 'PG_VERSION')));
  await plant('new', { seedCountMax: 2 });
  assert.equal(names(), ['made', 'minutes', 'new', 'year']);
  await plant('newer', { seedIdleMs: hourMs / 20, seedCountMax: 4 });
  assert.equal(names(), ['made', 'new', 'newer', 'year']);
});

test('one that nobody uses is copied only when nobody can be removing it, one in use at once', async () => {
  pretend('idle', hourMs);
  const lock = await lockDirectory(join(seedDirectory, 'create'));
  const code = (error: unknown) => (error as EngineError).code;
  assert.is(await plant('idle').catch(code), 'DATA_DIRECTORY_IN_USE');
  assert.ok(existsSync(join(await plant('made'), 'PG_VERSION')));
  lock.release();
  await plant('idle');
  const again = await lockDirectory(join(seedDirectory, 'create'));
  assert.ok(existsSync(join(await plant('idle'), 'PG_VERSION')), 'it is in use now');
  again.release();
});

test.run();
