import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const checkout = dirname(dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url))))));

/** Downloads and seeds: below the checkout, shared by every data directory. */
export const cacheDirectory = join(checkout, '.cache');
