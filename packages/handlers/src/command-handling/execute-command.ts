import {
  policyFor,
  profileId,
  subscriptionStream,
  type DecidedEvent,
  type DecisionContext,
  type Instant,
  type Service,
  type SubscriptionCommand,
  type SubscriptionState,
} from '@perennial/domain';
import { givingBackInVain, refusalOf, type LicenseClaim } from '../licenses/license-claims.ts';
import { commandHash, subscriptionIdFor, type CommandTarget } from './command-identity.ts';
import type { AnsweredEvent, CommandRequest, CommandResult } from './command-service.ts';
import { withoutDeletion } from './deletion.ts';
import { readFirstResult } from './first-result.ts';
import type { StreamDecision, StreamOutcome, StreamView } from './stream-handler.ts';
import { foldProvisional } from './subscription-aggregate.ts';
import { standing } from './standing.ts';
import type { TrialClaim } from '../trials/trial-reservations.ts';
import { idReused, nothing, type SubscriptionWriter } from './subscription-writer.ts';

/** Asked for where somebody is to get a licence; of a moved one what it gives is given up in the same step. */
async function personOf(
  writer: SubscriptionWriter,
  about: { readonly tenant: string; readonly state: SubscriptionState; readonly command: SubscriptionCommand },
): Promise<DecisionContext['person']> {
  const { tenant, state, command } = about;
  if (command.name !== 'assign-license') return undefined;
  const { personId } = command.body;
  return writer.personFacts({ tenant, state, personId, without: movedFrom(command) });
}

/** The subscription that a licence is moved from. */
function movedFrom(command: SubscriptionCommand): string | undefined {
  return command.name === 'assign-license' ? command.body.movedFrom?.subscriptionId : undefined;
}

/** The licence that a command is about to give. */
function licenseClaim(
  target: CommandTarget,
  command: SubscriptionCommand,
  { state, commandId }: { readonly state: SubscriptionState; readonly commandId: string },
): LicenseClaim | undefined {
  if (command.name !== 'assign-license' || state.header === null) return undefined;
  const { personId, appsOff } = command.body;
  return { ...target, personId, planId: state.header.planId, appsOff, commandId };
}

function withServices(
  person: DecisionContext['person'],
  elsewhere: readonly Service[],
): NonNullable<DecisionContext['person']> {
  return { personId: '', ...person, services: [...(person?.services ?? []), ...elsewhere] };
}

type Answer =
  | { readonly kind: 'appended' }
  | { readonly kind: 'repeated'; readonly firstRevision: number }
  | { readonly kind: 'dry-run'; readonly decided: readonly DecidedEvent[]; readonly now: Instant }
  | Exclude<CommandResult, { kind: 'accepted' | 'repeated' }>;

/** A result, and what it was about. */
export type ExecutedCommand = {
  readonly result: CommandResult;
  readonly subscriptionId: string;
  readonly status: string | undefined;
};

/** The same, with the subscription after it; of a dry run as it would be. */
export type ExecutedOnSubscription = ExecutedCommand & { readonly state: SubscriptionState };

/**
 * Decides a command and appends what it says. `fingerprint` is that of the request behind it, where this is only a part of
 * what was asked.
 */
