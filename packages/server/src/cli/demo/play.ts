import type { Audience } from './audience.ts';
import type { Chapter } from './chapter.ts';
import { DemoMismatchError } from './mismatch.ts';
import type { ChapterReport, DemoReport } from './report.ts';
import type { Stage } from './stage.ts';
import { CliError } from '../cli-error.ts';

/** What is played, and to whom. */
export type Play = {
  readonly stage: Stage;
  readonly chapters: readonly Chapter[];
  readonly audience: Audience;
  /** Ends the run between two chapters. */
  readonly signal: AbortSignal;
};

/** How a run ended; with `failure` it is not whole. */
export type Played = { readonly report: DemoReport; readonly failure?: DemoMismatchError };

/** Plays the chapters; the first claim that does not hold ends the run. */
export async function play({ stage, chapters, audience, signal }: Play): Promise<Played> {
  const reports: ChapterReport[] = [];
  for (const [index, chapter] of chapters.entries()) {
    if (signal.aborted) throw interrupted();
    audience.waits(`${index + 1}. ${chapter.title}`);
    stage.beginChapter();
    const failure = await playOne(chapter, stage);
    const { id, title, about } = chapter;
    const report = { id, title, about, ...stage.notes() };
    reports.push(report);
    await audience.chapter(index + 1, report);
    if (failure !== undefined) return { report: reportOf(stage, reports, false), failure };
  }
  return { report: reportOf(stage, reports, true) };
}

async function playOne(chapter: Chapter, stage: Stage): Promise<DemoMismatchError | undefined> {
  try {
    await chapter.play(stage);
    return undefined;
  } catch (error) {
    if (error instanceof DemoMismatchError) return error;
    throw error;
  }
}

function reportOf(stage: Stage, chapters: readonly ChapterReport[], ok: boolean): DemoReport {
  const checks = chapters.flatMap((chapter) => chapter.checks);
  const held = checks.filter(({ holds }) => holds).length;
  return { ok, url: stage.doors.api.url, checks: { held, made: checks.length }, chapters };
}

function interrupted(): CliError {
  return new CliError('INTERRUPTED', 'The demo was interrupted.', [], { exitCode: 130 });
}
