/**
 * The client of the running server's HTTP API, as far as the CLI needs it. It depends on nothing but `fetch`.
 *
 * @module
 */
import { CliError } from './cli-error.ts';

/** How to reach the server and as whom. */
export type ClientOptions = {
  readonly url: string;
  readonly token?: string | undefined;
  readonly actor?: string | undefined;
  readonly roles?: string | undefined;
  readonly timeoutMs?: number;
};

/** One request. */
export type ClientRequest = {
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: unknown;
  /** Sent as it is instead of `body`. */
  readonly text?: { readonly mediaType: string; readonly content: string };
  readonly headers?: Readonly<Record<string, string | undefined>>;
  /** Statuses that are answers, not errors; 2xx always are. */
  readonly accept?: readonly number[];
  readonly timeoutMs?: number;
};

/** See the module's description. */
export type ApiClient = {
  readonly url: string;
  /** Sends and reads the JSON answer. The caller names its type: it is the server's documented schema. */
  send<T extends object>(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, request?: ClientRequest): Promise<T>;
  /** Sends and answers the bytes as they come. */
  stream(method: 'GET' | 'POST', path: string, request?: ClientRequest): Promise<AsyncIterable<Uint8Array>>;
};

/** The members of a problem that the CLI shows. */
type Problem = {
  readonly code?: string;
  readonly detail?: string;
  readonly issues?: readonly { readonly in: string; readonly path: string; readonly message: string }[];
  readonly remedies?: readonly { readonly text: { readonly en: string } }[];
};

/** Builds a client. */
export function createApiClient(options: ClientOptions): ApiClient {
  return {
    url: options.url,
    // The caller's type is the documented answer of the very path it asks for.
    send: async <T extends object>(method: string, path: string, request: ClientRequest = {}) =>
      (await answerOf(await call(options, method, path, request), request.accept ?? [])) as T,
    stream: async (method, path, request = {}) => {
      const response = await call(options, method, path, request);
      if (response.ok && response.body !== null) return response.body;
      await answerOf(response, []);
      throw new CliError('NOT_PERENNIAL', 'The server answered nothing.', ['Check --url.']);
    },
  };
}

/** A path with every part encoded. */
export function apiPath(...parts: readonly string[]): string {
  return `/v1/${parts.map(encodeURIComponent).join('/')}`;
}

async function call(options: ClientOptions, method: string, path: string, request: ClientRequest): Promise<Response> {
  const url = new URL(path, options.url);
  for (const [name, value] of Object.entries(request.query ?? {})) {
    if (value !== undefined) url.searchParams.set(name, value);
  }
  const content = request.text?.content ?? (request.body === undefined ? undefined : JSON.stringify(request.body));
  try {
    return await fetch(url, {
      method,
      headers: definedOnly({
        accept: 'application/json',
        'content-type': content === undefined ? undefined : (request.text?.mediaType ?? 'application/json'),
        authorization: options.token === undefined ? undefined : `Bearer ${options.token}`,
        'perennial-actor': options.actor === undefined ? undefined : encodeActor(options.actor),
        'perennial-roles': options.roles,
        ...request.headers,
      }),
      signal: AbortSignal.timeout(request.timeoutMs ?? options.timeoutMs ?? 30_000),
      ...(content !== undefined && { body: content }),
    });
  } catch (error) {
    throw unreachable(options.url, error);
  }
}

// The id may hold characters that a header cannot carry; the colon after the type stays readable.
function encodeActor(actor: string): string {
  return encodeURIComponent(actor).replace('%3A', ':');
}

function definedOnly(headers: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

function unreachable(url: string, error: unknown): CliError {
  const timedOut = error instanceof Error && error.name === 'TimeoutError';
  const sentence = timedOut ? `The server at ${url} did not answer in time.` : `No server answers at ${url}.`;
  return new CliError(
    timedOut ? 'SERVER_TIMEOUT' : 'SERVER_UNREACHABLE',
    sentence,
    ['Start one with "npm start", or name another with --url.'],
    { cause: error },
  );
}

async function answerOf(response: Response, accept: readonly number[]): Promise<unknown> {
  const text = await response.text();
  const value = parse(text);
  if ((response.ok || accept.includes(response.status)) && typeof value === 'object' && value !== null) return value;
  if (response.ok)
    throw new CliError('NOT_PERENNIAL', 'What answers there is not a Perennial server.', ['Check --url.']);
  throw problemError(response, value);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function problemError(response: Response, value: unknown): CliError {
  if (typeof value !== 'object' || value === null || !('code' in value)) {
    return new CliError('NOT_PERENNIAL', `The server answered ${response.status} without a problem.`, ['Check --url.']);
  }
  // Everything is optional, so any object can be looked at so.
  const problem = value as Problem;
  const retryAfter = response.headers.get('retry-after');
  return new CliError(
    problem.code ?? 'UNEXPECTED',
    problem.detail ?? `The server answered ${response.status}.`,
    [
      ...(problem.issues ?? []).map((issue) => `${[issue.in, issue.path].filter(Boolean).join(' ')}: ${issue.message}`),
      ...(problem.remedies ?? []).map(({ text }) => text.en),
      ...(retryAfter === null ? [] : [`Try again in ${retryAfter} s.`]),
    ],
    { problem: value },
  );
}
