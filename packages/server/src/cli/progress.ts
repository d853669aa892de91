import type { Terminal } from './terminal.ts';

/** Shows that something takes its time, to a person who watches; scripts see nothing of it. */
export async function withProgress<T>(terminal: Terminal, text: string, work: () => Promise<T>): Promise<T> {
  if (!terminal.interactive) return work();
  const { spinner } = await import('@clack/prompts');
  const shown = spinner();
  shown.start(text);
  try {
    const result = await work();
    shown.stop(text);
    return result;
  } catch (error) {
    shown.error(text);
    throw error;
  }
}
