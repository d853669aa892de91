import { subscriptionStream, type FactOutcome } from '@perennial/domain';
import type { RecordedEvent } from '@perennial/event-store';
import { factCommandId, factHash } from './command-identity.ts';
import type { Cause, FactRequest, FactResult } from './command-service.ts';
import { withoutDeletion } from './deletion.ts';
import { nothing, type SubscriptionWriter } from './subscription-writer.ts';

type Answer =
  | { readonly kind: 'applied' | 'nothing'; readonly outcome: FactOutcome }
  | { readonly kind: 'repeated'; readonly firstRevision: number }
  | { readonly kind: 'reused' | 'not-found' };

/** Gives a subscription a payment fact. A fact is never refused for the subscription's status (domain.md 6.3). */
export async function applyFact(writer: SubscriptionWriter, request: FactRequest): Promise<FactResult> {
  const { tenant, subscriptionId, fact } = request;
  const target = { tenant, subscriptionId };
  const cause: Cause = { ...request, actor: { type: 'provider', id: fact.provider }, roles: [] };
  const [commandId, commandHash] = [factCommandId(fact), factHash(fact)];

  const { answer, view } = await writer.subscriptions.transact<Answer>(
    subscriptionStream(tenant, subscriptionId),
    async ({ state }) => {
      if (!state.header) return nothing({ kind: 'not-found' });
      const context = writer.context({ target, caller: cause, state });
      const decision = writer.decide(state, { kind: 'fact', fact, commandId, commandHash }, context);
      switch (decision.kind) {
        case 'accepted': {
          const decided = withoutDeletion(decision.events);
          const policy = state.header.policy;
          const events = await writer.seal(decided, { tenant, cause, commandId, commandHash, policy });
          return { events, answer: { kind: 'applied', outcome: decision.outcome ?? 'APPLIED' } };
        }
        case 'repeated':
          return nothing({ kind: 'repeated', firstRevision: decision.firstRevision });
        case 'nothing':
          return nothing({ kind: 'nothing', outcome: decision.outcome ?? 'NOTED' });
        // Facts are not refused but for one thing: their id came before with other content.
        case 'refused':
          return nothing({ kind: 'reused' });
        case 'already-exists':
          throw new TypeError('A payment fact was decided like a create.');
        default:
          return decision satisfies never;
      }
    },
  );

  const { position } = view;
  switch (answer.kind) {
    case 'not-found':
      return { kind: 'not-found' };
    case 'reused':
      return { kind: 'nothing', outcome: 'QUARANTINED_CONTRADICTION', redelivered: false, idReused: true, position };
    case 'repeated': {
      const first = await eventAt(writer, view.stream, answer.firstRevision);
      const redelivered = first?.metadata.$causationId === request.causationId;
      const outcome = redelivered && isRefundDue(first) ? 'REFUND_DUE' : 'DUPLICATE_TRANSPORT';
      return { kind: 'nothing', outcome, redelivered, idReused: false, position };
    }
    case 'applied':
    case 'nothing':
      return { ...answer, redelivered: false, idReused: false, position };
    default:
      return answer satisfies never;
  }
}

/** What the first delivery wrote; its cause tells a second delivery of one message from a second message. */
async function eventAt(
  writer: SubscriptionWriter,
  stream: string,
  revision: number,
): Promise<RecordedEvent | undefined> {
  for await (const event of writer.store.readStream(stream, { fromRevision: revision, maxCount: 1 })) return event;
  return undefined;
}

/** A crash after the append must not lose what the outcome asks for. */
function isRefundDue({ type, data }: RecordedEvent): boolean {
  // The door validated the data against the schema of its type.
  return type === 'PaymentFactRecorded' && (data as { readonly effect: string }).effect === 'refund_due';
}
