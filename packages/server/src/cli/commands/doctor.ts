import { join } from 'node:path';
import { cacheDirectory } from '../../roles/cache-directory.ts';
import { createApiClient } from '../client.ts';
import { CliError } from '../cli-error.ts';
import type { CommandAction, CommandContext } from '../command.ts';
import type { Finding } from '../doctor/finding.ts';
import { checkDataDirectory, checkNatsServer, checkNode } from '../doctor/machine.ts';
import { checkEngine, checkPort } from '../doctor/network.ts';
import { table } from '../output.ts';
import { dataDirectory, runningServer } from '../server-address.ts';

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
    ...(env['NATS_URL'] ? [] : [checkNatsServer(env, join(cacheDirectory, 'nats-server'))]),
  ];
  const rest = await Promise.all([
    checkConfiguration(env, workingDirectory),
    checkDataDirectory(directory),
    checkEngine('event store', 'EVENTSTORE_URL', env['EVENTSTORE_URL']),
    checkEngine('broker', 'NATS_URL', env['NATS_URL']),
    checkEngine('database', 'DATABASE_URL', env['DATABASE_URL']),
    checkPort(env['HOST'] ?? '127.0.0.1', Number(env['PORT'] || 8080), url),
    ...(url === undefined ? [] : [checkServer(url)]),
  ]);
  return [...machine, ...rest];
}

async function checkConfiguration(env: CommandContext['terminal']['env'], workingDirectory: string): Promise<Finding> {
  const check = 'configuration';
  const { ConfigurationError, readConfiguration } = await import('../../configuration/configuration.ts');
  try {
    readConfiguration(env, workingDirectory);
    return { check, state: 'ok', detail: 'every variable can be used' };
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return { check, state: 'fail', detail: error.message, next: 'Correct the variable; see docs/configuration.md.' };
  }
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
