import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { z } from '@hono/zod-openapi';
import type { commandAnswerSchema } from '../../http/schemas/commands.ts';
import { CliError } from '../cli-error.ts';
import { apiPath } from '../client.ts';
import type { CommandAction, CommandContext } from '../command.ts';
import { table } from '../output.ts';
import { subscriptionRef } from '../subscription-ref.ts';

type Answer = z.infer<typeof commandAnswerSchema>;

/** `subscription do` */
export const doCommand: CommandAction = async (context, [reference, command = '']) => {
  const { tenant, subscriptionId } = subscriptionRef(reference, context);
  const version = context.option('if-match');
  const answer = await context
    .client()
    .send<Answer>('POST', apiPath('tenants', tenant, 'subscriptions', subscriptionId, 'commands', command), {
      body: { ...(await readData(context)), ...readFields(context) },
      query: { dryRun: context.flag('dry-run') ? 'true' : undefined },
      headers: {
        'idempotency-key': context.option('idempotency-key'),
        'if-match': version === undefined ? undefined : `"${version.replaceAll('"', '')}"`,
      },
    });
  await context.answer(answer, async () => {
    const done = context.flag('dry-run') ? 'would be' : 'is';
    const headline = `${tenant}/${answer.subscriptionId} ${done} ${answer.status} (version ${answer.version}, position ${answer.position})`;
    if (answer.events.length === 0) return `${headline}; nothing had to change.`;
    return `${headline}\n${await table(
      ['event', 'effective'],
      answer.events.map((event) => [event.type, event.effectiveAt]),
    )}`;
  });
};

async function readData(context: CommandContext): Promise<object> {
  const data = context.option('data');
  if (data === undefined) return {};
  const text = await readText(data, context);
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch (error) {
    throw notAnObject(error);
  }
  throw notAnObject();
}

function notAnObject(cause?: unknown): CliError {
  return new CliError('USAGE', '--data does not hold a JSON object.', ['Write it so: --data \'{"on":false}\''], {
    cause,
  });
}

async function readText(data: string, { terminal }: CommandContext): Promise<string> {
  if (data === '-') return terminal.readInput();
  if (!data.startsWith('@')) return data;
  const path = resolve(terminal.workingDirectory, data.slice(1));
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new CliError('FILE_UNREADABLE', `${path} cannot be read.`, ['Check the path after --data @.'], {
      cause: error,
    });
  }
}

/** `--set seats=5 --set price.minor=3600`: values that are JSON are taken as such, everything else as text. */
function readFields(context: CommandContext): object {
  const body: Record<string, unknown> = {};
  for (const assignment of context.options('set')) {
    const at = assignment.indexOf('=');
    if (at < 1) throw new CliError('USAGE', `"${assignment}" is not field=value.`, ['Write it so: --set seats=5']);
    assign(body, assignment.slice(0, at).split('.'), valueOf(assignment.slice(at + 1)));
  }
  return body;
}

function assign(target: Record<string, unknown>, [field = '', ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) {
    target[field] = value;
    return;
  }
  const inner = target[field];
  // What was put there by an earlier --set is an object of this very kind.
  const next = (typeof inner === 'object' && inner !== null ? inner : {}) as Record<string, unknown>;
  target[field] = next;
  assign(next, rest, value);
}

function valueOf(text: string): unknown {
  // Numbers only where nothing is lost: 007 and 1e3 are ids, not numbers.
  if (/^(true|false|null)$/.test(text) || /^[[{"]/.test(text)) return parseOr(text);
  return /^-?(0|[1-9]\d{0,14})$/.test(text) ? Number(text) : text;
}

function parseOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
