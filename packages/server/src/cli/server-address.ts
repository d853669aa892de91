/**
 * Where the running server is.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { CliError } from './cli-error.ts';

/** What the running server left in its data directory. */
export type RunningServer = {
  readonly url: string | null;
  readonly pid: number;
  readonly engines?: Readonly<Record<string, string>>;
};

/** The data directory that the environment names. */
export function dataDirectory(env: Readonly<Record<string, string | undefined>>, workingDirectory: string): string {
  return resolve(workingDirectory, env['PERENNIAL_DATA']?.trim() || '.perennial');
}

/** The server that runs on a data directory; undefined when none has said so. */
export function runningServer(directory: string): RunningServer | undefined {
  let text: string;
  try {
    text = readFileSync(join(directory, 'runtime.json'), 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null || !('url' in value) || !('pid' in value)) {
    throw new CliError('RUNTIME_FILE_DAMAGED', `${join(directory, 'runtime.json')} is not a server's.`, [
      'Start the server again; it writes the file anew.',
    ]);
  }
  // The server writes url, pid and engines in one step, so a file with the first two is whole.
  return value as RunningServer;
}

/** The server's URL: `--url`, else PERENNIAL_URL, else the one that runs on the data directory. */
export function serverUrl(
  option: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
  workingDirectory: string,
): string {
  const given = option ?? env['PERENNIAL_URL'];
  if (given !== undefined && given !== '') return checkUrl(given);
  const directory = dataDirectory(env, workingDirectory);
  const url = runningServer(directory)?.url;
  if (url === undefined || url === null) {
    throw new CliError('NOT_RUNNING', `No server runs on ${directory}.`, [
      'Start one with "npm start", or name one with --url, or its data directory with PERENNIAL_DATA.',
    ]);
  }
  return url;
}

function checkUrl(text: string): string {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    throw new CliError('USAGE', `"${text}" is not a URL.`, ['Write it so: --url http://127.0.0.1:8080']);
  }
  return text;
}
