import { setTimeout as delay } from 'node:timers/promises';
import type { CommandAction, CommandContext } from '../command.ts';
import { historyLine, renderHistory } from '../history-render.ts';
import { historySource, type HistoryEvents, type HistorySource } from '../history-sources.ts';
import { instantOf } from '../instants.ts';

const pollMs = 1000;

/** `history` of a subscription, or of what an option names */
export const history: CommandAction = async (context, [argument]) => {
  const source = historySource(context, argument);
  const wanted = filterOf(context);
  const all = await source.readOn();
  const events = all.events.filter(wanted);
  await context.answer({ ...all, events, next: null }, async () => {
    const shown = await renderHistory(events, all.people);
    const more = all.incomplete ?? [];
    return more.length === 0 ? shown : `${shown}\nNot all was read yet of: ${more.join(', ')}. Ask again for the rest.`;
  });
  if (context.flag('follow')) await follow(context, source, all);
};

/** What held by `--at`, included; what was recorded by `--known-at` the server knows. */
function filterOf(context: CommandContext): (entry: HistoryEvents['events'][number]) => boolean {
  const at = instantOf(context.option('at'));
  return ({ effectiveAt }) => at === undefined || effectiveAt <= at;
}

/** Shows what is added, until the command is interrupted. */
async function follow(context: CommandContext, source: HistorySource, shown: HistoryEvents): Promise<void> {
  const { signal } = context.terminal;
  // Events of other streams may be answered again with those they stand between.
  let known = new Set(shown.events.map(({ id }) => id));
  while (!signal.aborted) {
    const { events, people } = await source.readOn();
    for (const entry of events) {
      if (known.has(entry.id)) continue;
      context.terminal.print(context.flag('json') ? JSON.stringify(entry) : historyLine(entry, people));
    }
    known = new Set([...known, ...events.map(({ id }) => id)]);
    await delay(pollMs, undefined, { signal }).catch(() => undefined);
  }
}
