import { subscriptionStream, type SubscriptionInput, type SubscriptionState } from '@perennial/domain';
import { commandHash, factCommandId, factHash, type CommandTarget } from './command-identity.ts';
import type { AnsweredEvent, CommandPreview, CommandResult, PreviewRequest, PreviewStep } from './command-service.ts';
import { withoutDeletion } from './deletion.ts';
import { policyOf } from './execute-command.ts';
import { readFirstResult } from './first-result.ts';
import { standing } from './standing.ts';
import type { StreamView } from './stream-handler.ts';
import { foldProvisional } from './subscription-aggregate.ts';
import type { SubscriptionWriter } from './subscription-writer.ts';

type Run = {
  readonly view: StreamView<SubscriptionState>;
  readonly events: readonly AnsweredEvent[];
  /** Every command so far was applied before: the revision of the last one's first event. */
  readonly repeatedAt: number | null;
};

/** Decides commands and facts one after the other, each on what those before it would leave; nothing is appended. */
export async function previewCommands(writer: SubscriptionWriter, request: PreviewRequest): Promise<CommandPreview> {
  const { tenant, subscriptionId, steps } = request;
  const stream = subscriptionStream(tenant, subscriptionId);
  const facts = await writer.tenants.factsOf(tenant);
  const read = await writer.subscriptions.read(stream);
  let run: Run = { view: read, events: [], repeatedAt: null };
  for (const [index, step] of steps.entries()) {
    const next = decideStep(writer, { request, run, step, facts, isFirst: index === 0 });
    if ('kind' in next) return { result: next, refusedStep: index };
    run = next;
  }
  const last = steps.at(-1);
  if (last !== undefined && 'command' in last && run.repeatedAt !== null) {
    const about = { subscriptionId, stream, commandId: last.commandId, firstRevision: run.repeatedAt };
    return { result: await readFirstResult(writer.store, about), refusedStep: null };
  }
  return { result: answerOf(subscriptionId, run), refusedStep: null };
}

function decideStep(
  writer: SubscriptionWriter,
  about: {
    readonly request: PreviewRequest;
    readonly run: Run;
    readonly step: PreviewRequest['steps'][number];
    readonly facts: Awaited<ReturnType<SubscriptionWriter['tenants']['factsOf']>>;
    readonly isFirst: boolean;
  },
): Run | CommandResult {
  const { request, run, step, facts, isFirst } = about;
  const { state, head } = run.view;
  const target = { tenant: request.tenant, subscriptionId: request.subscriptionId };
  const command = 'command' in step ? step.command : undefined;
  if (state.header === null && command?.name !== 'create') return { kind: 'not-found' };
  const context = writer.context({ target, caller: callerOf(step, request), state, tenant: facts, command });
  const input = inputOf(step, target);
  const decision = writer.decide(state, input, context);
  if (command === undefined && decision.kind !== 'accepted') return run;
  if (decision.kind === 'repeated') {
    return isFirst || run.repeatedAt !== null ? { ...run, repeatedAt: decision.firstRevision } : run;
  }
  if (decision.kind === 'already-exists') return { kind: 'already-exists', subscriptionId: target.subscriptionId };
  const { expectedVersion } = request;
  if (isFirst && expectedVersion !== undefined && expectedVersion !== head.revision) {
    return { kind: 'version-conflict', actualVersion: head.revision };
  }
  if (decision.kind === 'refused') return decision;
  const decided = decision.kind === 'accepted' ? withoutDeletion(decision.events) : [];
  const policy = command === undefined ? state.header?.policy : policyOf(state, command);
  const folded = foldProvisional(state, decided, {
    recordedAt: context.now,
    commandId: input.commandId,
    revision: head.revision,
    ...(policy === undefined ? {} : { policy }),
  });
  return {
    view: { ...run.view, state: folded, head: { ...head, revision: head.revision + decided.length } },
    events: [...run.events, ...decided.map(({ type, effectiveAt }) => ({ id: '', type, effectiveAt }))],
    repeatedAt: null,
  };
}

function inputOf(step: PreviewStep, target: CommandTarget): Exclude<SubscriptionInput, { kind: 'tick' }> {
  if ('command' in step) return { kind: 'command', ...step, commandHash: commandHash(step.command, target) };
  return { kind: 'fact', fact: step.fact, commandId: factCommandId(step.fact), commandHash: factHash(step.fact) };
}

function callerOf(step: PreviewStep, request: PreviewRequest): Pick<PreviewRequest, 'actor' | 'roles'> {
  return 'command' in step ? request : { actor: { type: 'provider', id: step.fact.provider }, roles: [] };
}

function answerOf(subscriptionId: string, { view, events }: Run): CommandResult {
  const { header } = view.state;
  if (header === null) return { kind: 'not-found' };
  const position = String(view.position ?? 0n);
  return { kind: 'accepted', subscriptionId, ...standing(header), version: view.head.revision, position, events };
}
