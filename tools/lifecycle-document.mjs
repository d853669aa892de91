// Writes what the documentation says about the code from the code: docs/lifecycle.md, and the table in
// docs/policy-profiles.md. `--check` compares only, and ends with exit code 1 when something is out of date. Needs a build:
// the generator is part of packages/domain, though not of what it exports, because it walks the machine and decides examples.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const generator = join(root, 'packages/domain/dist/diagram/index.js');
if (!existsSync(generator)) {
  console.error('The domain is not built yet: run `npx tsc -b` first.');
  process.exit(1);
}
const { documents } = await import(pathToFileURL(generator).href);

for (const { path, text } of documents) {
  const file = join(root, path);
  const before = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const after = text(before);
  if (after === before) {
    console.log(`${path} is up to date`);
  } else if (process.argv.includes('--check')) {
    console.error(`${path} is out of date: run \`node tools/lifecycle-document.mjs\``);
    process.exitCode = 1;
  } else {
    writeFileSync(file, after);
    console.log(`${path} written`);
  }
}
