/**
 * Tables for people. The library is loaded when one is shown.
 *
 * @module
 */

// Columns without borders, as other command lines print them: easy to read, to copy and to cut.
const plain = {
  chars: {
    top: '',
    'top-mid': '',
    'top-left': '',
    'top-right': '',
    bottom: '',
    'bottom-mid': '',
    'bottom-left': '',
    'bottom-right': '',
    left: '',
    'left-mid': '',
    right: '',
    'right-mid': '',
    mid: '',
    'mid-mid': '',
    middle: '',
  },
  style: { head: [], border: [], 'padding-left': 0, 'padding-right': 2 },
};

/** A table as text, without colours. */
export async function table(head: readonly string[], rows: readonly (readonly unknown[])[]): Promise<string> {
  const { default: Table } = await import('cli-table3');
  const shown = new Table({ ...plain, head: head.map((name) => name.toUpperCase()) });
  for (const row of rows) shown.push(row.map(cell));
  return trimmed(shown.toString());
}

/** Names and values below each other. */
export async function fields(values: Readonly<Record<string, unknown>>): Promise<string> {
  const { default: Table } = await import('cli-table3');
  const shown = new Table(plain);
  for (const [name, value] of Object.entries(values)) shown.push([name, cell(value)]);
  return trimmed(shown.toString());
}

function trimmed(text: string): string {
  return text.replaceAll(/ +$/gm, '');
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return '–';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (Array.isArray(value)) return value.length === 0 ? '–' : value.map(cell).join(', ');
  return printableText(typeof value === 'string' ? value : JSON.stringify(value));
}

// What comes from outside may hold control sequences that would drive the terminal.
function printableText(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}]/gu, (character) =>
    character === '\n' || character === '\t' ? character : '\uFFFD',
  );
}
