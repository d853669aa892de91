/** The README's first ten minutes, run as they stand: every command, in one shell, against a fresh start. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { startPerennial, until, type Perennial } from '../pipeline/perennial.ts';
import { missingLine, readmeBlocks, type ReadmeBlock } from './readme-blocks.ts';

const test = suite("the README's first ten minutes");
const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
const [start, ...blocks] = readmeBlocks(readFileSync(join(root, 'README.md'), 'utf8'), 'A first ten minutes');
let directory: string;
let perennial: Perennial;
let results: readonly Result[];

/** What `npx perennial` starts, without the second that npx takes each time to find it; found it is once, below. */
const withoutNpx = `npx() { shift; ${process.execPath} packages/server/bin/perennial.mjs "$@"; }`;

type Result = { readonly output: string; readonly exitCode: number };

test.before(async () => {
  directory = mkdtempSync(join(tmpdir(), 'readme-'));
  perennial = await startPerennial({ env: environmentOf(start?.commands ?? '') });
  // A reader is slower than this test: by the time the first command is typed, a start is over on a busy machine as well.
  await until('every part to run', async () => (await fetch(`${perennial.url}/readyz`)).ok);
  results = await runAll(blocks);
});

test.after(async () => {
  await perennial?.close();
  rmSync(directory, { recursive: true, force: true });
});

/** `NAME=value … npm start`: what the README sets for the start. */
function environmentOf(command: string): Record<string, string> {
  const words = command.trim().split(' ');
  assert.equal(words.slice(-2), ['npm', 'start'], 'the section begins with the start');
  return Object.fromEntries(words.slice(0, -2).map((word) => word.split('=') as [string, string]));
}

/** One shell for all blocks, because later ones use what earlier ones set. */
async function runAll(all: readonly ReadmeBlock[]): Promise<Result[]> {
  const file = (index: number, kind: string): string => join(directory, `${index}.${kind}`);
  for (const [index, { commands }] of all.entries()) writeFileSync(file(index, 'sh'), `${commands}\n`);
  // The first command of a block that fails decides how the block ends.
  const script = all.map((_, index) =>
    [
      'failed=0',
      `trap 'code=$?; [ $failed -ne 0 ] || failed=$code' ERR`,
      `source ${file(index, 'sh')} > ${file(index, 'out')} 2>&1`,
      `echo $failed > ${file(index, 'code')}`,
    ].join('\n'),
  );
  const child = spawn('bash', ['-c', `set -uo pipefail -E\n${withoutNpx}\n${script.join('\n')}`], {
    cwd: root,
    stdio: 'ignore',
    env: {
      ...process.env,
      PERENNIAL_URL: perennial.url,
      PERENNIAL_DATA: perennial.dataDirectory,
      npm_config_loglevel: 'error',
      npm_config_update_notifier: 'false',
    },
  });
  await new Promise((resolve) => child.once('close', resolve));
  return all.map((_, index) => ({
    output: readFileSync(file(index, 'out'), 'utf8'),
    exitCode: Number(readFileSync(file(index, 'code'), 'utf8')),
  }));
}

for (const [index, block] of blocks.entries()) {
  const title = block.commands.split('\n')[0] ?? '';
  test(`line ${block.line}: ${title}`, () => {
    const { output, exitCode } = results[index] ?? { output: 'nothing was run', exitCode: -1 };
    assert.is(exitCode, block.exitCode, output);
    assert.is(
      missingLine(output, block.expected),
      undefined,
      `not printed as the README shows it; printed:\n${output}`,
    );
  });
}

test('npx finds the command in the checkout', () => {
  const { status, stdout } = spawnSync('npx', ['--no', 'perennial', 'status'], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, PERENNIAL_DATA: perennial.dataDirectory },
  });
  assert.is(status, 0, stdout);
  assert.match(stdout, / is ready, pid /);
});

test('the section is read whole: it shows what its commands print', () => {
  assert.ok(blocks.length > 12, `${blocks.length} blocks`);
  assert.equal(
    blocks.filter(({ expected }) => expected.length === 0).map(({ line }) => line),
    [],
    'every block shows its output',
  );
});

test.run();
