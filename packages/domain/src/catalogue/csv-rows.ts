import { parse } from 'csv-parse/sync';
import { CatalogueImportError, type Oddity } from './import-outcome.ts';

/** A row of Microsoft's product/service-plan file, trimmed. */
export type CsvRow = {
  readonly line: number;
  readonly productName: string;
  /** Microsoft's readable product id (`String_Id`). */
  readonly product: string;
  readonly productGuid: string;
  /** Microsoft's readable service-plan id. */
  readonly servicePlan: string;
  readonly servicePlanGuid: string;
  readonly friendlyName: string;
};

const columns = {
  productName: 'product_display_name',
  product: 'string_id',
  productGuid: 'guid',
  servicePlan: 'service_plan_name',
  servicePlanGuid: 'service_plan_id',
  friendlyName: 'service_plans_included_friendly_names',
} as const;

type Field = keyof typeof columns;

// Object.keys forgets the keys' type; the table is a literal, so they are exactly these.
const fields = Object.keys(columns) as Field[];

/** Characters of a file; Microsoft's has about a million. */
const textLengthMax = 20_000_000;

/** Reads the rows by the names of their columns. @throws CatalogueImportError for what is no such file at all */
export function readRows(text: string): { rows: CsvRow[]; oddities: Oddity[] } {
  if (text.length > textLengthMax) {
    throw new CatalogueImportError('FILE_TOO_LARGE', `the file has more than ${textLengthMax} characters; split it`);
  }
  const oddities: Oddity[] = [];
  if (text.startsWith('\uFEFF'))
    oddities.push({ line: 1, code: 'BYTE_ORDER_MARK', message: 'a byte order mark was dropped' });
  const [header, ...records] = parseRecords(text);
  const positions = positionsOf(header?.cells ?? []);
  const rows: CsvRow[] = [];
  for (const { line, cells } of records) {
    const row = rowOf(line, cells, positions, oddities);
    if (row) rows.push(row);
  }
  return { rows, oddities };
}

type CsvRecord = { readonly line: number; readonly cells: readonly string[] };

function parseRecords(text: string): CsvRecord[] {
  try {
    const parsed = parse(text, { bom: true, info: true, relax_column_count: true, skip_empty_lines: true });
    // With `info` each entry is {record, info}; the declared type knows only the entry without it.
    const entries = parsed as unknown as { record: string[]; info: { lines: number } }[];
    return entries.map(({ record, info }) => ({ line: info.lines, cells: record }));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CatalogueImportError('MALFORMED_CSV', `the file cannot be read as CSV: ${reason}; export it again`, {
      cause,
    });
  }
}

function positionsOf(header: readonly string[]): Readonly<Record<Field, number>> {
  const names = header.map((cell) => tidy(cell).toLowerCase());
  const missing = fields.filter((field) => !names.includes(columns[field])).map((field) => columns[field]);
  if (missing.length > 0) {
    throw new CatalogueImportError(
      'UNKNOWN_COLUMNS',
      `the first line lacks ${missing.join(', ')}; use Microsoft's file of product names and service plans`,
    );
  }
  const at = (field: Field): number => names.indexOf(columns[field]);
  return {
    productName: at('productName'),
    product: at('product'),
    productGuid: at('productGuid'),
    servicePlan: at('servicePlan'),
    servicePlanGuid: at('servicePlanGuid'),
    friendlyName: at('friendlyName'),
  };
}

const guid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function rowOf(
  line: number,
  cells: readonly string[],
  positions: Readonly<Record<Field, number>>,
  oddities: Oddity[],
): CsvRow | undefined {
  const raw = (field: Field): string => cells[positions[field]] ?? '';
  const changed = fields.filter((field) => tidy(raw(field)) !== raw(field));
  if (changed.length > 0) {
    const names = changed.map((field) => columns[field]).join(', ');
    oddities.push({ line, code: 'WHITESPACE_TRIMMED', message: `odd white space in ${names}` });
  }
  const productGuid = tidy(raw('productGuid')).toLowerCase();
  const servicePlanGuid = tidy(raw('servicePlanGuid')).toLowerCase();
  const product = tidy(raw('product'));
  if (!guid.test(productGuid) || !guid.test(servicePlanGuid) || product === '') {
    oddities.push({
      line,
      code: 'INVALID_ROW',
      message: 'the row lacks an id of its product or service plan; skipped',
    });
    return undefined;
  }
  const servicePlan = tidy(raw('servicePlan')) || servicePlanGuid;
  const friendlyName = tidy(raw('friendlyName'));
  const productName = tidy(raw('productName'));
  if (friendlyName === '' || productName === '') {
    oddities.push({ line, code: 'EMPTY_NAME', message: 'a name is empty; the readable id stands in for it' });
  }
  return {
    line,
    productName: productName || product,
    product,
    productGuid,
    servicePlan,
    servicePlanGuid,
    friendlyName: friendlyName || servicePlan,
  };
}

/** Without white space at the ends, and one plain space for every run of any white or invisible kind. */
function tidy(cell: string): string {
  return cell.replace(/[\s\u200B-\u200F\uFEFF]+/g, ' ').trim();
}
