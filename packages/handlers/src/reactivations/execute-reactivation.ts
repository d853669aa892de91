import { subscriptionStream, type SubscriptionState } from '@perennial/domain';
import type { CommandTarget } from '../command-handling/command-identity.ts';
import type { Cause, CommandRequest, CommandResult, TickResult } from '../command-handling/command-service.ts';
import {
  executeCommand,
  type ExecutedCommand,
  type ExecutedOnSubscription,
} from '../command-handling/execute-command.ts';
import { standing } from '../command-handling/standing.ts';
import type { SeatWriter } from '../seats/execute-seat-command.ts';
import { makeSuccessor, previewSuccessor, type Reserved } from './make-successor.ts';

/** Licences moved before a request is answered; the timers move the others. */
const moveCountInRequestMax = 20;
/** Licences moved at a time by the timers. */
const moveCountInTickMax = 500;

/**
 * Reactivates. Where the profile makes a new subscription the answer is that one's: its id, status and version, and the
 * events of both.
 */
export async function executeReactivation(writer: SeatWriter, request: CommandRequest): Promise<ExecutedCommand> {
  const executed = await executeCommand(writer.subscriptions, request);
  const { result } = executed;
  if (result.kind !== 'accepted' && result.kind !== 'repeated') return executed;
  if (request.dryRun === true) return previewed(writer, request, executed, result);
  const reserved = await reservedBy(writer, request.tenant, result.subscriptionId);
  if (reserved === null) return executed;
  const made = await makeSuccessor(writer, reserved, { cause: causeOf(request), moveCountMax: moveCountInRequestMax });
  if (made.kind === 'refused') return { ...executed, result: made };
  const { subscriptionId } = reserved.successor;
  const view = await writer.subscriptions.subscriptions.read(subscriptionStream(request.tenant, subscriptionId));
  const stands = standing(view.state.header ?? reserved.header);
  const position = await writer.subscriptions.store.lastPosition();
  const joined: CommandResult = {
    ...result,
    subscriptionId,
    ...stands,
    version: view.head.revision,
    // Both streams, whichever was written last.
    position: String(position ?? result.position),
    events: [...result.events, ...made.events],
  };
  return { ...executed, result: joined, subscriptionId, status: stands.status };
}

/** The same answer with nothing made; where no new subscription would be, what the old one answers. */
async function previewed(
  writer: SeatWriter,
  request: CommandRequest,
  executed: ExecutedOnSubscription,
  result: Extract<CommandResult, { kind: 'accepted' | 'repeated' }>,
): Promise<ExecutedCommand> {
  const reserved = reservedIn(executed.state, { tenant: request.tenant, subscriptionId: result.subscriptionId });
  if (reserved === null) return executed;
  const made = await previewSuccessor(writer, reserved, causeOf(request));
  if (made.kind !== 'accepted' && made.kind !== 'repeated') return { ...executed, result: made };
  return { ...executed, result: { ...made, events: [...result.events, ...made.events] } };
}

/** Goes on with what a crash, or the number of licences, left open. */
export async function driveSuccessorOn(
  writer: SeatWriter,
  { tenant, subscriptionId }: { readonly tenant: string; readonly subscriptionId: string },
): Promise<TickResult> {
  const reserved = await reservedBy(writer, tenant, subscriptionId);
  if (reserved === null || reserved.successor.started) return { kind: 'nothing' };
  const correlationId = `reactivation:${reserved.successor.reactivationId}`;
  const cause: Cause = { actor: { type: 'system', id: 'reactivations' }, roles: ['global-admin'], correlationId };
  await makeSuccessor(writer, reserved, { cause, moveCountMax: moveCountInTickMax });
  const position = await writer.subscriptions.store.lastPosition();
  return position === undefined ? { kind: 'nothing' } : { kind: 'ticked', position, eventCount: 0 };
}

async function reservedBy(writer: SeatWriter, tenant: string, subscriptionId: string): Promise<Reserved | null> {
  const { state } = await writer.subscriptions.subscriptions.read(subscriptionStream(tenant, subscriptionId));
  return reservedIn(state, { tenant, subscriptionId });
}

function reservedIn(state: SubscriptionState, target: CommandTarget): Reserved | null {
  const { header } = state;
  if (header === null || header.successor === null) return null;
  return { ...target, state, header, successor: header.successor };
}

/** That the reactivation is allowed was decided; what follows from it is the engine's, in the name of whoever asked. */
function causeOf({ actor, correlationId, commandId, traceparent }: CommandRequest): Cause {
  return {
    actor,
    roles: ['global-admin'],
    correlationId,
    causationId: commandId,
    ...(traceparent === undefined ? {} : { traceparent }),
  };
}
