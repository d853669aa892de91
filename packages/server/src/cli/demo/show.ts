/**
 * A chapter as text for people: what was done and answered, *Your products*, *My account*, and what was checked.
 *
 * @module
 */
import { table } from '../output.ts';
import type { Account, ChapterReport, Check, Products, Step } from './report.ts';

const widthMax = 60;
const valueWidthMax = 90;

/** The whole chapter but its title. */
export async function chapterText(report: ChapterReport): Promise<string> {
  const pages = [...latest(report.products).map(productsText), ...latest(report.accounts).map(accountText)];
  return [
    report.about,
    '',
    await stepsText(report.steps),
    ...(await Promise.all(pages)).map((page) => `\n${page}`),
    '',
    ...report.checks.map(checkText),
  ].join('\n');
}

/** A page that was opened twice is shown as it was last. */
function latest<T extends Products | Account>(pages: readonly T[]): readonly T[] {
  const name = (page: T): string => `${page.tenant}/${'user' in page ? page.user : ''}`;
  return [...new Map(pages.map((page) => [name(page), page])).values()];
}

function stepsText(steps: readonly Step[]): Promise<string> {
  return table(
    ['through', 'what', 'answer'],
    steps.map(({ door, did, answer }) => [door, did, answerText(answer)]),
  );
}

/** The part of an answer that says most; `--json` has all of it. */
function answerText(answer: Step['answer']): string {
  const { status, version, events, reasonCodes, remedies, now, stream, sequence, duplicate, code, detail } = answer;
  if (Array.isArray(events)) return `${valueText(status)}, version ${valueText(version)}: ${eventTypes(events)}`;
  if (Array.isArray(reasonCodes)) return [`refused: ${reasonCodes.join(', ')}`, ...remedyLines(remedies)].join('\n');
  if (typeof now === 'string') return `it is ${now}`;
  if (stream !== undefined)
    return `${valueText(stream)} ${valueText(sequence)}${duplicate === true ? ', a duplicate' : ''}`;
  if (answer['received'] === true) return duplicate === true ? 'received, a duplicate' : 'received';
  if (code !== undefined) return `${valueText(code)}: ${valueText(detail)}`;
  return Object.entries(answer)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name}: ${valueText(value)}`)
    .join('\n');
}

function eventTypes(events: readonly unknown[]): string {
  const types = events.flatMap((event) =>
    typeof event === 'object' && event !== null && 'type' in event ? [String(event.type)] : [],
  );
  return types.length === 0 ? 'nothing had to change' : types.join(', ');
}

function remedyLines(remedies: unknown): string[] {
  if (!Array.isArray(remedies)) return [];
  // The server's documented shape of a remedy.
  return (remedies as { text: { en: string; nl: string } }[]).flatMap(({ text }) => [
    `en: ${text.en}`,
    `nl: ${text.nl}`,
  ]);
}

function valueText(value: unknown): string {
  if (Array.isArray(value)) return value.map(valueText).join(value.join().length > valueWidthMax ? '\n  ' : ', ');
  return typeof value === 'string' ? value : JSON.stringify(value);
}

async function productsText({ tenant, subscriptions }: Products): Promise<string> {
  const rows = subscriptions.map((row) => [
    row.subscriptionId,
    row.planId,
    row.status,
    `${row.seats.assigned}/${row.seats.purchased}`,
    row.nextBilling,
    row.deadline === null ? null : `${row.deadline.kind} ${row.deadline.at}`,
  ]);
  return `Your products: ${tenant}\n${await table(['subscription', 'plan', 'status', 'seats', 'next billing', 'next'], rows)}`;
}

/** Apps with the same access for the same reason share a line. */
async function accountText({ tenant, user, apps }: Account): Promise<string> {
  const groups = new Map<string, { readonly names: string[]; readonly cells: readonly unknown[] }>();
  for (const app of apps) {
    const because = app.because.map(({ subscriptionId, status }) => `${subscriptionId} ${status}`);
    const cells = [app.access, app.downloadable, because, app.changesAt];
    const key = JSON.stringify(cells);
    const group = groups.get(key) ?? { names: [], cells };
    group.names.push(app.name);
    groups.set(key, group);
  }
  const rows = [...groups.values()].map(({ names, cells: [access, downloadable, because, changesAt] }) => [
    access,
    someOf(names),
    downloadable,
    because,
    changesAt,
  ]);
  return `My account: ${user} (${tenant})\n${await table(['access', 'apps', 'download', 'because', 'changes at'], rows)}`;
}

/** As many names as fit in a line, at least one. */
function someOf([first = '', ...others]: readonly string[]): string {
  let line = first;
  for (const [index, name] of others.entries()) {
    if (`${line}, ${name}`.length > widthMax)
      return `${line}
and ${others.length - index} more`;
    line = `${line}, ${name}`;
  }
  return line;
}

function checkText({ holds, claim, actual }: Check): string {
  const text = JSON.stringify(actual) ?? 'nothing';
  return `${holds ? '✓' : '✗'} ${claim}: ${text.length > valueWidthMax ? `${text.slice(0, valueWidthMax)}…` : text}`;
}
