/**
 * `runtime.json` in the data directory: how the CLI finds the running server.
 *
 * @module
 */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What is known of a running server. */
export type RuntimeFile = {
  readonly pid: number;
  /** Null when this process serves no API. */
  readonly url: string | null;
  readonly startedAt: string;
  readonly engines: { readonly eventStore: string; readonly nats: string; readonly database: string };
  /** Where they listen. */
  readonly addresses: { readonly eventStore: string; readonly nats: string };
  /** Process ids of the parts, for operators and for crash tests. */
  readonly processes: Readonly<Record<string, number>>;
};

const fileName = 'runtime.json';

/** Replaces the file in one step, so that no reader sees half of it. */
export function writeRuntimeFile(dataDirectory: string, content: RuntimeFile): void {
  const path = join(dataDirectory, fileName);
  writeFileSync(`${path}.new`, `${JSON.stringify(content, null, 2)}\n`);
  renameSync(`${path}.new`, path);
}

/** Removes it; it may be gone already. */
export function removeRuntimeFile(dataDirectory: string): void {
  rmSync(join(dataDirectory, fileName), { force: true });
}

/** The file's content, or undefined when no server has left one. */
export function readRuntimeFile(dataDirectory: string): RuntimeFile | undefined {
  try {
    return JSON.parse(readFileSync(join(dataDirectory, fileName), 'utf8')) as RuntimeFile;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
