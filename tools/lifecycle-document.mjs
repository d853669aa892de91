// Writes docs/lifecycle.md from the code: `node tools/lifecycle-document.mjs`, or `--check` to compare only (exit code 1
// when it is out of date). Needs a build: the generator is part of packages/domain, though not of what it exports, because
// it walks the machine and decides examples.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const generator = join(root, 'packages/domain/dist/diagram/index.js');
if (!existsSync(generator)) {
  console.error('The domain is not built yet: run `npx tsc -b` first.');
  process.exit(1);
}
const { lifecycleDocument } = await import(pathToFileURL(generator).href);

const path = join(root, 'docs/lifecycle.md');
const text = lifecycleDocument();
const isCurrent = existsSync(path) && readFileSync(path, 'utf8') === text;
if (isCurrent) {
  console.log('docs/lifecycle.md is up to date');
} else if (process.argv.includes('--check')) {
  console.error('docs/lifecycle.md is out of date: run `node tools/lifecycle-document.mjs`');
  process.exitCode = 1;
} else {
  writeFileSync(path, text);
  console.log('docs/lifecycle.md written');
}
