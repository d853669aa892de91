import { createWriteStream } from 'node:fs';
import { readFile, rename, rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { z } from '@hono/zod-openapi';
import type { logRootSchema, publishedRootSchema } from '../../http/schemas/proof.ts';
import type { VerifyLine } from '../../http/services.ts';
import { apiPath } from '../client.ts';
import { CliError } from '../cli-error.ts';
import type { CommandAction, CommandContext } from '../command.ts';
import { table } from '../output.ts';
import { withProgress } from '../progress.ts';
import { subscriptionRef } from '../subscription-ref.ts';

type Root = z.infer<typeof logRootSchema>;
type Verdict = Extract<VerifyLine, { kind: 'verdict' }>;

// Reading the whole log takes as long as the log is long.
const readingTimeoutMs = 24 * 3_600_000;

/** `audit verify`; exit code 1 when something was altered */
export const verify: CommandAction = async (context, [argument]) => {
  const roots = await Promise.all(context.options('root').map(readRoot));
  const verdict = await lastLine(context, await linesOf(context, argument, roots));
  await context.answer(verdict, () => describe(verdict));
  return verdict.ok ? 0 : 1;
};

async function linesOf(
  context: CommandContext,
  argument: string | undefined,
  roots: readonly Root[],
): Promise<AsyncIterable<Uint8Array>> {
  const client = context.client();
  const tenant = context.option('tenant');
  if (argument === undefined && tenant === undefined) {
    return client.stream('POST', apiPath('audit', 'verify'), { body: { roots }, timeoutMs: readingTimeoutMs });
  }
  if (roots.length > 0) {
    throw new CliError('USAGE', 'A root covers the whole log, so only the whole log can be held against it.', [
      'Leave the subscription and --tenant out.',
    ]);
  }
  const { scope, path } = scopeOf(context, argument, 'verify');
  return client.stream('POST', path, { body: scope, timeoutMs: readingTimeoutMs });
}

type Scope = { readonly subscriptionId?: string };

function scopeOf(
  context: CommandContext,
  argument: string | undefined,
  route: string,
): { readonly scope: Scope; readonly path: string } {
  const tenant = context.option('tenant');
  const isTenant = argument === undefined || (tenant === undefined && !argument.includes('/'));
  if (isTenant) return { scope: {}, path: apiPath('tenants', argument ?? tenant ?? '', route) };
  const ref = subscriptionRef(argument, context);
  return { scope: { subscriptionId: ref.subscriptionId }, path: apiPath('tenants', ref.tenant, route) };
}

/** Tells how far it is on standard error, and answers the verdict. */
async function lastLine(context: CommandContext, bytes: AsyncIterable<Uint8Array>): Promise<Verdict> {
  for await (const text of createInterface({ input: Readable.from(bytes) })) {
    const line = JSON.parse(text) as VerifyLine; // the server's documented answer
    if (line.kind === 'verdict') return line;
    if (line.kind === 'fault') throw new CliError(line.code, line.message, []);
    context.terminal.complain(`${line.events} events in ${line.streams} streams, ${line.perSecond} per second`);
  }
  throw new CliError('ANSWER_CUT_OFF', 'The server ended before it had finished.', ['Verify again.']);
}

function describe({ ok, events, streams, perSecond, broken, roots }: Verdict): string {
  const failing = roots.filter(({ holds }) => !holds);
  return [
    `${ok ? 'Nothing was altered' : 'THE LOG WAS ALTERED'}: ${events} events in ${streams} streams, ${perSecond} per second.`,
    ...broken.map(
      ({ stream, revision, reason, detail }) => `broken  ${stream} at revision ${revision}: ${reason} (${detail})`,
    ),
    ...failing.map(
      ({ root, detail }) => `differs  from the root published at position ${root.position}: ${detail ?? ''}`,
    ),
    `${roots.length - failing.length} of ${roots.length} published roots hold.`,
  ].join('\n');
}

async function readRoot(path: string): Promise<Root> {
  try {
    const { logId, position, until, streamCount, eventCount, root } = JSON.parse(await readFile(path, 'utf8')) as Root;
    return { logId, position, until, streamCount, eventCount, root }; // the server checks it
  } catch (cause) {
    throw new CliError('ROOT_UNREADABLE', `${path} is no root.`, ['Write one with: perennial audit root --json'], {
      cause,
    });
  }
}

/** `audit root` */
export const root: CommandAction = async (context) => {
  const client = context.client();
  if (context.flag('list')) {
    const answer = await client.send<{ readonly roots: readonly z.infer<typeof publishedRootSchema>[] }>(
      'GET',
      apiPath('audit', 'roots'),
    );
    await context.answer(answer, () =>
      table(
        ['published', 'position', 'events', 'streams', 'root'],
        answer.roots.map((one) => [one.publishedAt, one.position, one.eventCount, one.streamCount, one.root]),
      ),
    );
    return;
  }
  const published = await withProgress(context.terminal, 'Verifying the log', () =>
    client.send<z.infer<typeof publishedRootSchema>>('POST', apiPath('audit', 'roots'), {
      body: {},
      timeoutMs: readingTimeoutMs,
    }),
  );
  await context.answer(
    published,
    () =>
      `Root ${published.root}\nover ${published.eventCount} events in ${published.streamCount} streams, up to position ${published.position}.\nKeep a copy outside (--json): it catches a log that is written anew.`,
  );
};

/** `audit export` */
export const exportEvidence: CommandAction = async (context, [argument]) => {
  const { scope, path } = scopeOf(context, argument, 'evidence');
  const name = (argument ?? context.option('tenant') ?? '').replaceAll('/', '-');
  const out = context.option('out') ?? `evidence-${name}.zip`;
  const part = `${out}.part`;
  try {
    await withProgress(context.terminal, 'Taking the evidence', async () => {
      const bytes = await context.client().stream('GET', path, { query: scope, timeoutMs: readingTimeoutMs });
      await pipeline(Readable.from(bytes), createWriteStream(part));
    });
    await rename(part, out);
  } finally {
    await rm(part, { force: true });
  }
  await context.answer(
    { file: out },
    () => `${out} written. Unpack it and run: node verify.mjs (README.txt in it says what that proves).`,
  );
};
