/** Runs pieces of work one after another, in the order in which they were asked for. */
export function createExclusive(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return <T>(work: () => Promise<T>): Promise<T> => {
    const result = last.then(work, work);
    // Whoever asked gets the failure; the next piece only waits for the end.
    last = result.catch(() => undefined);
    return result;
  };
}
