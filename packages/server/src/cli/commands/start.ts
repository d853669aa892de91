import type { CommandAction } from '../command.ts';

/** `start`: the same as `npm start`, without installing and building. The process belongs to the supervisor from here. */
export const start: CommandAction = async () => {
  await import('../../main.ts');
  return undefined;
};
