import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));

/** The checkout's caches: the nats-server that was fetched once, and the seed of PGlite. */
export const caches = {
  natsServer: join(root, '.cache/nats-server'),
  pgliteSeed: join(root, '.cache/pglite-seed'),
} as const;

/** Runs `work` with a directory of its own below the system's temporary one, and removes it. */
export async function inTemporaryDirectory<T>(name: string, work: (directory: string) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), `perennial-bench-${name}-`));
  try {
    return await work(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
