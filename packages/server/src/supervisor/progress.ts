/** Where the start reports what it is doing. */
export type Progress = {
  step(text: string): void;
  warn(text: string): void;
};

/** One line per step on stdout, with the seconds since the start. */
export function printProgress(startedAtMs: number, write: (line: string) => void): Progress {
  const seconds = (): string => ((performance.now() - startedAtMs) / 1_000).toFixed(1).padStart(4);
  return {
    step: (text) => write(`[${seconds()} s] ${text}`),
    warn: (text) => write(`[${seconds()} s] warning: ${text}`),
  };
}
