#!/usr/bin/env node
// The CLI's entry point stays a plain committed file, so that the package manager can link it before anything is built.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const built = new URL('../dist/cli/main.js', import.meta.url);
if (!existsSync(fileURLToPath(built))) {
  console.error(
    'NOT_BUILT: this checkout is not built yet. Run "npm start" or "npm test" once, then repeat this command.',
  );
  process.exit(1);
}
await import(built.href);
