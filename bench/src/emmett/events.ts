import type { Event } from '@event-driven-io/emmett';
import {
  evolve,
  initialSubscription,
  type DecidedEvent,
  type SubscriptionEvent,
  type SubscriptionState,
} from '@perennial/domain';

/** The envelope that Perennial writes, without its hash chain. */
export type EnvelopeMetadata = {
  readonly schemaVersion: number;
  readonly effectiveAt: string;
  readonly recordedAt: string;
  readonly actor: { readonly type: string; readonly id: string; readonly roles: readonly string[] };
  readonly commandId: string;
  readonly commandHash?: string;
  readonly correlationId: string;
  readonly causationId: string;
  readonly tenant: string;
  readonly policy: string;
};

/** A subscription's event as Emmett stores it. */
export type StoredEvent = Event<string, Record<string, unknown>, EnvelopeMetadata>;

/** What Emmett adds when it reads. */
type ReadPart = { readonly streamPosition?: bigint };

/** A decided event in its envelope. */
export function storedForm(event: DecidedEvent, envelope: Omit<EnvelopeMetadata, 'effectiveAt'>): StoredEvent {
  return {
    type: event.type,
    data: { ...event.data },
    metadata: { ...envelope, effectiveAt: event.effectiveAt },
  };
}

/** An event as the domain folds it; `revision` counts from 0, Emmett's positions from 1. */
export function domainForm(event: StoredEvent, revision: number): SubscriptionEvent {
  const { metadata } = event;
  const folded = {
    type: event.type,
    data: event.data,
    effectiveAt: metadata.effectiveAt,
    id: `${metadata.commandId}:${revision}`,
    revision,
    recordedAt: metadata.recordedAt,
    commandId: metadata.commandId,
    actorType: metadata.actor.type,
    policy: metadata.policy,
    ...(metadata.commandHash === undefined ? {} : { commandHash: metadata.commandHash }),
  };
  // Only events that the domain decided are in these streams; the pairing of type and data is lost on the way.
  return folded as SubscriptionEvent;
}

/** What Emmett is given to fold with. */
export const aggregate = {
  initialState: (): SubscriptionState => initialSubscription,
  evolve: (state: SubscriptionState, event: StoredEvent): SubscriptionState => {
    // Emmett adds its part to the metadata of what it reads.
    const { streamPosition } = event.metadata as EnvelopeMetadata & ReadPart;
    // Events just decided have no position yet: they come after what the state holds.
    const revision = streamPosition === undefined ? (state.header?.revision ?? -1) + 1 : Number(streamPosition) - 1;
    return evolve(state, domainForm(event, revision));
  },
};
