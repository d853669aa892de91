// What `tools/test.mjs` starts for each group of test files: uvu's own `run`, with hooks and throws that speak
// (`uvu.mjs`). Not a preload: what a test starts inherits nothing of it.
import * as nodeModule from 'node:module';
import { resolve as absolute } from 'node:path';
import { resolve } from './resolve.mjs';

// Newer versions of Node have replaced the one with the other.
if (nodeModule.registerHooks) nodeModule.registerHooks({ resolve });
else nodeModule.register('./resolve.mjs', import.meta.url);

const { run } = await import('uvu/run');
await run(process.argv.slice(2).map((file) => ({ name: file, file: absolute(file) })));
