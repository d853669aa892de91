// The two commands of the README end here: install what is missing, build, then run.
// It uses only Node itself, because at this moment nothing is installed.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const pnpmMajor = 12;
const [task, ...rest] = process.argv.slice(2);

const scripts = {
  start: () => import('../packages/server/dist/main.js'),
  test: () => import('./test.mjs'),
  bench: () => import('../bench/dist/main.js'),
};

const [major] = process.versions.node.split('.').map(Number);
if (major < 20) fail(`Perennial needs Node 20 or newer; this is Node ${process.versions.node}.`);
if (!(task in scripts)) fail(`Unknown task "${task}". Known: ${Object.keys(scripts).join(', ')}.`);

process.chdir(root);
install();
build();
process.argv = [process.argv[0], fileURLToPath(import.meta.url), ...rest];
await scripts[task]();

/** Installs when the lockfile is not the one that was installed last. */
function install() {
  const stamp = join(root, 'node_modules/.perennial-lock');
  const lock = readFileSync(join(root, 'pnpm-lock.yaml'), 'utf8');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  step('installing packages (first run only)');
  // Output goes to stderr, so that whoever reads stdout finds only the task's own lines.
  run('npx', ['--yes', `pnpm@${pnpmMajor}`, 'install', '--frozen-lockfile', '--reporter=append-only']);
  writeFileSync(stamp, lock);
}

function build() {
  step('building');
  run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-b']);
}

function run(command, args) {
  const { status, signal, error } = spawnSync(command, args, {
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  if (error) fail(`${command} could not be started: ${error.message}`);
  if (status !== 0) fail(`"${command} ${args.join(' ')}" ended with ${signal ?? status}.`);
}

function step(text) {
  console.error(`perennial: ${text} …`);
}

function fail(text) {
  console.error(`perennial: ${text}`);
  process.exit(1);
}
