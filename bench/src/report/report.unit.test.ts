import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ratiosOf, rounded, type Row } from './report.ts';
import { renderTable } from './table.ts';

const test = suite('bench report');

const row = (id: string, system: string, perSecond: number | null, p50Ms: number | null = null): Row => ({
  id,
  system,
  perSecond,
  p50Ms,
  p99Ms: null,
  durable: true,
  shareOfLimit: null,
});

test('compares Perennial with every other system that did the same work', () => {
  const ratios = ratiosOf([
    row('endToEnd', 'perennial', 1500, 20),
    row('endToEnd', 'emmett-postgres', 500, 10),
    row('endToEnd.pglite', 'perennial', 1000),
    row('append', 'db-client', 7000),
  ]);
  assert.equal(ratios, { 'endToEnd/emmett-postgres': 3, 'endToEnd.p50Ms/emmett-postgres': 2 });
});

test('has no ratio for what was not measured', () =>
  assert.equal(ratiosOf([row('endToEnd', 'perennial', null), row('endToEnd', 'emmett-postgres', 500)]), {}));

test('keeps three significant digits', () => {
  assert.is(rounded(1234.5), 1230);
  assert.is(rounded(0.012345), 0.0123);
});

test('shows every row to people, with a dash for what was not measured', () => {
  const table = renderTable([row('fold', 'perennial', 1_234_567), row('endToEnd', 'perennial', 900, 12.34)]);
  assert.match(table, /fold +perennial +1 230 000 +– +–/);
  assert.match(table, /endToEnd +perennial +900 +12\.3/);
});

test.run();
