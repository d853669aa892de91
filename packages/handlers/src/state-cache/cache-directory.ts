import {
  closeSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { uptime } from 'node:os';
import { join } from 'node:path';

/** Starts in a row that no orderly end followed, before the cache itself is suspected. */
const uncleanStartCountMax = 3;

/** A cache's place on disk. */
export type CacheDirectory = {
  readonly path: string;
  /** Notes that the cache was closed in order. */
  closed(): void;
};

/**
 * Prepares the directory of a cache that may be thrown away at any time, and throws it away when it was made by other code
 * (`digest`), when the machine was restarted since (nothing in it is synced), and when processes that opened it keep ending
 * without closing it: a damaged cache must not keep the program from starting.
 */
export function prepareCacheDirectory(parent: string, digest: string): CacheDirectory {
  mkdirSync(parent, { recursive: true });
  for (const name of readdirSync(parent)) {
    if (name !== digest) rmSync(join(parent, name), { recursive: true, force: true });
  }
  const path = join(parent, digest);
  const notePath = join(path, 'note.json');
  const boot = bootIdentity();
  const note = readNote(notePath);
  const isFamiliar = note?.boot === boot && note.uncleanStartCount < uncleanStartCountMax;
  const isTrusted = isFamiliar && isWhole(join(path, 'data.mdb'));
  if (!isTrusted) rmSync(path, { recursive: true, force: true });
  mkdirSync(path, { recursive: true });
  const write = (uncleanStartCount: number): void =>
    writeFileSync(notePath, JSON.stringify({ boot, uncleanStartCount } satisfies Note));
  write(isTrusted ? note.uncleanStartCount + 1 : 1);
  return { path, closed: () => write(0) };
}

type Note = { readonly boot: string; readonly uncleanStartCount: number };

function readNote(path: string): Note | undefined {
  try {
    // Anything else than what is written above compares as untrusted.
    return JSON.parse(readFileSync(path, 'utf8')) as Note;
  } catch {
    // Absent, or cut off by a crash: a cache of unknown age.
    return undefined;
  }
}

/** Another one after every restart of the machine. */
function bootIdentity(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    // Not Linux: when it started, to the minute.
    return `started ${Math.round((Date.now() / 1_000 - uptime()) / 60)}`;
  }
}

const magic = 0xbeefc0de;

/**
 * Whether the file begins like a database of LMDB and is as long as it says: LMDB maps the file into memory, and a damaged
 * beginning ends the process. (What is damaged further inside ends it too, or is found by the checksums of the records.)
 */
function isWhole(path: string): boolean {
  let file: number | undefined;
  try {
    file = openSync(path, 'r');
    const head = Buffer.alloc(2 * 65_536);
    const length = readSync(file, head, 0, head.length, 0);
    const pageSize = head.readUInt32LE(48);
    if (pageSize < 512 || 2 * pageSize > length) return false;
    const metas = [0, pageSize].map((at) => ({
      isMeta: head.readUInt32LE(at + 24) === magic,
      lastPage: head.readBigUInt64LE(at + 144),
    }));
    const size = BigInt(fstatSync(file).size);
    return metas.every(({ isMeta, lastPage }) => isMeta && (lastPage + 1n) * BigInt(pageSize) <= size);
  } catch {
    // Absent, or not to be read: not whole.
    return false;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}
