/**
 * Where the running server is.
 *
 * @module
 */
import { resolve } from 'node:path';
import { readRuntimeFile, type RuntimeFile } from '../supervisor/runtime-file.ts';
import { CliError } from './cli-error.ts';

/** The data directory that the environment names. */
export function dataDirectory(env: Readonly<Record<string, string | undefined>>, workingDirectory: string): string {
  return resolve(workingDirectory, env['PERENNIAL_DATA']?.trim() || '.perennial');
}

/** The server that runs on a data directory; undefined when none has said so. */
export function runningServer(directory: string): RuntimeFile | undefined {
  try {
    return readRuntimeFile(directory);
  } catch (error) {
    throw new CliError(
      'RUNTIME_FILE_UNREADABLE',
      `runtime.json in ${directory} cannot be read.`,
      ['Start the server again, which writes it anew, or name the server with --url.'],
      { cause: error },
    );
  }
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
