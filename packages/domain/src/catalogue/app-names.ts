import type { App } from './catalogue.ts';
import type { CsvRow } from './csv-rows.ts';
import type { Oddity } from './import-outcome.ts';

/**
 * Readable service-plan ids of software that is downloaded and activated on a device. The file does not say so; everything
 * else in it is switched on or off at the service, rights to use Windows included.
 */
const desktopPlans =
  /^(?:OFFICESUBSCRIPTION|OFFICE_BUSINESS|OFFICE_PRO_?PLUS|OFFICEMOBILE_SUBSCRIPTION|VISIO_CLIENT_|PROJECT_CLIENT_|POWERAUTOMATE_DESKTOP_FOR_|MINECRAFT_)/i;

/** One app for every service plan, by its GUID; the file spells the same one in several ways. */
export function appsByGuid(rows: readonly CsvRow[], oddities: Oddity[]): ReadonlyMap<string, App> {
  const groups = new Map<string, CsvRow[]>();
  for (const row of rows) {
    const group = groups.get(row.servicePlanGuid);
    if (group) group.push(row);
    else groups.set(row.servicePlanGuid, [row]);
  }
  const apps = new Map<string, App>();
  for (const [appId, group] of groups) {
    const name = mostUsual(group.map((row) => row.friendlyName));
    const code = mostUsual(group.map((row) => row.servicePlan));
    report(group, 'APP_NAME_VARIES', (row) => row.friendlyName, name, oddities);
    report(group, 'APP_CODE_VARIES', (row) => row.servicePlan, code, oddities);
    apps.set(appId, { appId, name, kind: desktopPlans.test(code) ? 'desktop' : 'service' });
  }
  return apps;
}

/** The most frequent spelling; among equals one that is not all capitals, then the first in the alphabet. */
export function mostUsual(spellings: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const spelling of spellings) counts.set(spelling, (counts.get(spelling) ?? 0) + 1);
  const shouts = (text: string): number => (text === text.toUpperCase() ? 1 : 0);
  const [best] = [...counts].sort(
    ([a, countA], [b, countB]) => countB - countA || shouts(a) - shouts(b) || (a < b ? -1 : 1),
  );
  return best?.[0] ?? '';
}

/** Once for every other spelling, at the line where it is first seen. */
function report(
  group: readonly CsvRow[],
  code: 'APP_NAME_VARIES' | 'APP_CODE_VARIES',
  spellingOf: (row: CsvRow) => string,
  chosen: string,
  oddities: Oddity[],
): void {
  const seen = new Set([chosen]);
  for (const row of group) {
    const spelling = spellingOf(row);
    if (seen.has(spelling)) continue;
    seen.add(spelling);
    oddities.push({ line: row.line, code, message: `"${spelling}" is elsewhere "${chosen}", which is used` });
  }
}
