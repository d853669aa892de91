import { appsByGuid, mostUsual } from './app-names.ts';
import type { App, Catalogue, Plan } from './catalogue.ts';
import { readRows, type CsvRow } from './csv-rows.ts';
import { CatalogueImportError, type Oddity } from './import-outcome.ts';

/** What an import gives. */
export type CatalogueImport = { readonly catalogue: Catalogue; readonly oddities: readonly Oddity[] };

/**
 * Reads Microsoft's "product names and service plan identifiers" CSV (`domain.md 5.2`). A product becomes a plan under its
 * readable id, a service plan an app under its GUID. Oddities are put right and reported with their lines; rows without ids
 * are skipped. The version names the content, so that the same file is the same catalogue.
 *
 * @throws CatalogueImportError when it is no such file
 */
export function importServicePlanCsv(text: string): CatalogueImport {
  const { rows, oddities } = readRows(text);
  const products = productsOf(rows);
  if (products.size === 0) throw new CatalogueImportError('NO_PLANS', 'the file holds no products; use the whole file');
  const apps = appsByGuid(rows, oddities);
  const planIds = planIdsOf(products, oddities);
  const plans = [...products].map(([skuId, group]): Plan => ({
    planId: planIds.get(skuId) ?? skuId,
    name: planNameOf(group, oddities),
    skuId,
    apps: appsOf(group, apps, oddities),
  }));
  const version = `m365-${contentHash(JSON.stringify(plans))}`;
  return { catalogue: { version, plans }, oddities: oddities.toSorted((a, b) => a.line - b.line) };
}

/** Rows by product GUID, which is the only id that is unique. */
function productsOf(rows: readonly CsvRow[]): Map<string, CsvRow[]> {
  const products = new Map<string, CsvRow[]>();
  for (const row of rows) {
    const group = products.get(row.productGuid);
    if (group) group.push(row);
    else products.set(row.productGuid, [row]);
  }
  return products;
}

function planNameOf(group: readonly CsvRow[], oddities: Oddity[]): string {
  const name = mostUsual(group.map((row) => row.productName));
  const other = group.find((row) => row.productName !== name);
  if (other) {
    oddities.push({
      line: other.line,
      code: 'PLAN_NAME_VARIES',
      message: `"${other.productName}" is elsewhere "${name}"`,
    });
  }
  return name;
}

function appsOf(group: readonly CsvRow[], apps: ReadonlyMap<string, App>, oddities: Oddity[]): App[] {
  const seen = new Map<string, CsvRow>();
  for (const row of group) {
    const before = seen.get(row.servicePlanGuid);
    if (!before) {
      seen.set(row.servicePlanGuid, row);
      continue;
    }
    const same = before.friendlyName === row.friendlyName && before.servicePlan === row.servicePlan;
    const code = same ? 'DUPLICATE_ROW' : 'DUPLICATE_APP';
    const what = same ? 'the row' : `the service plan, as "${before.friendlyName}",`;
    oddities.push({ line: row.line, code, message: `${what} is in line ${before.line} already; skipped` });
  }
  return [...seen.keys()].flatMap((appId) => apps.get(appId) ?? []);
}

/** The readable ids, fit for a URL; one that two products share gets the beginning of the GUID from the second on. */
function planIdsOf(products: ReadonlyMap<string, readonly CsvRow[]>, oddities: Oddity[]): ReadonlyMap<string, string> {
  const planIds = new Map<string, string>();
  const taken = new Set<string>();
  for (const [skuId, [first]] of products) {
    if (!first) continue;
    const readable = first.product.replace(/[^A-Za-z0-9_.-]+/g, '_');
    const planId = taken.has(readable) ? `${readable}_${skuId.slice(0, 8)}` : readable;
    if (readable !== first.product) {
      oddities.push({ line: first.line, code: 'PLAN_ID_REWRITTEN', message: `"${first.product}" became ${readable}` });
    }
    if (planId !== readable) {
      oddities.push({
        line: first.line,
        code: 'PLAN_ID_REUSED',
        message: `${readable} is another product; this is ${planId}`,
      });
    }
    taken.add(planId);
    planIds.set(skuId, planId);
  }
  return planIds;
}

/** Two FNV-1a hashes from different starts: enough to tell versions of one file apart, no defence against forgery. */
function contentHash(text: string): string {
  return [0x811c9dc5, 0x01234567].map((start) => fnv1a(text, start).toString(16).padStart(8, '0')).join('');
}

function fnv1a(text: string, start: number): number {
  let hash = start;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash >>> 0;
}
