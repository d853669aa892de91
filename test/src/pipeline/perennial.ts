/**
 * A whole Perennial for a test: started by the same entry as `npm start`, in a temporary directory, on free ports.
 *
 * @module
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
const pollMs = 10;
const overloadedCountMax = 30;
const entry = join(root, 'packages/server/dist/main.js');

/** An answer of the API. */
export type Answer = { readonly status: number; readonly body: Json; readonly headers: Headers };

/** JSON as a test reads it: any path may be asked for, the assertion says what should stand there. */
// oxlint-disable-next-line typescript/no-explicit-any -- a test reads answers of many shapes; the contract test checks them against their schemas
export type Json = any;

/** How to start. */
export type StartOptions = {
  readonly env?: Readonly<Record<string, string>>;
  /** Reuse a directory of a former start. */
  readonly dataDirectory?: string;
  readonly readyWaitMs?: number;
};

/** A running Perennial. */
export type Perennial = {
  readonly url: string;
  readonly pid: number;
  readonly dataDirectory: string;
  /** Everything printed so far. */
  output(): string;
  /** Process id of a part: `event-store`, `nats-server`, `intake`, `owner`. */
  processId(part: string): number;
  get(path: string): Promise<Answer>;
  post(path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  put(path: string, body: unknown): Promise<Answer>;
  /** SIGTERM, and the exit code. */
  stop(): Promise<number | null>;
  /** SIGKILL to the supervisor. */
  kill(): Promise<void>;
  /** Stops it and removes its directory. */
  close(): Promise<void>;
};

/** Starts Perennial and answers when it says that it is ready. */
export async function startPerennial(options: StartOptions = {}): Promise<Perennial> {
  const dataDirectory = options.dataDirectory ?? mkdtempSync(join(tmpdir(), 'perennial-'));
  const child = spawn(process.execPath, ['--enable-source-maps', entry], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...withoutConfiguration(process.env),
      PORT: '0',
      PERENNIAL_DATA: dataDirectory,
      LOG_LEVEL: 'warn',
      ...options.env,
    },
  });
  const printed = collect(child);
  const exited = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    return exited;
  };
  const ready = await untilPrinted(
    printed,
    /^perennial ready (\S+).* pid=(\d+)$/m,
    exited,
    options.readyWaitMs ?? 120_000,
  ).catch(async (error: unknown) => {
    // Nobody gets to close what never was ready.
    await end('SIGTERM');
    throw error;
  });
  const [, url = '', pid = ''] = ready;
  const request = requester(`${url}/v1`);
  return {
    url,
    pid: Number(pid),
    dataDirectory,
    output: () => printed.text,
    processId: (part) => processId(dataDirectory, part),
    get: (path) => request('GET', path),
    post: (path, body, headers) => request('POST', path, body, headers),
    put: (path, body) => request('PUT', path, body),
    stop: () => end('SIGTERM'),
    kill: async () => void (await end('SIGKILL')),
    close: async () => {
      await end('SIGTERM');
      rmSync(dataDirectory, { recursive: true, force: true });
    },
  };
}

/** Address of an embedded engine, `esdb://…` or `nats://…`, as the running start announced it. */
export function readEngineUrl(dataDirectory: string, engine: 'eventStore' | 'nats'): string {
  const { addresses } = JSON.parse(readFileSync(join(dataDirectory, 'runtime.json'), 'utf8')) as {
    addresses: Record<string, string>;
  };
  const url = addresses[engine];
  if (url === undefined) throw new Error(`runtime.json names no ${engine}`);
  return url;
}

/** Runs the entry to its end, for starts that are expected to fail, or are stopped once they have printed `stopAt`. */
export async function startAndFail(
  env: Readonly<Record<string, string>>,
  stopAt?: RegExp,
): Promise<{ readonly code: number | null; readonly output: string }> {
  const child = spawn(process.execPath, [entry], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...withoutConfiguration(process.env), ...env },
  });
  const printed = collect(child);
  child.stdout.on('data', () => {
    if (stopAt?.test(printed.text)) child.kill('SIGTERM');
  });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, output: printed.text };
}

/** Asks `check` again and again until it answers something, at most `waitMs`. */
export async function until<T>(what: string, check: () => Promise<T | undefined | false>, waitMs = 60_000): Promise<T> {
  const deadline = performance.now() + waitMs;
  for (;;) {
    const answer = await check();
    if (answer !== undefined && answer !== false) return answer;
    if (performance.now() > deadline) throw new Error(`waited ${waitMs} ms in vain for: ${what}`);
    await delay(pollMs);
  }
}

/** A test's engines are its own, whatever the shell that runs the tests has configured. */
function withoutConfiguration(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const ours =
    /^(HOST|PORT|EVENTSTORE_URL|NATS_URL|NATS_CREDS|NATS_TLS_CA|DATABASE_URL|STRIPE_.*|PERENNIAL_.*|LOG_LEVEL)$/;
  return Object.fromEntries(Object.entries(env).filter(([name]) => !ours.test(name)));
}

type Printed = { text: string };

function collect(child: ChildProcess): Printed {
  const printed: Printed = { text: '' };
  const add = (chunk: Buffer): void => {
    printed.text += chunk.toString();
  };
  child.stdout?.on('data', add);
  child.stderr?.on('data', add);
  return printed;
}

async function untilPrinted(
  printed: Printed,
  pattern: RegExp,
  exited: Promise<number | null>,
  waitMs: number,
): Promise<RegExpExecArray> {
  let ended: { code: number | null } | undefined;
  void exited.then((code) => (ended = { code }));
  return until(
    `${pattern}; printed so far:\n${printed.text}`,
    () => {
      const match = pattern.exec(printed.text);
      if (!match && ended) throw new Error(`the start ended with ${ended.code}:\n${printed.text}`);
      return Promise.resolve(match ?? undefined);
    },
    waitMs,
  ).catch((error: Error) => {
    throw new Error(`${error.message}\n${printed.text}`, { cause: error });
  });
}

/** Asks as a client should: one that is told to come back, because the machine is busy, comes back. */
function requester(base: string) {
  const send = sender(base);
  return async (...request: Parameters<typeof send>): Promise<Answer> => {
    for (let leftCount = overloadedCountMax; ; leftCount -= 1) {
      const answer = await send(...request);
      if (leftCount === 0 || answer.body?.code !== 'OVERLOADED') return answer;
      await delay(Number(answer.headers.get('retry-after')) * 1000);
    }
  };
}

function sender(base: string) {
  return async (
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> => {
    const raw = body instanceof Uint8Array || typeof body === 'string';
    const response = await fetch(`${base}${path}`, {
      method,
      headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
      ...(body !== undefined && { body: raw ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? undefined : JSON.parse(text), headers: response.headers };
  };
}

function processId(dataDirectory: string, part: string): number {
  const path = join(dataDirectory, 'runtime.json');
  if (!existsSync(path)) throw new Error(`no ${path}`);
  const pid = (JSON.parse(readFileSync(path, 'utf8')) as { processes: Record<string, number> }).processes[part];
  if (pid === undefined) throw new Error(`${path} names no process ${part}`);
  return pid;
}
