import type { CommandAction } from '../command.ts';
import { table } from '../output.ts';
import { dataDirectory, runningServer } from '../server-address.ts';

type Readiness = {
  readonly ready: boolean;
  readonly parts: readonly { readonly name: string; readonly state: string; readonly detail: string }[];
};

/** `status`; exit code 1 while the server is not ready */
export const status: CommandAction = async (context) => {
  const client = context.client();
  const { ready, parts } = await client.send<Readiness>('GET', '/readyz', { accept: [503] });
  const { env, workingDirectory } = context.terminal;
  const running = runningServer(dataDirectory(env, workingDirectory));
  // Only the server that was asked may speak for its engines.
  const own = running?.url === client.url ? running : undefined;
  const data = {
    url: client.url,
    ready,
    parts,
    ...(own !== undefined && { pid: own.pid, engines: own.engines ?? {} }),
  };
  await context.answer(data, async () => {
    const engines = Object.entries(own?.engines ?? {}).map(([name, kind]) => `${name}: ${kind}`);
    return [
      `${client.url} is ${ready ? 'ready' : 'not ready'}${own === undefined ? '' : `, pid ${own.pid}`}`,
      ...(engines.length === 0 ? [] : [engines.join(', ')]),
      await table(
        ['part', 'state', 'detail'],
        parts.map((part) => [part.name, part.state, part.detail]),
      ),
    ].join('\n');
  });
  return ready ? 0 : 1;
};
