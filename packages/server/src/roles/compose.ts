/**
 * Puts the roles of one process together and takes them apart again in order.
 *
 * @module
 */
import { pino } from 'pino';
import type { Role } from '@perennial/handlers';
import { startIntakePart } from './intake-part.ts';
import type { EngineAddresses } from './messages.ts';
import { createMetrics } from './metrics.ts';
import { answerReports } from './process-report.ts';
import type { Prepared } from './prepare.ts';
import { openShared } from './shared.ts';

/** What composing needs. */
export type ComposeOptions = {
  readonly name: string;
  readonly prepared: Prepared;
  readonly engines: EngineAddresses;
  readonly progress: (text: string) => void;
  /** Aborts when the process has to end, also while it is being composed. */
  readonly signal: AbortSignal;
  /** Called once, when a role ended with a fault that needs a person. */
  readonly fatal: (error: unknown) => void;
};

/** A process whose roles run. */
export type ComposedProcess = {
  readonly address: { readonly url?: string; readonly port?: number };
  /** Drains every role, then closes the doors. */
  stop(): Promise<void>;
};

/** Some started roles and how to end what belongs to them. */
export type StartedParts = {
  readonly roles: readonly Role[];
  readonly address?: ComposedProcess['address'];
  /** Resolves when reads answer what the log holds. */
  caughtUp?(signal: AbortSignal): Promise<void>;
  stop(): Promise<void>;
};

/** Opens the shared parts and starts the roles; answers when all of them work. */
export async function composeProcess(options: ComposeOptions): Promise<ComposedProcess> {
  const { name, prepared, engines, progress } = options;
  const { configuration } = prepared;
  const log = pino(
    {
      level: configuration.logLevel,
      base: { process: name },
      serializers: { err: describeError(configuration.logLevel) },
    },
    pino.destination({ dest: 2, sync: true }),
  );
  const metrics = createMetrics(name);
  const shared = await openShared({ name, configuration, engines, log, metrics });
  const wanted = new Set(configuration.roles);
  const roles: Role[] = [];
  answerReports(shared, name, () => roles.map((role) => ({ name: role.name, ...role.status() })));

  const parts: StartedParts[] = [];
  const add = (started: StartedParts): void => {
    parts.push(started);
    roles.push(...started.roles);
  };
  if (wanted.has('intake')) add(startIntakePart(shared));
  const owner = await prepared.ownerParts;
  if (owner) add(await owner.startOwnerParts(shared, { wanted, progress, database: prepared.database }));
  for (const role of roles) role.stopped.catch(options.fatal);
  for (const part of parts) await part.caughtUp?.(options.signal);
  progress(`${name}: ${roles.map((role) => role.name).join(', ')} running`);
  return {
    address: parts.find(({ address }) => address !== undefined)?.address ?? {},
    stop: async () => {
      for (const started of parts.toReversed()) await started.stop();
      await shared.close();
    },
  };
}

/** What an operator can act on; where it came from only for whoever asked for details. */
function describeError(logLevel: string): (error: unknown) => unknown {
  const isDetailed = logLevel === 'debug' || logLevel === 'trace';
  return (error) => {
    if (!(error instanceof Error)) return error;
    const code = 'code' in error ? error.code : undefined;
    return { type: error.name, code, message: error.message, ...(isDetailed && { stack: error.stack }) };
  };
}
