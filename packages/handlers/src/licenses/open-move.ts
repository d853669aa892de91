/**
 * The second half of a move, by whoever gets there first: the command itself, its repeat, or the role that looks for moves
 * that a crash left open.
 *
 * @module
 */
import { pagedGet, subscriptionStream, type Instant, type SubscriptionEventData } from '@perennial/domain';
import type { RecordedEvent } from '@perennial/event-store';
import type { Cause } from '../command-handling/command-service.ts';
import { executeCommand, type ExecutedCommand } from '../command-handling/execute-command.ts';
import type { SubscriptionWriter } from '../command-handling/subscription-writer.ts';

/** A licence that its person has at both ends. */
export type OpenMove = {
  readonly tenant: string;
  readonly personId: string;
  readonly from: { readonly subscriptionId: string; readonly heldSince: number };
  readonly to: { readonly subscriptionId: string; readonly revision: number; readonly assignedAt: Instant };
  readonly commandId: string;
  readonly commandHash: string;
};

/** The seat at the source is given up; a repeat answers as at first. Refused: it is gone, or was moved elsewhere. */
export function completeMove(writer: SubscriptionWriter, move: OpenMove, cause: Cause): Promise<ExecutedCommand> {
  const { tenant, personId, from, to, commandId, commandHash } = move;
  return executeCommand(writer, {
    ...causeOf(cause),
    tenant,
    subscriptionId: from.subscriptionId,
    command: { name: 'move-license', body: { personId, heldSince: from.heldSince, to } },
    commandId,
    fingerprint: commandHash,
  });
}

/** The seat at the target is taken back: without one to give up there was nothing to move. */
export function undoMove(writer: SubscriptionWriter, move: OpenMove, cause: Cause): Promise<ExecutedCommand> {
  const { tenant, personId, from, to, commandId } = move;
  return executeCommand(writer, {
    ...causeOf(cause),
    tenant,
    subscriptionId: to.subscriptionId,
    command: { name: 'unassign-license', body: { personId, heldSince: to.revision, cause: 'move_undone' } },
    commandId: `move:${from.subscriptionId}:${from.heldSince}:${commandId}:undo`,
  });
}

/** Which seat a move gave, as the read side names it. */
export type MoveName = {
  readonly tenant: string;
  /** The target. */
  readonly subscriptionId: string;
  readonly personId: string;
  readonly heldSince: number;
};

/** Finishes a move that may be open, or takes it back; one that is settled, or whose target is gone, is left alone. */
export async function driveMoveOn(writer: SubscriptionWriter, name: MoveName): Promise<void> {
  const { tenant, subscriptionId, personId, heldSince } = name;
  const stream = subscriptionStream(tenant, subscriptionId);
  const { state } = await writer.subscriptions.read(stream);
  const isHeld = pagedGet(state.seats, personId)?.heldSince === heldSince;
  if (!isHeld || state.header?.status === 'deleted') return;
  const given = await eventAt(writer, stream, heldSince);
  const move = given && openMoveOf(given, name);
  if (!move) return;
  const { actor, $correlationId } = given.metadata;
  const cause: Cause = { actor, roles: actor.roles, correlationId: $correlationId };
  const { result } = await completeMove(writer, move, cause);
  if (result.kind === 'refused' || result.kind === 'not-found') await undoMove(writer, move, cause);
}

function openMoveOf(event: RecordedEvent, { tenant, subscriptionId, personId }: MoveName): OpenMove | undefined {
  if (event.type !== 'LicenseAssigned') return undefined;
  // The door validated the data against the schema of its type.
  const { movedFrom } = event.data as SubscriptionEventData<'LicenseAssigned'>;
  if (movedFrom === undefined) return undefined;
  const { commandId, commandHash, ...from } = movedFrom;
  const to = { subscriptionId, revision: event.revision, assignedAt: event.metadata.effectiveAt };
  return { tenant, personId, from, to, commandId, commandHash };
}

async function eventAt(
  { store }: SubscriptionWriter,
  stream: string,
  revision: number,
): Promise<RecordedEvent | undefined> {
  for await (const event of store.readStream(stream, { fromRevision: revision, maxCount: 1 })) return event;
  return undefined;
}

/** The same actor and roles as when the move began: what was open to them then is open to them to its end. */
function causeOf({ actor, roles, correlationId, traceparent }: Cause): Cause {
  return {
    actor: { type: actor.type, id: actor.id },
    roles,
    correlationId,
    ...(traceparent === undefined ? {} : { traceparent }),
  };
}
