/**
 * Decisions: a command, a payment fact or the passing of time, on the folded state. Pure; one append per decision.
 *
 * @module
 */
import type { Instant } from '../instant.ts';
import { policyFor, type PolicyProfile } from '../policy/index.ts';
import { create } from './create.ts';
import { decideCommand, type Deciding } from './decide-command.ts';
import { decideFact } from './decide-fact.ts';
import type { DecisionContext, SubscriptionDecision, SubscriptionInput } from './decision.ts';
import type { SubscriptionHeader } from './header.ts';
import { pagedGet } from './paged-map.ts';
import { refused } from './refusal.ts';
import { settleSuccessor } from './settle-successor.ts';
import { onlyDeadlines, simulate } from './simulation.ts';
import type { SubscriptionState } from './state.ts';
import { laterOf } from './terms.ts';

/**
 * Decides. Refusals are values; nothing is changed or remembered.
 *
 * @example
 * const decision = decide(state, { kind: 'tick' }, context);
 * if (decision.kind === 'accepted') append(decision.events);
 */
export function decide(
  state: SubscriptionState,
  input: SubscriptionInput,
  context: DecisionContext,
): SubscriptionDecision {
  const repeated = repetition(state, input);
  if (repeated) return repeated;
  if (state.header === null) {
    return input.kind === 'command' && input.command.name === 'create'
      ? create(input.command.body, context)
      : refused(['NOT_FOUND']);
  }
  const decided = {
    state,
    header: state.header,
    policy: policyOf(state.header),
    context,
    now: nowOf(state, context.now),
  };
  if (input.kind === 'fact') return decideFact(decided, input.fact);
  if (input.kind === 'tick') return tick(decided);
  if (input.kind === 'successor') return settleSuccessor(decided, input);
  return input.command.name === 'create' ? { kind: 'already-exists' } : decideCommand(decided, input.command);
}

/** The profile in force; a name that is unknown here means that this build is older than the log. */
export function policyOf(header: Pick<SubscriptionHeader, 'policy'>): PolicyProfile {
  const policy = policyFor(header.policy);
  if (!policy)
    throw new RangeError(`no policy profile ${header.policy}: this build is older than the log; deploy a newer one`);
  return policy;
}

/** Time does not go back: a decision stands behind everything decided before. */
function nowOf(state: SubscriptionState, now: Instant): Instant {
  return laterOf(state.latest, now);
}

function repetition(state: SubscriptionState, input: SubscriptionInput): SubscriptionDecision | null {
  if (input.kind === 'tick') return null;
  const applied = pagedGet(state.commandIds, input.commandId);
  if (applied === undefined) return null;
  // A provider's event is known by its id alone: the envelope around it may differ from delivery to delivery.
  if (input.kind === 'fact') {
    return { kind: 'repeated', firstRevision: applied.revision, outcome: 'DUPLICATE_TRANSPORT' };
  }
  return applied.hash === input.commandHash
    ? { kind: 'repeated', firstRevision: applied.revision }
    : refused(['COMMAND_ID_REUSED']);
}

function tick({ header, policy, now: until, state: { ledger, seats } }: Deciding): SubscriptionDecision {
  const { events } = simulate(onlyDeadlines({ header, policy, until, deletes: true, ledger, seats }));
  return events.length === 0 ? { kind: 'nothing' } : { kind: 'accepted', events: events.map(({ event }) => event) };
}
