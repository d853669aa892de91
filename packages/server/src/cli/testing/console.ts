/**
 * Runs commands of the CLI in this process against an HTTP server on a free port, over doubles.
 *
 * @module
 */
import { createHttpApp, type HttpAppOptions } from '../../http/app.ts';
import type { ApiServices } from '../../http/services.ts';
import { fakeServices, type FakeServices } from '../../http/testing/fake-services.ts';
import { serveHttp, type HttpServer } from '../../roles/http-server.ts';
import { runCli } from '../run.ts';
import type { Terminal } from '../terminal.ts';

/** What a command printed, and how it ended. */
export type Ran = { readonly code: number | undefined; readonly out: string; readonly err: string };

/** What stands around a command. */
export type RunOptions = {
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  readonly workingDirectory?: string;
  readonly signal?: AbortSignal;
  /** Called with every line of standard output. */
  readonly onLine?: (line: string) => void;
};

/** Runs the CLI with these arguments. */
export async function run(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const out: string[] = [];
  const err: string[] = [];
  const terminal: Terminal = {
    env: options.env ?? {},
    workingDirectory: options.workingDirectory ?? '/nonexistent',
    print: (line) => {
      out.push(line);
      options.onLine?.(line);
    },
    complain: (line) => void err.push(line),
    readInput: async () => options.input ?? '',
    interactive: false,
    signal: options.signal ?? new AbortController().signal,
  };
  const code = await runCli(args, terminal);
  return { code, out: out.join('\n'), err: err.join('\n') };
}

/** A server over doubles, and the CLI pointed at it. */
export type ServedCli = {
  readonly services: FakeServices;
  readonly server: HttpServer;
  readonly run: (args: readonly string[], options?: RunOptions) => Promise<Ran>;
};

/** Serves on a free port of loopback. Close `server` when done. */
export async function serveForCli(
  overrides: Partial<ApiServices> = {},
  options: Partial<HttpAppOptions> = {},
): Promise<ServedCli> {
  const services = fakeServices(overrides);
  const app = createHttpApp(services, { auth: { mode: 'none' }, verifyAnswers: true, ...options });
  const server = await serveHttp({ fetch: (request) => app.fetch(request), host: '127.0.0.1', port: 0 });
  return { services, server, run: (args, around) => run([...args, '--url', server.url], around) };
}
