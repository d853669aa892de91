// Mutation testing, on demand: changes one thing at a time in the built code of a package, runs the unit tests that
// reach it, and reports the changes that no test notices.
//
//   node tools/mutate.mjs [--seed 1] [--count 200] [--minutes 10] [--package domain] [--tests filter …] [path filter …]
//
// Of all mutants a seed chooses a sample. Which test files reach a mutant is asked of V8 (NODE_V8_COVERAGE); those run, the
// quickest first, to the first failure, in one process for each mutant. Files slower than --slowMs run only for what
// survived the others, while there is time. Nothing in the working tree is changed: it all happens in a copy.
import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { setPriority, tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { mutantsOf, sample } from './mutants.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: 'string', default: '1' },
    count: { type: 'string', default: '200' },
    minutes: { type: 'string', default: '10' },
    package: { type: 'string', default: 'domain' },
    /** Only test files whose path contains one of these. */
    tests: { type: 'string', multiple: true, default: [] },
    slowMs: { type: 'string', default: '6000' },
    json: { type: 'boolean', default: false },
  },
});
const hangFactor = 5;
const hangMsMin = 10_000;

// Nobody waits for it: it must not disturb what else runs here.
setPriority(15);
const copy = makeCopy(join(root, 'packages', values.package));
process.on('exit', () => rmSync(copy, { recursive: true, force: true }));
process.on('SIGINT', () => process.exit(130));

const files = listFiles(join(copy, 'dist'), '.js').map((path) => relative(copy, path));
const sources = files.filter(
  (path) => !/\.test\.js$|\/testing\/|\.fixture\.js$/.test(path) && matches(path, positionals),
);
const mutants = sources.flatMap((path) => mutantsOf(path, readFileSync(join(copy, path), 'utf8')));
const chosen = sample(mutants, Number(values.count), Number(values.seed));
say(`${mutants.length} mutants in ${sources.length} files; ${chosen.length} chosen with seed ${values.seed}`);

const tests = await measure(files.filter((path) => path.endsWith('.unit.test.js') && matches(path, values.tests)));
const deadline = performance.now() + Number(values.minutes) * 60_000;
say(`${tests.length} test files pass unchanged, the slowest in ${(tests.at(-1).ms / 1000).toFixed(1)} s`);
const results = { killed: [], hung: [], survived: [], unreached: [], untried: [] };
const quick = tests.filter(({ ms }) => ms <= Number(values.slowMs));
const slow = tests.filter(({ ms }) => ms > Number(values.slowMs));
const survivors = [];
for (const mutant of chosen) {
  const reaching = tests.filter((each) => each.reaches(mutant));
  if (performance.now() > deadline) results.untried.push(mutant);
  else if (reaching.length === 0) results.unreached.push(mutant);
  else {
    const outcome = await outcomeOf(mutant, intersection(quick, reaching));
    if (outcome === 'survived') survivors.push({ mutant, rest: intersection(slow, reaching) });
    else results[outcome].push(mutant);
  }
}
for (const { mutant, rest } of survivors) {
  // Out of time, the slow files are left out, and the mutant counts as one that survived.
  results[performance.now() > deadline ? 'survived' : await outcomeOf(mutant, rest)].push(mutant);
}
report();

/** The built package in a folder of its own, with the packages that it needs. */
function makeCopy(from) {
  const to = mkdtempSync(join(tmpdir(), 'perennial-mutants-'));
  for (const part of ['dist', 'package.json']) cpSync(join(from, part), join(to, part), { recursive: true });
  symlinkSync(join(from, 'node_modules'), join(to, 'node_modules'));
  return to;
}

/** Every test file that passes, the quickest first, with how long it takes and what it reaches. */
async function measure(paths) {
  const measured = [];
  for (const path of paths) {
    const coverage = join(copy, 'coverage', String(measured.length));
    mkdirSync(coverage, { recursive: true });
    const began = performance.now();
    const code = await run([path], 300_000, { NODE_V8_COVERAGE: coverage });
    const ms = performance.now() - began;
    // For instance one that compares a document in the working tree, which is not part of the copy.
    if (code === 0) measured.push({ path, ms, reaches: readCoverage(coverage) });
    else say(`left out, it does not pass in the copy: ${path}`);
    rmSync(coverage, { recursive: true });
  }
  return measured.sort((a, b) => a.ms - b.ms);
}

