/** Texts that PostgreSQL's jsonb cannot hold: U+0000, and halves of surrogate pairs. */
const unstorable = /\\u0000|\\ud[89a-f][0-9a-f]{2}/i;
/** Nearly no text has one of these, and this is found much faster. */
const suspicious = /[\0\ud800-\udfff]/;
const badCharacters = /\0|\p{Surrogate}/gu;

/**
 * JSON for a jsonb parameter. What jsonb cannot hold becomes U+FFFD: a read model shows such a text inexactly rather than
 * stopping at it; the log keeps the original.
 */
export function toJsonb(value: unknown): string {
  const json = JSON.stringify(value);
  // Nearly every text is without an escaped character.
  if (!json.includes('\\u')) return json;
  return unstorable.test(json) ? JSON.stringify(replaced(value)) : json;
}

/** A text as a column or a key can hold it; see {@link toJsonb}. */
export function storableText(text: string): string {
  if (!suspicious.test(text)) return text;
  return text.replace(badCharacters, '\uFFFD');
}

function replaced(value: unknown): unknown {
  if (typeof value === 'string') return storableText(value);
  if (Array.isArray(value)) return value.map(replaced);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [storableText(key), replaced(inner)]));
}
