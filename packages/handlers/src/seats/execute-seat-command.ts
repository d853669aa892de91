import {
  applyDeadlines,
  decideSeat,
  pagedGet,
  seatStream,
  subscriptionStream,
  type DecidedSeatEvent,
  type SeatContext,
  type SeatState,
  type Service,
  type SubscriptionState,
  type SubscriptionStatus,
} from '@perennial/domain';
import { commandHash } from '../command-handling/command-identity.ts';
import type { CommandResult, SeatCommandRequest } from '../command-handling/command-service.ts';
import type { ExecutedCommand } from '../command-handling/execute-command.ts';
import type { StreamDecision, StreamView } from '../command-handling/stream-handler.ts';
import { givingBackInVain, refusalOf, type LicenseClaim } from '../licenses/license-claims.ts';
import { idReused, nothing, type SubscriptionWriter } from '../command-handling/subscription-writer.ts';
import { readFirstSeatResult } from './first-seat-result.ts';

/** What decisions on seats are made with: they share clock, envelope and cached streams with those on subscriptions. */
export type SeatWriter = { readonly subscriptions: SubscriptionWriter; readonly seats: SubscriptionWriter['seats'] };

/** The subscription that a decision saw. */
type Seen = { readonly status: SubscriptionStatus; readonly version: number; readonly position: bigint };

type Answer =
  | { readonly kind: 'appended' | 'unchanged'; readonly seen: Seen }
  | { readonly kind: 'dry-run'; readonly seen: Seen; readonly decided: readonly DecidedSeatEvent[] }
  | { readonly kind: 'repeated'; readonly seen: Seen; readonly firstRevision: number }
  | (Extract<CommandResult, { kind: 'refused' | 'version-conflict' }> & { readonly seen: Seen })
  | { readonly kind: 'not-found' };

/**
 * Decides a command on a seat and appends what it says to the seat's own stream. The subscription is read to its end
 * inside every attempt, after the seat: a decision never follows one that has seen more. Should the licence be taken away
 * between that read and the append, the event names a holding that is over, and counts for nothing.
 */
export async function executeSeatCommand(writer: SeatWriter, request: SeatCommandRequest): Promise<ExecutedCommand> {
  const { tenant, subscriptionId, command, commandId } = request;
  const hash = commandHash(command, { tenant, subscriptionId });
  const { subscriptions: deciding, seats } = writer;
  const use = { ...request, commandHash: hash };
  const isTakenOnSeat = await deciding.seatCommandIds.isTakenOtherwise(use);

  let claim: LicenseClaim | undefined;
  const decideOn = async (view: StreamView<SeatState>): Promise<StreamDecision<Answer>> => {
    const {
      state,
      head,
      position = 0n,
    } = await deciding.subscriptions.read(subscriptionStream(tenant, subscriptionId));
    if (!state.header) return nothing({ kind: 'not-found' });
    const now = deciding.clock.now();
    const seen = { status: applyDeadlines(state.header, now).status, version: head.revision, position };
    const services = await servicesOf(deciding, request, state);
    const context: SeatContext = {
      now,
      roles: request.roles,
      actorId: request.actor.id,
      header: state.header,
      seat: pagedGet(state.seats, command.body.personId),
      isCommandIdTaken: isTakenOnSeat || pagedGet(state.commandIds, commandId) !== undefined,
      services,
    };
    const input = { command, commandId, commandHash: hash };
    const decision = decideSeat(view.state, input, context);
    if (decision.kind === 'repeated') return nothing({ ...decision, seen });
    if (request.expectedVersion !== undefined && request.expectedVersion !== seen.version) {
      return nothing({ kind: 'version-conflict', actualVersion: seen.version, seen });
    }
    if (decision.kind === 'refused') return nothing({ ...decision, seen });
    const decided = decision.kind === 'accepted' ? decision.events : [];
    if (request.dryRun === true) return nothing({ kind: 'dry-run', decided, seen });
    if (decided.length === 0) return nothing({ kind: 'unchanged', seen });
    // Another command was first, between the look and here.
    if (!(await deciding.seatCommandIds.take(use, { ...request, now }))) return nothing({ ...idReused(), seen });
    const { policy, planId } = state.header;
    if (services !== undefined && command.name === 'set-apps-for-assignment') {
      const { personId, appsOff } = command.body;
      claim = { tenant, personId, subscriptionId, planId, appsOff, commandId };
      const late = await deciding.licenseClaims.claim(claim, { ...request, now }, (elsewhere) =>
        refusalOf(decideSeat(view.state, input, { ...context, services: withOthers(services, elsewhere) })),
      );
      if (late !== null) return nothing({ ...late, seen });
    }
    const events = await deciding.seal(decided, { tenant, cause: request, commandId, commandHash: hash, policy });
    return { events, answer: { kind: 'appended', seen } };
  };

  const stream = seatStream(tenant, subscriptionId, command.body.personId);
  const { answer, view, appended } = await givingBackInVain(
    deciding.licenseClaims,
    request,
    () => claim,
    () => seats.transact(stream, decideOn),
  );
  const status = answer.kind === 'not-found' ? undefined : answer.seen.status;
  const result = await resultOf(writer, request, { answer, view, appended });
  return { result, subscriptionId, status };
}

function withOthers(services: NonNullable<SeatContext['services']>, elsewhere: readonly Service[]) {
  return { ...services, elsewhere: [...services.elsewhere, ...elsewhere] };
}

/** Asked for where apps may be turned on, and the catalogue has rules about them. */
async function servicesOf(
  writer: SubscriptionWriter,
  { tenant, subscriptionId, command }: SeatCommandRequest,
  state: SubscriptionState,
): Promise<SeatContext['services']> {
  const ofPlan = state.header && writer.plans.plan(state.header.planId)?.services;
  if (command.name !== 'set-apps-for-assignment' || !ofPlan) return undefined;
  const person = await writer.personFacts({ tenant, state, personId: command.body.personId, without: subscriptionId });
  return { ofPlan, elsewhere: person?.services ?? [] };
}

async function resultOf(
  writer: SeatWriter,
  request: SeatCommandRequest,
  { answer, view, appended }: Awaited<ReturnType<typeof writer.seats.transact<Answer>>>,
): Promise<CommandResult> {
  const { subscriptionId } = request;
  switch (answer.kind) {
    case 'not-found':
      return answer;
    case 'refused': {
      const { seen: _seen, ...refusal } = answer;
      return refusal;
    }
    case 'version-conflict':
      return { kind: answer.kind, actualVersion: answer.actualVersion };
    case 'repeated':
      return readFirstSeatResult(writer.subscriptions.store, request, {
        stream: view.stream,
        firstRevision: answer.firstRevision,
      });
    case 'appended':
    case 'unchanged':
    case 'dry-run': {
      const { status, version } = answer.seen;
      const events =
        answer.kind === 'dry-run'
          ? answer.decided.map(({ type, effectiveAt }) => ({ id: '', type, effectiveAt }))
          : appended.map(({ id, type, metadata }) => ({ id, type, effectiveAt: metadata.effectiveAt }));
      // Where nothing was appended, what the answer rests on may still be on its way to the reads.
      const position = String(latest(view.position ?? 0n, answer.seen.position));
      return { kind: 'accepted', subscriptionId, status, version, position, events };
    }
    default:
      return answer satisfies never;
  }
}

function latest(one: bigint, other: bigint): bigint {
  return one > other ? one : other;
}
