import { fileURLToPath } from 'node:url';

/** For tests: a path below the checkout's `.cache`. */
export function cachePath(name: string): string {
  return fileURLToPath(new URL(`../../../../.cache/${name}`, import.meta.url));
}
