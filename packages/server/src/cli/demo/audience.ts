/**
 * How a run is shown while it goes: to a person at a terminal, as plain lines, or not at all (`--json`).
 *
 * @module
 */
import type { Terminal } from '../terminal.ts';
import type { ChapterReport } from './report.ts';
import { chapterText } from './show.ts';

/** Told of a run as it goes. */
export type Audience = {
  opens(text: string): void;
  /** Something takes its time; replaced by what comes next. */
  waits(text: string): void;
  /** What was waited for is there. */
  arrived(text: string): void;
  chapter(number: number, report: ChapterReport): Promise<void>;
  /** Whatever was being shown as under way is not any more. */
  breaksOff(text: string): void;
  closes(text: string): void;
};

/** The audience that fits the terminal. */
export async function audienceFor(terminal: Terminal, json: boolean): Promise<Audience> {
  if (json) return nobody;
  // The library that draws cannot wrap lines where the terminal does not say how wide it is.
  return terminal.interactive && process.stdout.columns > 0 ? person() : plainLines(terminal);
}

const linesWaitingMax = 6;

const nothing = (): void => undefined;
const nobody: Audience = {
  opens: nothing,
  waits: nothing,
  arrived: nothing,
  chapter: () => Promise.resolve(),
  breaksOff: nothing,
  closes: nothing,
};

function plainLines(terminal: Terminal): Audience {
  return {
    opens: (text) => terminal.print(text),
    waits: nothing,
    arrived: (text) => terminal.print(text),
    chapter: async (number, report) => terminal.print(`\n${number}. ${report.title}\n${await chapterText(report)}`),
    breaksOff: nothing,
    closes: (text) => terminal.print(`\n${text}`),
  };
}

async function person(): Promise<Audience> {
  // No spinner: it would read the keyboard and end the process itself on Ctrl-C, leaving the server behind.
  const { intro, log, outro, taskLog } = await import('@clack/prompts');
  let shown: ReturnType<typeof taskLog> | undefined;
  const waits = (text: string): void => {
    if (shown === undefined) shown = taskLog({ title: text, limit: linesWaitingMax });
    else shown.message(text);
  };
  const arrived = (text: string): void => {
    if (shown === undefined) log.step(text);
    else shown.success(text);
    shown = undefined;
  };
  return {
    opens: (text) => intro(text),
    waits,
    arrived,
    chapter: async (number, report) => {
      const text = await chapterText(report);
      arrived(`${number}. ${report.title}`);
      log.message(text);
    },
    breaksOff: (text) => {
      shown?.error(text);
      shown = undefined;
    },
    closes: (text) => outro(text),
  };
}
