import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';

/** For tests: a Node process that runs a module text of this package and prints one JSON line. */
export interface ScriptProcess {
  readonly child: ChildProcess;
  /** The first line it printed, parsed. */
  readonly firstLine: Promise<unknown>;
  readonly exited: Promise<void>;
}

/** For tests: runs `text` as a module; `url('broker/x.js')` in it names a built file of this package. */
export function runScript(text: string): ScriptProcess {
  const base = new URL('../', import.meta.url).href;
  const prelude = `const url = (path) => new URL(path, ${JSON.stringify(base)}).href;`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', `${prelude}\n${text}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const firstLine = new Promise<unknown>((resolve, reject) => {
    const lines = createInterface({ input: child.stdout });
    lines.once('line', (line) => resolve(JSON.parse(line)));
    lines.once('close', () => reject(new Error('the script ended without a line')));
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  // A script that is killed on purpose may never print.
  firstLine.catch(() => undefined);
  return { child, firstLine, exited };
}
