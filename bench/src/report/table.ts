import { rounded, type Row } from './report.ts';

const columns = ['row', 'system', 'per second', 'p50 ms', 'p99 ms', 'durable', 'of limit'] as const;

/** The rows as a table for people. */
export function renderTable(rows: readonly Row[]): string {
  const lines = [columns, ...rows.map(cells)];
  const widths = columns.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? '').length)));
  return lines
    .map((line) => line.map((cell, column) => padded(cell, widths[column] ?? 0, column)).join('  '))
    .join('\n');
}

function cells(row: Row): string[] {
  return [
    row.id,
    row.system,
    shown(row.perSecond),
    shown(row.p50Ms),
    shown(row.p99Ms),
    row.durable ? 'yes' : 'no',
    row.shareOfLimit === null ? '–' : `${Math.round(row.shareOfLimit * 100)} %`,
  ];
}

function shown(value: number | null): string {
  if (value === null) return '–';
  const [whole = '', fraction] = String(rounded(value)).split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ' ');
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

function padded(cell: string, width: number, column: number): string {
  return column < 2 ? cell.padEnd(width) : cell.padStart(width);
}
