import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import type { Socket } from 'node:net';
import { delimiter, join } from 'node:path';
import { isMainThread } from 'node:worker_threads';

/** How a tied child came to its end. */
export interface ChildExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A child process that ends when this process ends, however that happens. */
export interface TiedChild {
  /** Id of the process group the child leads; the engine itself may have another id below it. */
  readonly groupId: number;
  readonly exited: Promise<ChildExit>;
  /** How it ended; `undefined` while it runs. */
  readonly ended: ChildExit | undefined;
  /** Signals the child's whole group; nothing happens when it has ended. */
  readonly signal: (signal: NodeJS.Signals) => void;
  /** Asks with `signal`, waits `waitMs`, then kills. */
  readonly end: (signal: NodeJS.Signals, waitMs: number) => Promise<ChildExit>;
}

/** What to run. */
export interface TiedChildOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Where the child's stdout and stderr go: a file descriptor. A pipe would break when this process dies. */
  readonly outputFd: number;
  /** What the child receives when this process dies. */
  readonly deathSignal: 'TERM' | 'INT';
  /** Runs the child as this user (needs root). */
  readonly user?: { readonly uid: number; readonly gid: number };
  /** `auto` (default) asks the kernel where it can; `pipe` forces the portable way. */
  readonly tie?: 'auto' | 'pipe';
}

// The second check closes the gap between fork and prctl: a parent that died in it would never be noticed.
const kernelTieScript = 'test "$PPID" = "$0" || exit 1; exec "$@"';
// The pipe on descriptor 3 closes with the parent; signals to the group reach the engine directly, so the shell only waits.
// A signal that meets the shell's trap between fork and exec of the engine is lost, so that the watcher repeats it.
const pipeTieScript = `
sig=$1; shift; trap : TERM INT
"$@" </dev/null 3<&- & child=$!
( trap - TERM INT; while read -r line <&3; do :; done
  while kill -"$sig" "$child" 2>/dev/null; do sleep 1; done ) & watcher=$!
exec 3<&-
while :; do wait "$child"; code=$?; kill -0 "$child" 2>/dev/null || break; done
kill "$watcher" 2>/dev/null
exit "$code"`;

/**
 * Starts a child in a session of its own (the terminal's and the process group's signals do not reach it) that receives
 * `deathSignal` as soon as this process is gone, even after SIGKILL.
 *
 * Linux does it in the kernel (`setpriv --pdeathsig`), bound to the spawning thread, hence only from the main thread;
 * elsewhere a shell watches a pipe.
 */
export function spawnTied(options: TiedChildOptions): TiedChild {
  const tie = tieFor(options);
  const [command, args] = commandLine(options, tie);
  const stdio: StdioOptions = ['ignore', options.outputFd, options.outputFd, tie === 'pipe' ? 'pipe' : 'ignore'];
  const child = spawn(command, args, {
    stdio,
    detached: true,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    env: options.env ?? process.env,
    ...(tie === 'pipe' ? options.user : {}),
  });
  // The pipe says something to the child only; it must not keep this process alive.
  (child.stdio[3] as Socket | null | undefined)?.unref();
  return observe(child);
}

function tieFor(options: TiedChildOptions): 'kernel' | 'pipe' {
  if (options.tie === 'pipe' || process.platform !== 'linux' || !isMainThread) return 'pipe';
  return findOnPath('setpriv') === undefined ? 'pipe' : 'kernel';
}

function commandLine(options: TiedChildOptions, tie: 'kernel' | 'pipe'): [string, string[]] {
  const target = [options.command, ...options.args];
  if (tie === 'pipe') return ['sh', ['-c', pipeTieScript, 'sh', options.deathSignal, ...target]];
  const user = options.user;
  const identity = user ? [`--reuid=${user.uid}`, `--regid=${user.gid}`, '--clear-groups'] : [];
  const guarded = ['sh', '-c', kernelTieScript, String(process.pid), ...target];
  return ['setpriv', [...identity, '--pdeathsig', options.deathSignal, '--', ...guarded]];
}

function observe(child: ChildProcess): TiedChild {
  let ended: ChildExit | undefined;
  const exited = new Promise<ChildExit>((resolve) => {
    const settle = (exit: ChildExit) => {
      ended ??= exit;
      resolve(ended);
    };
    child.once('exit', (code, signal) => settle({ code, signal }));
    // Never started: 127 is what a shell answers for a command that cannot be run.
    child.once('error', () => settle({ code: 127, signal: null }));
  });
  const groupId = child.pid ?? 0;
  const signal = (name: NodeJS.Signals): void => {
    if (ended === undefined && groupId > 0) signalGroup(groupId, name);
  };
  const end = async (name: NodeJS.Signals, waitMs: number): Promise<ChildExit> => {
    signal(name);
    const timer = setTimeout(() => signal('SIGKILL'), waitMs);
    try {
      return await exited;
    } finally {
      clearTimeout(timer);
    }
  };
  return {
    groupId,
    exited,
    get ended() {
      return ended;
    },
    signal,
    end,
  };
}

function signalGroup(groupId: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-groupId, signal);
  } catch (error) {
    // Already gone, which is what a signal is for.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** The first executable of that name on `PATH`. */
export function findOnPath(name: string, path: string = process.env['PATH'] ?? ''): string | undefined {
  return allOnPath(name, path)[0];
}

/** Every executable of that name on `PATH`, in order. */
export function allOnPath(name: string, path: string = process.env['PATH'] ?? ''): string[] {
  const candidates = path.split(delimiter).flatMap((directory) => (directory === '' ? [] : [join(directory, name)]));
  return candidates.filter(isExecutable);
}

/** Whether this process may execute the file. */
export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