/** V8 reports nested ranges: the innermost one around a place says whether that place ran. */
function readCoverage(folder) {
  const ranges = new Map();
  for (const file of readdirSync(folder)) {
    for (const { url, functions } of JSON.parse(readFileSync(join(folder, file), 'utf8')).result) {
      if (!url.startsWith(pathToFileURL(copy).href)) continue;
      const path = relative(copy, fileURLToPath(url));
      const found = functions.flatMap((each) => each.ranges);
      ranges.set(path, [...(ranges.get(path) ?? []), ...found]);
    }
  }
  return ({ path, start, end }) => {
    const around = (ranges.get(path) ?? []).filter((range) => range.startOffset <= start && end <= range.endOffset);
    const size = (range) => range.endOffset - range.startOffset;
    const inner = around.reduce((least, range) => (least && size(least) <= size(range) ? least : range), undefined);
    return inner !== undefined && inner.count > 0;
  };
}

/** How the tests take the mutant: `killed` when one of them fails, `hung` when they do not end, else `survived`. */
async function outcomeOf({ path, start, end, becomes }, reaching) {
  const file = join(copy, path);
  const original = readFileSync(file, 'utf8');
  writeFileSync(file, original.slice(0, start) + becomes + original.slice(end));
  try {
    const usualMs = reaching.reduce((sum, { ms }) => sum + ms, 0);
    const paths = reaching.map((test) => test.path);
    const code = paths.length === 0 ? 0 : await run(paths, Math.max(hangMsMin, usualMs * hangFactor));
    return code === null ? 'hung' : code === 0 ? 'survived' : 'killed';
  } finally {
    writeFileSync(file, original);
  }
}

/** Runs test files in this order, in one process, to the first failure. Exit code; null: it had to be ended. */
async function run(paths, timeoutMs, env = {}) {
  const script = `
    import { run } from 'uvu/run';
    await run(process.argv.slice(1).map((path) => ({ name: path, file: process.cwd() + '/' + path })), { bail: true });`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, '--', ...paths], {
    cwd: copy,
    stdio: 'ignore',
    env: { ...process.env, ...env },
  });
  let isOver = false;
  const timer = setTimeout(() => {
    isOver = true;
    child.kill('SIGKILL');
  }, timeoutMs);
  const code = await new Promise((resolve) => child.on('close', resolve));
  clearTimeout(timer);
  return isOver ? null : (code ?? 1);
}

function report() {
  const { killed, hung, survived, unreached, untried } = results;
  const noticed = killed.length + hung.length;
  const tried = noticed + survived.length + unreached.length;
  const score = tried === 0 ? 0 : (100 * noticed) / tried;
  if (values.json) {
    const places = Object.fromEntries(Object.entries(results).map(([kind, list]) => [kind, list.map(placeOf)]));
    console.log(JSON.stringify({ seed: Number(values.seed), tried, score, ...places, killed: killed.length }, null, 2));
    return;
  }
  for (const mutant of survived) console.log(`survived   ${placeOf(mutant)}`);
  for (const mutant of unreached) console.log(`unreached  ${placeOf(mutant)}`);
  const left = untried.length === 0 ? '' : `, ${untried.length} left untried: out of time`;
  console.log(
    `\n${noticed} of ${tried} noticed (${score.toFixed(1)} %; ${hung.length} by not ending), ${survived.length} survived, ${unreached.length} reached by no test${left}`,
  );
}

/** Where it is in the source, and what it was. */
function placeOf({ path, start, end, becomes }) {
  const built = readFileSync(join(copy, path), 'utf8');
  const before = built.slice(0, start).split('\n');
  const map = new SourceMap(JSON.parse(readFileSync(join(copy, `${path}.map`), 'utf8')));
  const { originalLine = before.length - 1 } = map.findEntry(before.length - 1, before.at(-1).length);
  const source = join('packages', values.package, path.replace(/^dist/, 'src').replace(/\.js$/, '.ts'));
  const short = (text) => (text.length > 60 ? `${text.slice(0, 57)}…` : text).replace(/\s+/g, ' ');
  return `${source}:${originalLine + 1}  ${short(built.slice(start, end))}  →  ${short(becomes) || '(nothing)'}`;
}

function listFiles(folder, suffix) {
  return readdirSync(folder, { recursive: true })
    .map((path) => join(folder, String(path)))
    .filter((path) => path.endsWith(suffix))
    .sort();
}

function matches(path, filters) {
  return filters.length === 0 || filters.some((filter) => path.includes(filter));
}

function intersection(some, others) {
  return some.filter((each) => others.includes(each));
}

function say(text) {
  console.error(text);
}
