/**
 * The runner of the tests, run on workspaces of one file each: whatever goes wrong in one, it fails and says what.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const test = suite('test runner');
const runner = join(dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url))))), 'tools/test.mjs');
const passing = `test('is fine', () => {});`;

type Run = { readonly code: number | null; readonly printed: string; readonly last: string };

/** Runs one suite with these lines. */
function runSuite(...lines: readonly string[]): Run {
  return runFile(`import { suite } from 'uvu';`, `const test = suite('the suite');`, ...lines, `test.run();`);
}

function runFile(...lines: readonly string[]): Run {
  const root = mkdtempSync(join(tmpdir(), 'runner-'));
  try {
    for (const [folder, extension] of [
      ['src', 'ts'],
      ['dist', 'js'],
    ] as const) {
      mkdirSync(join(root, 'packages/one', folder), { recursive: true });
      writeFileSync(join(root, 'packages/one', folder, `some.unit.test.${extension}`), lines.join('\n'));
    }
    writeFileSync(join(root, 'package.json'), JSON.stringify({ type: 'module' }));
    const { status, stdout, stderr } = spawnSync(process.execPath, [runner, '--root', root], { encoding: 'utf8' });
    return { code: status, printed: stdout + stderr, last: stdout.trimEnd().split('\n').at(-1) ?? '' };
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

test('what passes is counted, and said to pass', () => {
  const { code, last, printed } = runSuite(passing, passing, `test.before(() => {});`, `test.after(() => {});`);
  assert.is(code, 0, printed);
  assert.is(last, '2 passed, 0 failed');
});

for (const hook of ['before', 'after', 'before.each', 'after.each']) {
  test(`what a hook throws is printed with its stack: ${hook}`, () => {
    const { code, printed } = runSuite(
      passing,
      `const cause = new TypeError('the engine refused');`,
      `test.${hook}(async () => { throw new Error('no engine', { cause }); });`,
    );
    assert.is(code, 1, printed);
    assert.match(
      printed,
      new RegExp(`^HOOK ${hook} of "the suite" threw\nError: no engine\n +at .*some.unit.test.js`, 'm'),
    );
    assert.match(printed, /\[cause\]: TypeError: the engine refused\n +at /);
    assert.match(printed, new RegExp(`^BROKEN .*some.unit.test.js: ${hook} of "the suite" threw`, 'm'));
  });
}

test('a hook that throws fails also a suite without tests, in a file with others', () => {
  const { code, printed } = runFile(
    `import { suite } from 'uvu';`,
    `const empty = suite('empty'); empty.before(() => { throw new Error('unnoticed'); }); empty.run();`,
    `const full = suite('full'); full('is fine', () => {}); full.run();`,
  );
  assert.is(code, 1, printed);
  assert.match(printed, /^HOOK before of "empty" threw\nError: unnoticed$/m);
});

test('hooks and tests get the state of their suite, and only what is asked for runs', () => {
  const { code, last, printed } = runFile(
    `import { suite } from 'uvu';`,
    `const test = suite('with state', { count: 1 });`,
    `test.before((state) => { state.count += 1; });`,
    `test('left out', () => { throw new Error('ran'); });`,
    `test.only('alone', (state) => { if (state.count !== 2) throw new Error('count is ' + state.count); });`,
    `test.run();`,
  );
  assert.is(code, 0, printed);
  assert.is(last, '1 passed, 0 failed');
});

test('a test that throws something other than an Error fails alone, and says what it was', () => {
  const { code, last, printed } = runSuite(`test('odd', () => { throw { status: 503 }; });`, passing);
  assert.is(code, 1, printed);
  assert.is(last, '1 passed, 1 failed');
  assert.match(printed, /FAIL .*"odd"\n.*threw something that is not an Error: \{ status: 503 \}/);
});

test('a file that cannot be loaded, that forgets to run, or that ends early fails', () => {
  const lines = [`import { suite } from 'uvu';`, `const test = suite('the suite');`, passing];
  for (const [more, says] of [
    [`throw new Error('not to be loaded'); test.run();`, /not to be loaded[^]*BROKEN .* before its summary/],
    [``, /BROKEN .*no \.run\(\) call/],
    [`test('ends', () => process.exit(0)); test.run();`, /BROKEN .* before its summary/],
  ] as const) {
    const { code, printed } = runFile(...lines, more);
    assert.is(code, 1, printed);
    assert.match(printed, says);
  }
});

test.run();
