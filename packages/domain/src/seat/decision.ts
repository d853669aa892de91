/**
 * What a decision on a seat is given and what it answers.
 *
 * @module
 */
import type { Instant } from '../instant.ts';
import type { SubscriptionDecision } from '../subscription/decision.ts';
import type { SubscriptionHeader } from '../subscription/header.ts';
import type { Service } from '../subscription/service-conflict.ts';
import type { Seat } from '../subscription/state.ts';
import type { SeatCommand } from './commands.ts';
import type { DecidedSeatEvent } from './events.ts';

/** A command and its id. */
export type SeatInput = { readonly command: SeatCommand; readonly commandId: string; readonly commandHash: string };

/** What the other stream says, read to its end *after* the seat's. */
export type SeatContext = {
  readonly now: Instant;
  readonly roles: readonly string[];
  /** Person id of the actor, where a person acts. */
  readonly actorId?: string;
  /** As of its last event; deadlines are applied here. */
  readonly header: SubscriptionHeader;
  /** The person's seat; absent when the person holds none. */
  readonly seat?: Seat | undefined;
  /** Apps of the plan, and those that other licences give the person, where the catalogue has rules about them. */
  readonly services?: { readonly ofPlan: readonly Service[]; readonly elsewhere: readonly Service[] } | undefined;
  /** The subscription itself took a command with this id. */
  readonly isCommandIdTaken: boolean;
};

/** The answer. Refusals are values. */
export type SeatDecision =
  | { readonly kind: 'accepted'; readonly events: readonly DecidedSeatEvent[] }
  /** It is already as asked: accepted, nothing to append. */
  | { readonly kind: 'nothing' }
  | Extract<SubscriptionDecision, { readonly kind: 'repeated' | 'refused' }>;
