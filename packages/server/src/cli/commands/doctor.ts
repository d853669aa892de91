import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createApiClient } from '../client.ts';
import { CliError } from '../cli-error.ts';
import type { CommandAction, CommandContext } from '../command.ts';
import type { Finding } from '../doctor/finding.ts';
import { checkDataDirectory, checkNatsServer, checkNode } from '../doctor/machine.ts';
import { checkEngine, checkPort } from '../doctor/network.ts';
import { table } from '../output.ts';
import { dataDirectory, runningServer } from '../server-address.ts';

const checkout = dirname(dirname(dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))))));

/** `doctor`; exit code 1 when something will not work */
export const doctor: CommandAction = async (context) => {
  const findings = await examine(context);
  const failed = findings.filter(({ state }) => state === 'fail').length;
  await context.answer({ healthy: failed === 0, findings }, async () => {
    const shown = await table(
      ['check', 'state', 'detail', 'what to do'],
      findings.map((finding) => [finding.check, finding.state, finding.detail, finding.next]),
    );
    return `${shown}\n${failed === 0 ? 'Nothing stands in the way of a start.' : `${failed} will not work.`}`;
  });
  return failed === 0 ? 0 : 1;
};

async function examine({ terminal }: CommandContext): Promise<readonly Finding[]> {
  const { env, workingDirectory } = terminal;
  const directory = dataDirectory(env, workingDirectory);
  const url = runningServer(directory)?.url ?? undefined;
  const machine = [
    checkNode(process.versions.node),
    ...(env['NATS_URL'] ? [] : [checkNatsServer(env, join(checkout, '.cache', 'nats-server'))]),
  ];
  const rest = await Promise.all([
    checkDataDirectory(directory),
    checkEngine('event store', 'EVENTSTORE_URL', env['EVENTSTORE_URL']),
    checkEngine('broker', 'NATS_URL', env['NATS_URL']),
    checkEngine('database', 'DATABASE_URL', env['DATABASE_URL']),
    checkPort(env['HOST'] ?? '127.0.0.1', Number(env['PORT'] || 8080), url),
    ...(url === undefined ? [] : [checkServer(url)]),
  ]);
  return [...machine, ...rest];
}

async function checkServer(url: string): Promise<Finding> {
  const check = 'running server';
  try {
    const { ready } = await createApiClient({ url, timeoutMs: 5000 }).send<{ readonly ready: boolean }>(
      'GET',
      '/readyz',
      { accept: [503] },
    );
    return ready
      ? { check, state: 'ok', detail: `${url} is ready` }
      : { check, state: 'warn', detail: `${url} is not ready`, next: 'See perennial status.' };
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    return {
      check,
      state: 'warn',
      detail: `${url} does not answer`,
      next: 'It has ended without removing runtime.json; the next start replaces it.',
    };
  }
}
