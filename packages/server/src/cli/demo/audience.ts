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
  return terminal.interactive ? person() : plainLines(terminal);
}

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
  const { intro, log, outro, spinner } = await import('@clack/prompts');
  let shown: ReturnType<typeof spinner> | undefined;
  const waits = (text: string): void => {
    if (shown === undefined) {
      shown = spinner({ indicator: 'timer' });
      shown.start(text);
    } else {
      shown.message(text);
    }
  };
  const arrived = (text: string): void => {
    if (shown === undefined) log.step(text);
    else shown.stop(text);
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
