import { parseStream, productKeyStream, subscriptionStream, dataOf } from '@perennial/domain';
import type { RecordedEvent } from '@perennial/event-store';
import { refOf } from '../log/log.ts';
import type { StreamMemory } from '../log/stream-memory.ts';
import { fieldOf } from '../log/field-of.ts';
import { chainLengthMax, commandOf, type Because } from './because.ts';
import { orderIn, orderOf } from './key-order.ts';
import { factOf, paymentCause, waitingCauses } from './payment-cause.ts';
import { streamCauses, type StreamCauses } from './stream-causes.ts';

/** Tells the causes of events of one subscription's stream. */
export type EventExplainer = (event: RecordedEvent) => Promise<readonly Because[]>;

/** @param events of the subscription's stream, from its beginning */
export function explainEvents(events: readonly RecordedEvent[], streams: StreamMemory): EventExplainer {
  const causes = streamCauses(events);
  const first = events[0]?.revision ?? 0;
  return async (event) => {
    const chain: Because[] = [];
    let current = event;
    while (chain.length < chainLengthMax) {
      const due = causes.deadlineOf(current);
      if (due === null) break;
      chain.push({ kind: 'deadline', deadline: due.deadline.kind, at: due.deadline.at });
      const setter = due.setBy === null ? undefined : events[due.setBy - first];
      // A deadline that begins the chain anew would never end it.
      if (setter === undefined || setter.revision >= current.revision) return chain;
      chain.push({ kind: 'event', event: refOf(setter) });
      current = setter;
    }
    return [...chain, ...(await rootOf(current, causes, { events, streams }))].slice(0, chainLengthMax);
  };
}

type Sources = { readonly events: readonly RecordedEvent[]; readonly streams: StreamMemory };

/** What began it: a payment, the order of a product key, or whoever gave the command. */
async function rootOf(event: RecordedEvent, causes: StreamCauses, sources: Sources): Promise<readonly Because[]> {
  const { commandId } = event.metadata;
  const decision = causes.decisionOf(event);
  if (commandId.startsWith('move:') || event.type === 'LicenseMoved') return moveCauses(event, sources.streams);
  if (commandId.startsWith('fact:')) {
    const fact = factOf(event) ?? decision.map(factOf).find((carried) => carried !== undefined);
    if (fact === undefined) return [commandOf(event, null)];
    return (await waitingCauses(event, fact.providerEventId, sources.streams)) ?? [paymentCause(fact, event)];
  }
  if (commandId.startsWith('reactivation:')) return successorCauses(event, sources);
  if (commandId.startsWith('ending:')) return endingCauses(event, sources.streams);
  return (await keyCauses(event, sources)) ?? [commandOf(event, commandNameOf(decision))];
}

/** The provider ended the subscription: `ending:<provider>:<event id>`. */
async function endingCauses(event: RecordedEvent, streams: StreamMemory): Promise<readonly Because[]> {
  const [, provider = '', ...rest] = event.metadata.commandId.split(':');
  const providerEventId = rest.join(':');
  const waited = await waitingCauses(event, providerEventId, streams);
  if (waited !== undefined && waited.length > 0) return waited;
  const { $causationId } = event.metadata;
  return [
    {
      kind: 'payment',
      provider,
      object: '',
      providerEventId,
      fact: 'ending',
      occurredAt: event.metadata.effectiveAt,
      receivedAt: null,
      amount: null,
      message: $causationId.startsWith('PAYMENTS:') ? $causationId : null,
    },
  ];
}

/** A product key was redeemed: the order lies in the key's own stream. Undefined where no key was. */
async function keyCauses(
  { metadata }: RecordedEvent,
  { events, streams }: Sources,
): Promise<readonly Because[] | undefined> {
  const orderId = orderOf(metadata.commandId);
  const applied = events.find(({ type, metadata: of }) => type === 'ProductKeyApplied' && of.commandId === orderId);
  const keyId = applied === undefined ? undefined : fieldOf(applied, 'keyId');
  if (typeof keyId !== 'string') return undefined;
  const reserved = (await streams.read(productKeyStream(keyId))).findLast(
    (step) => orderIn(step)?.commandId === orderId,
  );
  return reserved && [{ kind: 'event', event: refOf(reserved) }, commandOf(reserved, 'redeem-key')];
}

/**
 * A reactivation that made a new subscription: `reactivation:<id>:<step>`. The old one's stream holds the reservation that all
 * of it follows from.
 */
async function successorCauses(event: RecordedEvent, { events, streams }: Sources): Promise<readonly Because[]> {
  const reactivationId = event.metadata.commandId.split(':')[1];
  const [first] = events;
  const stream = parseStream(event.stream);
  const from = first && dataOf(first, 'SubscriptionCreated')?.reactivatedFrom;
  const elsewhere = from !== undefined && stream?.kind === 'subscription';
  const sources = elsewhere ? await streams.read(subscriptionStream(stream.tenant, from)) : [];
  const reserved = [...events, ...sources].find(
    (step) => dataOf(step, 'SuccessorReserved')?.reactivationId === reactivationId,
  );
  if (reserved === undefined) return [commandOf(event, 'reactivate')];
  return [{ kind: 'event', event: refOf(reserved) }, commandOf(reserved, 'reactivate')];
}

/** A licence that came from, or went to, another subscription: given there first, then given up here. */
async function moveCauses(event: RecordedEvent, streams: StreamMemory): Promise<readonly Because[]> {
  const asked = commandOf(event, 'move-license');
  const to = dataOf(event, 'LicenseMoved')?.to;
  const source = parseStream(event.stream);
  if (to === undefined || source?.kind !== 'subscription') return [asked];
  const given = (await streams.read(subscriptionStream(source.tenant, to.subscriptionId))).find(
    ({ revision }) => revision === to.revision,
  );
  return given === undefined ? [asked] : [{ kind: 'event', event: refOf(given) }, asked];
}

function commandNameOf(decision: readonly RecordedEvent[]): string | null {
  for (const event of decision) {
    const command = fieldOf(event, 'command');
    const name = typeof command === 'object' && command !== null && 'name' in command ? command.name : undefined;
    if (typeof name === 'string') return name;
  }
  return null;
}
