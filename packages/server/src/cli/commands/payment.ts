import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { apiPath } from '../client.ts';
import { CliError } from '../cli-error.ts';
import type { CommandAction, CommandContext } from '../command.ts';
import { table } from '../output.ts';

type Accepted = {
  readonly accepted: readonly { readonly id: string; readonly source: string; readonly duplicate: boolean }[];
};

const batchCount = 100;

/** `payment publish` */
export const publish: CommandAction = async (context, [file = '-']) => {
  const events = parseEvents(await readSource(file, context));
  const client = context.client();
  const accepted: Accepted['accepted'][number][] = [];
  for (let from = 0; from < events.length; from += batchCount) {
    const answer = await client.send<Accepted>('POST', apiPath('payments'), {
      text: {
        mediaType: 'application/cloudevents-batch+json',
        content: JSON.stringify(events.slice(from, from + batchCount)),
      },
    });
    accepted.push(...answer.accepted);
  }
  await context.answer({ accepted }, async () => {
    const shown = await table(
      ['event', 'source', 'already there'],
      accepted.map(({ id, source, duplicate }) => [id, source, duplicate]),
    );
    return `${shown}\n${accepted.length} stored; "perennial subscription list" shows what became of them.`;
  });
};

async function readSource(file: string, { terminal }: CommandContext): Promise<string> {
  if (file === '-') return terminal.readInput();
  const path = resolve(terminal.workingDirectory, file);
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new CliError('FILE_UNREADABLE', `${path} cannot be read.`, ['Check the path, or use - for standard input.'], {
      cause: error,
    });
  }
}

/** One event, a list of events, or one event to a line. */
function parseEvents(text: string): readonly unknown[] {
  const whole = parse(text);
  const events =
    whole === undefined
      ? text
          .split('\n')
          .filter((line) => line.trim() !== '')
          .map((line) => parse(line))
      : [whole].flat();
  if (events.length > 0 && events.every((event) => typeof event === 'object' && event !== null)) return events;
  throw new CliError('NOT_JSON', 'The input is not a CloudEvent, a list of them, or one to a line.', [
    'See docs/http-api.md, Payments, for an example.',
  ]);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
