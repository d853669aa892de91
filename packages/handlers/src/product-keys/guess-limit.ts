/** How often somebody may name a key that does not exist. */
export type GuessLimitOptions = {
  /** Wrong keys inside the window before more are refused; default 20. */
  readonly wrongCountMax?: number;
  /** Default 15 minutes (`domain.md 2.2` row 6). */
  readonly windowMs?: number;
  /** Guessers remembered; the one that was quiet longest is forgotten first. Default 10 000. */
  readonly guesserCountMax?: number;
  /** Milliseconds of a clock that real time moves: guessing must not become faster with a virtual one. */
  readonly elapsedMs?: () => number;
};

/** Slows the guessing of keys down. */
export type GuessLimit = {
  /** Milliseconds until the guesser may ask again; 0: now. */
  waitMs(guesser: string): number;
  /** Remembers a wrong key. */
  wrong(guesser: string): void;
};

/** See {@link GuessLimit}. */
export function createGuessLimit(options: GuessLimitOptions = {}): GuessLimit {
  const { wrongCountMax = 20, windowMs = 15 * 60_000, guesserCountMax = 10_000 } = options;
  const elapsedMs = options.elapsedMs ?? (() => performance.now());
  const guesses = new Map<string, readonly number[]>();
  const recent = (guesser: string): readonly number[] => {
    const since = elapsedMs() - windowMs;
    return (guesses.get(guesser) ?? []).filter((at) => at > since);
  };
  return {
    waitMs: (guesser) => {
      const [first = 0, ...rest] = recent(guesser);
      return rest.length + 1 < wrongCountMax ? 0 : first + windowMs - elapsedMs();
    },
    wrong: (guesser) => {
      const found = [...recent(guesser), elapsedMs()].slice(-wrongCountMax);
      guesses.delete(guesser);
      guesses.set(guesser, found);
      const oldest = guesses.size > guesserCountMax ? guesses.keys().next() : undefined;
      if (oldest?.done === false) guesses.delete(oldest.value);
    },
  };
}
