/**
 * Statements as messages of PostgreSQL's protocol, and rows from the messages that answer them.
 *
 * @module
 */
import { serialize } from 'pg-protocol';
import { getTypeParser } from './type-parsers.ts';
import type { SqlValue } from './types.ts';

/** An answer of the database, as far as rows need it. */
export type WireMessage = { readonly name: string; readonly fields?: readonly unknown[] };

type Field = { readonly name: string; readonly dataTypeID: number };

/** One or more statements without values. */
export function simpleMessage(text: string): Uint8Array {
  return serialize.query(text);
}

/**
 * A statement with values, all in one message. Under a `statement` name that was prepared before, it is neither parsed
 * nor, mostly, planned again.
 */
export function boundMessage(
  text: string,
  values: readonly SqlValue[],
  { statement, isPrepared }: { readonly statement: string; readonly isPrepared: boolean },
): Uint8Array {
  const preparing = isPrepared
    ? []
    : // An attempt that failed may have left the name behind; closing what does not exist is no error.
      [serialize.close({ type: 'S', name: statement }), serialize.parse({ name: statement, text })];
  return Buffer.concat([
    ...preparing,
    serialize.bind({ statement, values: values.map(wireText) }),
    serialize.describe({ type: 'P' }),
    serialize.execute(),
    serialize.sync(),
  ]);
}

/** Rows of the last statement. */
export function rowsOfAnswer(messages: readonly WireMessage[]): object[] {
  let fields: readonly Field[] = [];
  let rows: object[] = [];
  let last: object[] = [];
  for (const message of messages) {
    if (message.name === 'rowDescription') {
      // The protocol defines what these messages carry.
      fields = message.fields as readonly Field[];
      rows = [];
    } else if (message.name === 'dataRow') {
      rows.push(rowOf(fields, message.fields as readonly (string | null)[]));
    } else if (message.name === 'commandComplete') {
      last = rows;
      rows = [];
    }
  }
  return last;
}

function rowOf(fields: readonly Field[], texts: readonly (string | null)[]): object {
  const entries = fields.map(({ name, dataTypeID }, index): [string, unknown] => {
    const text = texts[index] ?? null;
    // oxlint-disable-next-line typescript/no-unsafe-enum-assignment -- the database numbers its types, the driver names some
    return [name, text === null ? null : getTypeParser(dataTypeID, 'text')(text)];
  });
  return Object.fromEntries(entries);
}

function wireText(value: SqlValue): string | null {
  if (value === null) return null;
  if (typeof value === 'string') return value;
  return typeof value === 'object' ? arrayText(value) : String(value);
}

/** An array literal: quoted, so that commas, braces and the word null are ordinary text. */
function arrayText(texts: readonly string[]): string {
  return `{${texts.map((text) => `"${text.replaceAll(/["\\]/g, (character) => `\\${character}`)}"`).join(',')}}`;
}
