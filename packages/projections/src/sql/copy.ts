import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { PoolClient } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { storableText } from './jsonb.ts';
import type { Copy } from './types.ts';

/** Characters per message: many lines, and little enough to be held twice. */
const chunkLengthMin = 65_536;

/** `COPY … FROM STDIN` on a connection that is in a transaction. */
export function copyInto(client: PoolClient): Copy {
  return (table, lines) => pipeline(Readable.from(chunksOf(lines)), client.query(copyFrom(`copy ${table} from stdin`)));
}

function* chunksOf(lines: Iterable<string>): Generator<Buffer> {
  let chunk = '';
  for (const line of lines) {
    chunk += line;
    if (chunk.length < chunkLengthMin) continue;
    yield Buffer.from(chunk);
    chunk = '';
  }
  if (chunk !== '') yield Buffer.from(chunk);
}

/** Characters that mean something to `COPY`, and the one that no text of the database can hold. */
const special = /[\\\t\n\r\0]/;
const specials = /[\\\t\n\r]/g;
const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

/** A value as `COPY`'s text format spells it. */
export function copyText(value: string | number | boolean | null): string {
  if (value === null) return '\\N';
  if (typeof value === 'string') return special.test(value) ? escaped(value) : value;
  return typeof value === 'boolean' ? (value ? 't' : 'f') : String(value);
}

/** JSON that `toJsonb` made, as `COPY`'s text format spells it: no control character is in it. */
export function copyJson(json: string): string {
  return json.includes('\\') ? json.replaceAll('\\', '\\\\') : json;
}

function escaped(text: string): string {
  return storableText(text).replace(specials, (character) => escapes[character] ?? character);
}
