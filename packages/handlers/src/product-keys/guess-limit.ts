/** How often somebody may name a key that does not exist. */
export type GuessLimitOptions = {
  /** Wrong keys of one caller inside the window before more are refused; default 20. */
  readonly wrongCountMax?: number;
  /** The same for all callers of a tenant together: names are cheap to make up. Default 100. */
  readonly tenantWrongCountMax?: number;
  /** Default 15 minutes (`domain.md 2.2` row 6). */
  readonly windowMs?: number;
  /** Guessers remembered; the one that was quiet longest is forgotten first. Default 10 000. */
  readonly guesserCountMax?: number;
  /** Milliseconds of a clock that real time moves: guessing must not become faster with a virtual one. */
  readonly elapsedMs?: () => number;
};

/** Who may be guessing. */
export type Guesser = { readonly tenant: string; readonly caller: string };

/** Slows the guessing of keys down. */
export type GuessLimit = {
  /** Milliseconds until the guesser may ask again; 0: now. */
  waitMs(guesser: Guesser): number;
  /** Remembers a wrong key. */
  wrong(guesser: Guesser): void;
};

/** See {@link GuessLimit}. */
export function createGuessLimit(options: GuessLimitOptions = {}): GuessLimit {
  const { wrongCountMax = 20, tenantWrongCountMax = 100 } = options;
  const callers = createWindow({ ...options, wrongCountMax });
  const tenants = createWindow({ ...options, wrongCountMax: tenantWrongCountMax });
  // Tenants have no spaces in their names.
  const nameOf = ({ tenant, caller }: Guesser): string => `${tenant} ${caller}`;
  return {
    waitMs: (guesser) => Math.max(callers.waitMs(nameOf(guesser)), tenants.waitMs(guesser.tenant)),
    wrong: (guesser) => {
      callers.wrong(nameOf(guesser));
      tenants.wrong(guesser.tenant);
    },
  };
}

/** The wrong keys of each name in the last while. */
function createWindow(options: GuessLimitOptions & { readonly wrongCountMax: number }): {
  waitMs(name: string): number;
  wrong(name: string): void;
} {
  const { wrongCountMax, windowMs = 15 * 60_000, guesserCountMax = 10_000 } = options;
  const elapsedMs = options.elapsedMs ?? (() => performance.now());
  const guesses = new Map<string, readonly number[]>();
  const recent = (name: string): readonly number[] => {
    const since = elapsedMs() - windowMs;
    return (guesses.get(name) ?? []).filter((at) => at > since);
  };
  return {
    waitMs: (name) => {
      const [first = 0, ...rest] = recent(name);
      return rest.length + 1 < wrongCountMax ? 0 : first + windowMs - elapsedMs();
    },
    wrong: (name) => {
      const found = [...recent(name), elapsedMs()].slice(-wrongCountMax);
      guesses.delete(name);
      guesses.set(name, found);
      const oldest = guesses.size > guesserCountMax ? guesses.keys().next() : undefined;
      if (oldest?.done === false) guesses.delete(oldest.value);
    },
  };
}
