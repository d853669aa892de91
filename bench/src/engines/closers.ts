/** Things to end, in the opposite order of their start, whatever happens in between. */
export type Closers = {
  /** Remembers how something that was just started is ended, and answers it. */
  readonly add: <T>(started: T, close: (started: T) => Promise<unknown> | void) => T;
};

/** Runs `work` and then ends what it started, also when it failed. */
export async function closingAll<T>(work: (closers: Closers) => Promise<T>): Promise<T> {
  const closers: (() => Promise<unknown> | void)[] = [];
  try {
    return await work({
      add: (started, close) => {
        closers.push(() => close(started));
        return started;
      },
    });
  } finally {
    for (const close of closers.toReversed()) await close();
  }
}
