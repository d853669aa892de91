import { availableActions, subscriptionStream } from '@perennial/domain';
import { silentLogger } from '../role/logger.ts';
import { noMetrics } from '../role/metrics.ts';
import { applyFact } from './apply-fact.ts';
import { createAttempts } from './attempts.ts';
import type { CommandRequest, CommandResult, CommandService } from './command-service.ts';
import { executeCommand } from './execute-command.ts';
import { createSubscriptionWriter, type CommandServiceOptions } from './subscription-writer.ts';
import { tick } from './tick.ts';

/**
 * Opens the command side of subscriptions.
 * @example
 * const commands = createCommandService({ store, clock, vault, plans, tenants, newId: randomUUID });
 * const result = await commands.execute({ tenant: 'acme', subscriptionId: 's-1', command, commandId, ...cause });
 */
export function createCommandService(options: CommandServiceOptions): CommandService {
  const { store, clock, log = silentLogger, metrics = noMetrics } = options;
  const writer = createSubscriptionWriter(options);
  const attempts = createAttempts({ store, log, metrics });

  const execute = async (request: CommandRequest): Promise<CommandResult> => {
    const { tenant, command, commandId } = request;
    const { result, subscriptionId, status } = await executeCommand(writer, request);
    if (result.kind === 'refused' && request.dryRun !== true) {
      const { reasonCodes, firstEventId } = result;
      const attempt = { tenant, subscriptionId, command: command.name, commandId, reasonCodes, status, firstEventId };
      attempts.record({ ...attempt, cause: request, now: clock.now() });
    }
    return result;
  };

  return {
    execute: async (request) => {
      const began = performance.now();
      const result = await execute(request);
      metrics.count('commands_total', { command: request.command.name, result: result.kind });
      metrics.observe('command_seconds', (performance.now() - began) / 1000);
      return result;
    },
    actions: async ({ tenant, subscriptionId, actor, roles, at }) => {
      const [{ state }, facts] = await Promise.all([
        writer.subscriptions.read(subscriptionStream(tenant, subscriptionId)),
        writer.tenants.factsOf(tenant),
      ]);
      if (!state.header) return { kind: 'not-found' };
      const target = { tenant, subscriptionId };
      const context = writer.context({ target, caller: { actor, roles }, state, tenant: facts, at });
      return { kind: 'found', actions: availableActions(state, context), header: state.header };
    },
    load: async (tenant, subscriptionId) =>
      (await writer.subscriptions.read(subscriptionStream(tenant, subscriptionId))).state.header ?? undefined,
    applyFact: (request) => applyFact(writer, request),
    tick: (request) => tick(writer, request),
    close: () => attempts.drained(5_000),
  };
}
