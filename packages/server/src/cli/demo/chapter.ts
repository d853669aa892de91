import type { Stage } from './stage.ts';

/** A part of the demo that shows one thing and checks it. */
export type Chapter = {
  /** Stable, for machines. */
  readonly id: string;
  readonly title: string;
  /** What it is about, for people, in a sentence or two; says nothing that the checks do not check. */
  readonly about: string;
  /** @throws DemoMismatchError when a claim does not hold */
  play(stage: Stage): Promise<void>;
};
