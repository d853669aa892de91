import { availableActions, pagedGet, seatActions, subscriptionStream } from '@perennial/domain';
import { moveLicense } from '../licenses/move-license.ts';
import { driveMoveOn } from '../licenses/open-move.ts';
import { driveSuccessorOn, executeReactivation } from '../reactivations/execute-reactivation.ts';
import { executeSeatCommand, type SeatWriter } from '../seats/execute-seat-command.ts';
import { createLanes } from '../lanes/lanes.ts';
import { silentLogger } from '../role/logger.ts';
import { noMetrics } from '../role/metrics.ts';
import { applyFact } from './apply-fact.ts';
import { createAttempts } from './attempts.ts';
import { isChosenByCaller } from './command-identity.ts';
import type {
  CommandRequest,
  CommandResult,
  CommandService,
  MoveLicenseRequest,
  SeatCommandRequest,
} from './command-service.ts';
import { executeCommand, type ExecutedCommand } from './execute-command.ts';
import { previewCommands } from './preview-commands.ts';
import { createSubscriptionWriter, type CommandServiceOptions } from './subscription-writer.ts';
import { tick } from './tick.ts';

type AnyRequest = CommandRequest | SeatCommandRequest | MoveLicenseRequest;

/**
 * Opens the command side of subscriptions.
 * @example
 * const commands = createCommandService({ store, clock, vault, plans, tenants, newId: randomUUID });
 * const result = await commands.execute({ tenant: 'acme', subscriptionId: 's-1', command, commandId, ...cause });
 */
export function createCommandService(options: CommandServiceOptions): CommandService {
  const { store, clock, log = silentLogger, metrics = noMetrics } = options;
  const writer = createSubscriptionWriter(options);
  const seats: SeatWriter = { subscriptions: writer, seats: writer.seats };
  const attempts = createAttempts({ store, log, metrics });

  const recorded = (request: AnyRequest, executed: ExecutedCommand): CommandResult => {
    const { tenant, command, commandId } = request;
    const { result, subscriptionId, status } = executed;
    if (result.kind === 'refused' && request.dryRun !== true) {
      const { reasonCodes, firstEventId } = result;
      const attempt = { tenant, subscriptionId, command: command.name, commandId, reasonCodes, status, firstEventId };
      attempts.record({ ...attempt, cause: request, now: clock.now() });
    }
    return result;
  };

  // A key is one of the subscription, but a seat keeps its own: side by side, a command of each kind would miss the other.
  const { inFlightCountMax = 256, waitingCountMax = 8_192 } = options;
  const keys = createLanes({ inFlightCountMax: inFlightCountMax + waitingCountMax, waitingCountMax });
  const alone = <T>(request: AnyRequest, task: () => Promise<T>): Promise<T> => {
    const { tenant, subscriptionId = '', commandId } = request;
    return isChosenByCaller(request) ? keys.run(`${tenant}/${subscriptionId}/${commandId}`, task) : task();
  };

  const measured = async <R extends AnyRequest>(
    request: R,
    execute: (request: R) => Promise<ExecutedCommand>,
  ): Promise<CommandResult> => {
    const began = performance.now();
    const result = recorded(request, await alone(request, () => execute(request)));
    metrics.count('commands_total', { command: request.command.name, result: result.kind });
    metrics.observe('command_seconds', (performance.now() - began) / 1000);
    return result;
  };

  return {
    execute: (request) =>
      measured(request, (asked) =>
        asked.command.name === 'reactivate' ? executeReactivation(seats, asked) : executeCommand(writer, asked),
      ),
    moveLicense: (request) => measured(request, (asked) => moveLicense(seats, asked)),
    driveMoveOn: (move) => driveMoveOn(writer, move),
    executeSeat: (request) => measured(request, (asked) => executeSeatCommand(seats, asked)),
    preview: (request) => previewCommands(writer, request),
    recordRefusal: (request, result) =>
      void recorded(request, { result, subscriptionId: request.subscriptionId, status: undefined }),
    actions: async ({ tenant, subscriptionId, actor, roles, at }) => {
      const [{ state }, facts] = await Promise.all([
        writer.subscriptions.read(subscriptionStream(tenant, subscriptionId)),
        writer.tenants.factsOf(tenant),
      ]);
      if (!state.header) return { kind: 'not-found' };
      const target = { tenant, subscriptionId };
      const context = writer.context({ target, caller: { actor, roles }, state, tenant: facts, at });
      const own = { ...context, header: state.header, seat: pagedGet(state.seats, actor.id) };
      return {
        kind: 'found',
        actions: [...availableActions(state, context), ...seatActions(own)],
        header: state.header,
      };
    },
    load: async (tenant, subscriptionId) =>
      (await writer.subscriptions.read(subscriptionStream(tenant, subscriptionId))).state.header ?? undefined,
    loadState: async (tenant, subscriptionId) =>
      (await writer.subscriptions.read(subscriptionStream(tenant, subscriptionId))).state,
    applyFact: (request) => applyFact(writer, request),
    tick: async (request) => {
      const result = await tick(writer, request);
      return result.kind === 'successor-open' ? driveSuccessorOn(seats, request) : result;
    },
    close: () => attempts.drained(5_000),
  };
}
