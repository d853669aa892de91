import { setTimeout as delay } from 'node:timers/promises';
import type { z } from '@hono/zod-openapi';
import type {
  projectionComparisonSchema,
  projectionSetSchema,
  projectionStatusSchema,
} from '../../http/schemas/projections.ts';
import { apiPath } from '../client.ts';
import { CliError } from '../cli-error.ts';
import type { CommandAction, CommandContext } from '../command.ts';
import { table } from '../output.ts';
import { withProgress } from '../progress.ts';

type Status = z.infer<typeof projectionStatusSchema>;
type VersionSet = z.infer<typeof projectionSetSchema>;
type Comparison = z.infer<typeof projectionComparisonSchema>;
type Begun = {
  readonly started: boolean;
  readonly set: string;
  readonly projections: readonly string[];
  readonly detail: string;
};
type List = { readonly projections: readonly Status[]; readonly sets: readonly VersionSet[] };

// Folding the whole log takes as long as the log is long.
const verifyTimeoutMs = 3_600_000;
const watchEveryMs = 500;

/** `projection list` */
export const list: CommandAction = async (context) => {
  const answer = await listed(context);
  await context.answer(answer, async () => {
    const projections = await table(
      ['projection', 'version', 'state', 'watermark', 'behind'],
      answer.projections.map((row) => [row.name, row.version, row.state, row.watermark, row.lag]),
    );
    if (answer.sets.length === 0) return projections;
    const sets = await table(
      ['set', 'status', 'state', 'of the log', 'events', 'events/s', 'done in', 'switches', 'folded', 'parity'],
      answer.sets.map((set) => [
        set.set,
        set.status,
        set.state,
        `${set.percent} %`,
        set.eventCount,
        set.eventsPerSecond,
        set.status === 'building' ? eta(set.etaSeconds) : null,
        set.status === 'building' ? set.switches : null,
        set.status === 'building' ? (set.folded?.join(', ') ?? 'all') : null,
        set.parity && (set.parity.equal ? 'equal' : `${set.parity.rows.length} rows differ`),
      ]),
    );
    return `${projections}\n\n${sets}`;
  });
};

/** `projection verify`; exit code 1 when something differs */
export const verify: CommandAction = async (context) => {
  const answer = await withProgress(context.terminal, 'Folding the log again', () =>
    post<Comparison>(context, 'verify', {}),
  );
  await context.answer(answer, () =>
    [answer.equal ? 'The read models equal the log.' : 'The read models differ from the log:', ...answer.detail].join(
      '\n',
    ),
  );
  return answer.equal ? 0 : 1;
};

/** `projection rebuild [projection]`; waits until the set has taken over, or with `--by-hand` until it is ready */
export const rebuild: CommandAction = async (context, [projection]) => {
  if (projection !== undefined && context.flag('all')) {
    throw new CliError('USAGE', 'Name a projection or say --all, not both.');
  }
  const isByHand = context.flag('by-hand');
  const begun = await post<Begun>(context, 'rebuild', {
    switch: isByHand ? 'by-hand' : 'by-itself',
    ...(projection !== undefined && { projection }),
  });
  if (context.flag('no-wait')) {
    await context.answer(begun, () => begun.detail);
    return 0;
  }
  const what = projection === undefined ? begun.set : begun.projections.join(', ');
  const built = await withProgress(context.terminal, `Building ${what} from the log`, () =>
    untilBuilt(context, begun.set),
  );
  await context.answer(built, () =>
    built.status === 'active'
      ? `${built.set} was built from ${built.eventCount} events and took over; the set before is kept (projection switch --back).`
      : `${built.set} was built from ${built.eventCount} events and is ready: projection switch.`,
  );
  return 0;
};

/** `projection switch`, and back */
export const switchSets: CommandAction = async (context) => {
  if (context.flag('back')) {
    const { set } = await post<{ readonly set: string }>(context, 'rollback', {});
    await context.answer({ set }, () => `Reads use ${set} again; the set they used is kept.`);
    return 0;
  }
  const answer = await post<Comparison>(context, 'switch', {});
  await context.answer(answer, () => ['Reads use the new set; the one before is kept.', ...answer.detail].join('\n'));
  return 0;
};

/** `projection drop` */
export const drop: CommandAction = async (context) => {
  const answer = await post<{ readonly dropped: boolean }>(context, 'drop', {});
  await context.answer(answer, () => (answer.dropped ? 'The kept set is dropped.' : 'No set was kept.'));
  return 0;
};

function listed(context: CommandContext): Promise<List> {
  return context.client().send<List>('GET', apiPath('admin', 'projections'));
}

function post<T extends object>(context: CommandContext, what: string, body: object): Promise<T> {
  return context.client().send<T>('POST', apiPath('admin', 'projections', what), { body, timeoutMs: verifyTimeoutMs });
}

async function untilBuilt(context: CommandContext, name: string): Promise<VersionSet> {
  for (;;) {
    const found = (await listed(context)).sets.find(({ set }) => set === name);
    if (found === undefined) {
      throw new CliError('NOT_DONE', `${name} was dropped before it was complete.`, ['See projection list.']);
    }
    if (found.status !== 'building' || found.state === 'ready') return found;
    await delay(watchEveryMs);
  }
}

function eta(seconds: number | null): string | null {
  if (seconds === null) return null;
  return seconds < 90 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`;
}
