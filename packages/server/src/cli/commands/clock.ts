import { apiPath } from '../client.ts';
import type { CommandAction } from '../command.ts';
import { withProgress } from '../progress.ts';

// A barrier: everything due has to happen first, which can be a year of timers.
const advanceTimeoutMs = 900_000;

/** `clock advance` */
export const advance: CommandAction = async (context, [time = '']) => {
  const client = context.client();
  const body = time.startsWith('P') ? { advanceBy: time } : { advanceTo: time };
  const answer = await withProgress(context.terminal, `Moving the clock ${time}`, () =>
    client.send<{ readonly now: string; readonly position: string }>('POST', apiPath('clock'), {
      body,
      timeoutMs: advanceTimeoutMs,
    }),
  );
  await context.answer(answer, () => `It is ${answer.now} (position ${answer.position}).`);
};
