/**
 * The CLI's entry point, loaded by `bin/perennial.mjs`. It only starts what `run.ts` does.
 *
 * @module
 */
import { runCli } from './run.ts';
import { processTerminal } from './terminal.ts';

const exitCode = await runCli(process.argv.slice(2), processTerminal());
// `start` keeps the process: the supervisor says how it ends.
if (exitCode !== undefined) process.exitCode = exitCode;