export async function executeCommand(
  writer: SubscriptionWriter,
  request: CommandRequest & { readonly fingerprint?: string },
): Promise<ExecutedOnSubscription> {
  const { tenant, command, commandId } = request;
  const subscriptionId = request.subscriptionId ?? subscriptionIdFor(tenant, commandId);
  const target = { tenant, subscriptionId };
  const hash = request.fingerprint ?? commandHash(command, target);
  const [facts, isTakenOnSeat] = await Promise.all([
    writer.tenants.factsOf(tenant),
    writer.seatCommandIds.isTakenOtherwise({ ...request, ...target, commandHash: hash }),
  ]);
  const trial = trialClaim(command, target);
  const trialUsed = trial && (await writer.trials.isUsed(trial));

  let claim: LicenseClaim | undefined;
  const decideOn = async (view: StreamView<SubscriptionState>): Promise<StreamDecision<Answer>> => {
    const { state } = view;
    const exists = state.header !== null;
    if (!exists && command.name !== 'create') return nothing({ kind: 'not-found', subscriptionId });
    const person = await personOf(writer, { tenant, state, command });
    const about = { target, caller: request, state, tenant: facts, person, command, trialUsed };
    const context = writer.context({ ...about, successorId: successorIdOf(request, subscriptionId) });
    const input = { kind: 'command', command, commandId, commandHash: hash } as const;
    const decision = writer.decide(state, input, context);
    if (decision.kind === 'repeated') return nothing(decision);
    if (isTakenOnSeat) return nothing(idReused());
    if (decision.kind === 'already-exists') return nothing({ kind: 'already-exists', subscriptionId });
    if (request.expectedVersion !== undefined && request.expectedVersion !== view.head.revision) {
      return nothing({ kind: 'version-conflict', actualVersion: view.head.revision });
    }
    if (decision.kind === 'refused') return nothing(decision);
    const decided = decision.kind === 'accepted' ? withoutDeletion(decision.events) : [];
    if (request.dryRun === true) return nothing({ kind: 'dry-run', decided, now: context.now });
    if (trial && !(await writer.trials.reserve(trial, { ...request, now: context.now }))) {
      // Another create was first, between the look and the reservation.
      const late = writer.decide(state, input, { ...context, trialUsed: true });
      if (late.kind === 'refused') return nothing(late);
    }
    claim = context.plan?.services === undefined ? undefined : licenseClaim(target, command, { state, commandId });
    if (claim !== undefined) {
      const by = { ...request, now: context.now, without: movedFrom(command) };
      const late = await writer.licenseClaims.claim(claim, by, (elsewhere) =>
        refusalOf(writer.decide(state, input, { ...context, person: withServices(person, elsewhere) })),
      );
      if (late !== null) return nothing(late);
    }
    const policy = policyOf(state, command);
    const events = await writer.seal(decided, { tenant, cause: request, commandId, commandHash: hash, policy });
    return { events, answer: { kind: 'appended' } };
  };

  const outcome = await givingBackInVain(
    writer.licenseClaims,
    request,
    () => claim,
    () => writer.subscriptions.transact(subscriptionStream(tenant, subscriptionId), decideOn),
  );
  const { answer, view } = outcome;
  const after = answer.kind === 'dry-run' ? provisionalView(view, answer, request) : view;
  const result = await resultOf(writer, { ...outcome, view: after }, { subscriptionId, commandId });
  return { result, subscriptionId, status: view.state.header?.status, state: after.state };
}

/** A reactivation that has to make a new subscription makes the same one whenever it is repeated. */
function successorIdOf({ tenant, command, commandId }: CommandRequest, subscriptionId: string): string | undefined {
  if (command.name !== 'reactivate') return undefined;
  return subscriptionIdFor(tenant, `reactivation:${subscriptionId}:${commandId}`);
}

/** The trial that a create asks for. */
function trialClaim(
  command: SubscriptionCommand,
  { tenant, subscriptionId }: { readonly tenant: string; readonly subscriptionId: string },
): TrialClaim | undefined {
  const isTrial = command.name === 'create' && command.body.trial;
  return isTrial ? { tenant, subscriptionId, planId: command.body.planId } : undefined;
}

async function resultOf(
  writer: SubscriptionWriter,
  { answer, view, appended }: StreamOutcome<SubscriptionState, Answer>,
  request: { readonly subscriptionId: string; readonly commandId: string },
): Promise<CommandResult> {
  switch (answer.kind) {
    case 'appended': {
      const events = appended.map(({ id, type, metadata }) => ({ id, type, effectiveAt: metadata.effectiveAt }));
      return acceptedAt(request.subscriptionId, view, events);
    }
    case 'dry-run':
      return acceptedAt(
        request.subscriptionId,
        view,
        answer.decided.map(({ type, effectiveAt }) => ({ id: '', type, effectiveAt })),
      );
    case 'repeated':
      return readFirstResult(writer.store, { ...request, stream: view.stream, firstRevision: answer.firstRevision });
    case 'refused':
    case 'not-found':
    case 'already-exists':
    case 'version-conflict':
      return answer;
    default:
      return answer satisfies never;
  }
}

function acceptedAt(
  subscriptionId: string,
  view: Pick<StreamView<SubscriptionState>, 'state' | 'head' | 'position'>,
  events: readonly AnsweredEvent[],
): CommandResult {
  const { header } = view.state;
  if (!header) throw new Error(`The accepted command on ${subscriptionId} left no subscription behind.`);
  const position = String(view.position ?? 0n);
  return { kind: 'accepted', subscriptionId, ...standing(header), version: view.head.revision, position, events };
}

/** Where the subscription would be: the version counts what would be appended. */
function provisionalView(
  view: StreamView<SubscriptionState>,
  { decided, now }: Extract<Answer, { kind: 'dry-run' }>,
  { command, commandId }: { readonly command: SubscriptionCommand; readonly commandId: string },
): StreamView<SubscriptionState> {
  const policy = policyOf(view.state, command);
  const { revision } = view.head;
  const state = foldProvisional(view.state, decided, {
    recordedAt: now,
    commandId,
    revision,
    ...(policy === undefined ? {} : { policy }),
  });
  return { ...view, state, head: { ...view.head, revision: revision + decided.length } };
}

/** `profile@version` that decides: the subscription's; for a create the newest of the profile that it names. */
export function policyOf(state: SubscriptionState, command: SubscriptionCommand): string | undefined {
  if (state.header) return state.header.policy;
  const profile = command.name === 'create' ? policyFor(command.body.profile) : undefined;
  return profile && profileId(profile);
}
