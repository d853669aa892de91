/**
 * Moving a licence between two subscriptions so that no reader ever sees its person without one (`domain.md 1.8`): assigned
 * at the target first, then given up at the source, which names the target's revision. The target's event says all that
 * the second half takes, so that whoever finds it open can finish it.
 *
 * @module
 */
import {
  pagedGet,
  seatInForce,
  seatStream,
  subscriptionStream,
  type Instant,
  type Remedy,
  type SubscriptionCommand,
} from '@perennial/domain';
import { commandHash } from '../command-handling/command-identity.ts';
import type { CommandResult, MoveLicenseRequest } from '../command-handling/command-service.ts';
import { executeCommand, type ExecutedCommand } from '../command-handling/execute-command.ts';
import type { SeatWriter } from '../seats/execute-seat-command.ts';
import { completeMove, undoMove, type OpenMove } from './open-move.ts';

/** A seat that the target gave. */
type Given = { readonly revision: number; readonly assignedAt: Instant };
type Applied = Extract<CommandResult, { kind: 'accepted' | 'repeated' }>;
type Refused = Extract<CommandResult, { kind: 'refused' }>;

/**
 * Decides on both sides, appends to the target, then to the source. The source's append is what makes it a move: when the
 * seat there is gone by then, the target's is taken back and the answer is what the source says.
 */
export async function moveLicense(writer: SeatWriter, request: MoveLicenseRequest): Promise<ExecutedCommand> {
  const { subscriptionId, dryRun = false } = request;
  const source = await lookAtSource(writer, request);
  const { heldSince } = source;
  if (source.asked.result.kind !== 'accepted' && source.asked.result.kind !== 'refused') return source.asked;
  const refusal = source.asked.result.kind === 'refused' ? source.asked.result : null;

  const { result: given } = await giveAtTarget(writer, request, { ...source, dryRun: dryRun || refusal !== null });
  if (given.kind === 'not-found') return { ...source.asked, result: given };
  const atTarget = given.kind === 'refused' ? given : null;
  if (refusal !== null || atTarget !== null) {
    return { ...source.asked, result: together(refusal, atTarget) };
  }
  if (dryRun) return source.asked;
  const open: OpenMove = {
    tenant: request.tenant,
    personId: request.command.body.personId,
    from: { subscriptionId, heldSince },
    to: { subscriptionId: request.command.body.toSubscriptionId, ...seatGiven(given) },
    commandId: request.commandId,
    commandHash: source.hash,
  };
  const moved = await completeMove(writer.subscriptions, open, request);
  if (moved.result.kind === 'refused') await undoMove(writer.subscriptions, open, request);
  return moved;
}

type Source = {
  readonly asked: ExecutedCommand;
  readonly heldSince: number;
  readonly appsOff: readonly string[];
  readonly hash: string;
};

/** What the source would answer, and what the person has there: apps that are off stay off unless others are named. */
async function lookAtSource(
  { subscriptions: writer, seats }: SeatWriter,
  request: MoveLicenseRequest,
): Promise<Source> {
  const { tenant, subscriptionId, command } = request;
  const { personId, toSubscriptionId } = command.body;
  const hash = commandHash(command, { tenant, subscriptionId });
  const { state } = await writer.subscriptions.read(subscriptionStream(tenant, subscriptionId));
  const seat = pagedGet(state.seats, personId);
  const heldSince = seat?.heldSince ?? 0;
  const to = { subscriptionId: toSubscriptionId, revision: 0, assignedAt: writer.clock.now() };
  const asked = await executeCommand(writer, {
    ...request,
    command: { name: 'move-license', body: { personId, heldSince, to } },
    fingerprint: hash,
    dryRun: true,
  });
  const use = seat && (await seats.read(seatStream(tenant, subscriptionId, personId))).state.use;
  const before = seat && use ? seatInForce(use, seat).appsOff : [];
  return { asked, heldSince, appsOff: command.body.appsOff ?? before, hash };
}

/** A repeat after a crash finds what was given: the id is that of the same holding and the same request. */
function giveAtTarget(
  { subscriptions: writer }: SeatWriter,
  request: MoveLicenseRequest,
  { heldSince, appsOff, hash, dryRun }: Omit<Source, 'asked'> & { readonly dryRun: boolean },
): Promise<ExecutedCommand> {
  const { subscriptionId, commandId } = request;
  const { personId, toSubscriptionId } = request.command.body;
  const movedFrom = { subscriptionId, heldSince, commandId, commandHash: hash };
  const command: SubscriptionCommand = {
    name: 'assign-license',
    body: { personId, appsOff: [...appsOff], movedFrom },
  };
  const { expectedVersion: _ofTheSource, ...shared } = request;
  return executeCommand(writer, {
    ...shared,
    subscriptionId: toSubscriptionId,
    command,
    commandId: `move:${subscriptionId}:${heldSince}:${commandId}`,
    fingerprint: hash,
    dryRun,
  });
}

/** The revision of the event that gave the seat: a decision may have appended others with it. */
function seatGiven(result: CommandResult): Given {
  const events = isApplied(result) ? result.events : [];
  const index = events.findIndex(({ type }) => type === 'LicenseAssigned');
  const event = events[index];
  if (!isApplied(result) || event === undefined) throw new Error(`The target of a move answered ${result.kind}.`);
  return { revision: result.version - (events.length - 1 - index), assignedAt: event.effectiveAt };
}

function isApplied(result: CommandResult): result is Applied {
  return result.kind === 'accepted' || result.kind === 'repeated';
}

/** All that speaks against it on either side (`domain.md 6.4`). */
function together(source: Refused | null, target: Refused | null): Refused {
  const both = [source, target].filter((refusal) => refusal !== null);
  const remedies = new Map<string, Remedy>();
  for (const remedy of both.flatMap((refusal) => refusal.remedies)) {
    const key = `${remedy.kind} ${remedy.text.en}`;
    if (!remedies.has(key)) remedies.set(key, remedy);
  }
  return {
    kind: 'refused',
    reasonCodes: [...new Set(both.flatMap(({ reasonCodes }) => reasonCodes))],
    remedies: [...remedies.values()],
  };
}
