/**
 * Reads request bodies: bounded, of a known media type, as strict UTF-8 JSON of bounded depth.
 *
 * @module
 */
import { ProblemError } from './problem.ts';

/** What a body may be. */
export type BodyRules = { readonly mediaTypes: readonly string[]; readonly bytesMax: number };

/** A body and its media type, lower case and without parameters; no bytes when there is no body. */
export type RawBody = { readonly mediaType: string; readonly bytes: Uint8Array };

const depthMax = 64;

/**
 * Reads the whole body, at most `bytesMax`. A missing body is no bytes, whatever its type says.
 * @throws ProblemError PAYLOAD_TOO_LARGE, UNSUPPORTED_MEDIA_TYPE
 */
export async function readBody(request: Request, rules: BodyRules): Promise<RawBody> {
  const declared = Number(request.headers.get('content-length') ?? 0);
  if (declared > rules.bytesMax) throw tooLarge(rules.bytesMax);
  const bytes = await collect(request, rules.bytesMax);
  const mediaType = (request.headers.get('content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (bytes.byteLength > 0) checkEncoding(request, mediaType, rules.mediaTypes);
  return { mediaType, bytes };
}

function checkEncoding(request: Request, mediaType: string, allowed: readonly string[]): void {
  const encoding = request.headers.get('content-encoding') ?? 'identity';
  if (encoding.toLowerCase() !== 'identity') {
    throw new ProblemError(
      'UNSUPPORTED_MEDIA_TYPE',
      `Content-Encoding "${encoding}" is not understood: send the body plain.`,
    );
  }
  if (!allowed.includes(mediaType)) {
    const sent = mediaType === '' ? 'no Content-Type' : `Content-Type "${mediaType}"`;
    throw new ProblemError('UNSUPPORTED_MEDIA_TYPE', `The body came with ${sent}: send ${allowed.join(' or ')}.`);
  }
}

async function collect(request: Request, bytesMax: number): Promise<Uint8Array> {
  if (request.body === null) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body) {
    size += chunk.byteLength;
    if (size > bytesMax) throw tooLarge(bytesMax);
    chunks.push(chunk);
  }
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
}

function tooLarge(bytesMax: number): ProblemError {
  return new ProblemError(
    'PAYLOAD_TOO_LARGE',
    `The body may have at most ${bytesMax} bytes.`,
    {},
    {
      // The rest of the body is not read, so the connection cannot be used again.
      headers: { connection: 'close' },
    },
  );
}

/**
 * The JSON value of a body; `{}` for no body at all.
 * @throws ProblemError INVALID_INPUT for bytes that are not UTF-8, text that is not JSON, and nesting beyond all reason
 */
export function parseJson(bytes: Uint8Array): unknown {
  if (bytes.byteLength === 0) return {};
  const value = decodeJson(bytes);
  checkValues(value);
  return value;
}

// Level by level and without recursion, so that depth can never exhaust the stack. Half a surrogate pair has no UTF-8
// and NUL has no place in PostgreSQL's text, so neither may get as far as the log.
function checkValues(root: unknown): void {
  let level: unknown[] = [root];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > depthMax) throw malformed(`nested deeper than ${depthMax} levels`);
    const objects = level.filter((value) => typeof value === 'object' && value !== null);
    const texts = [...level, ...objects.flatMap((value) => Object.keys(value))];
    if (texts.some((text) => typeof text === 'string' && !isStorableText(text))) {
      throw malformed('holding text that is not well-formed Unicode, or the character NUL');
    }
    level = objects.flatMap((value) => Object.values(value));
  }
}

/** Whether every store can keep the text: well-formed Unicode without NUL. */
export function isStorableText(text: string): boolean {
  return !text.includes('\0') && !/\p{Surrogate}/u.test(text);
}

function decodeJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    // The parser's own message quotes the body, which may hold what must not be shown or logged.
    throw malformed('not JSON in UTF-8');
  }
}

function malformed(message: string): ProblemError {
  return new ProblemError('INVALID_INPUT', `The body is ${message}.`, {
    issues: [{ in: 'body', path: '', code: 'malformed_json', message }],
  });
}
