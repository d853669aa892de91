/**
 * Redeeming a product key (`domain.md 2.1`, `domain.md 6.2`): it starts, extends, brings back or enlarges a subscription.
 * What it does is paid already, so that nothing is awaited.
 *
 * @module
 */
import type { Instant } from '../../instant.ts';
import { enlargedEnd, keyEnd } from '../../product-key/extension.ts';
import type { DecidedEvent } from '../events.ts';
import type { SubscriptionHeader } from '../header.ts';
import type { MachineEventOf, Situation } from '../situation.ts';
import { confirmBy, movingHold, nextTerm, termFrom, type TermSpan } from '../terms.ts';
import { changed } from './activation.ts';
import { resumption } from './reactivation.ts';

type RedeemKey = MachineEventOf<'redeem-key'>;
type Body = RedeemKey['body'];

/** The term that a key leads to, and whether later ones are still counted from the old anchor. */
export type KeyTerm = TermSpan & { readonly isRegular: boolean };

/** Where a key leads; `null`: it makes no difference to the time, or there is nothing to extend. */
export function keyTerm(situation: Pick<Situation, 'header' | 'at' | 'policy'>, body: Body): KeyTerm | null {
  const { header, at } = situation;
  if (header.status === 'deleted') return null;
  if (body.mode === 'add-seats') return enlarged(header, at, body);
  if (header.status === 'pending') return fromStart(header, at, body, termFrom(header, at));
  if (header.termStart === null || header.termEnd === null) return null;
  const open = header.reactivation;
  if (open !== null) {
    const isInTerm = open.resumeKind === 'in_term';
    return isInTerm
      ? lengthened(header, { start: open.newTermStart, end: open.newTermEnd }, body)
      : fromStart(header, open.newTermStart, body, { start: open.newTermStart, end: open.newTermEnd });
  }
  if (header.status === 'active') return prolonged(header, body);
  const resumed = resumption(situation);
  if (resumed === null) return null;
  if (resumed.kind === 'in_term' && !wasGivenBack(header)) return lengthened(header, resumed.term, body);
  const isFromOldEnd = header.status === 'expired' && resumed.term.start === header.termEnd;
  const extended = isFromOldEnd ? fromStart(header, header.termEnd, body, resumed.term) : null;
  return extended !== null && extended.end > at ? extended : fromStart(header, at, body, termFrom(header, at));
}

/** More seats to the end of the term, and what is left of the key's time then as more time for all. */
function enlarged(header: SubscriptionHeader, at: Instant, body: Body): KeyTerm | null {
  const { reactivation: open, termStart, termEnd, seatsPurchased: seats, zone } = header;
  const term =
    open !== null
      ? { start: open.newTermStart, end: open.newTermEnd }
      : header.status === 'active' && termStart !== null && termEnd !== null
        ? { start: termStart, end: termEnd }
        : null;
  if (term === null) return null;
  // The clock of the term stands still during a pause.
  const end = enlargedEnd({ from: movingHold(header)?.from ?? at, end: term.end }, body, { seats, zone });
  return end === null ? null : { start: term.start, end, isRegular: false };
}

/** What was left of its term was given back in money: the key's time is all that there is. */
function wasGivenBack({ status, cancelCredit }: SubscriptionHeader): boolean {
  return status === 'cancelled' && (cancelCredit?.minor ?? 0) > 0;
}

/** What is owed beyond what is on account, in minor units: a key does not pay it. */
export function arrears({ balance, credit }: Pick<SubscriptionHeader, 'balance' | 'credit'>): number {
  return Math.max(0, (balance?.minor ?? 0) - (credit?.minor ?? 0));
}

/** What is owed is taken from what is on account, where that is enough. */
function settled(header: SubscriptionHeader, at: Instant): DecidedEvent[] {
  const { balance } = header;
  return balance === null || balance.minor <= 0 || arrears(header) > 0
    ? []
    : [changed({ minor: -balance.minor, currency: balance.currency }, 'used', at)];
}

/** A running subscription: the next term ahead where the key is worth exactly that, else the last one becomes longer. */
function prolonged(header: SubscriptionHeader, body: Body): KeyTerm {
  const next = nextTerm(header);
  const end = keyEnd(next.start, body, sharedBy(header, body));
  if (header.termPaid && end === next.end) return { ...next, isRegular: true };
  return { start: header.termStart ?? next.start, end, isRegular: false };
}

function lengthened(header: SubscriptionHeader, { start, end }: TermSpan, body: Body): KeyTerm {
  return { start, end: keyEnd(end, body, sharedBy(header, body)), isRegular: false };
}

function fromStart(header: SubscriptionHeader, start: Instant, body: Body, regular: TermSpan): KeyTerm {
  const end = keyEnd(start, body, sharedBy(header, body));
  return { start, end, isRegular: start === regular.start && end === regular.end };
}

/** The key's time is spread over all seats (`domain.md 2.1`). */
function sharedBy(header: SubscriptionHeader, body: Body): { readonly seats: number; readonly zone: string } {
  return { seats: header.seatsPurchased - removedSeats(header, body), zone: header.zone };
}

/** By how many seats a renewal with a smaller key leaves fewer; 0 where its time is spread over all instead. */
export function removedSeats({ seatsPurchased }: Pick<SubscriptionHeader, 'seatsPurchased'>, body: Body): number {
  return body.mode === 'extend' && body.fewerSeats === true ? Math.max(0, seatsPurchased - body.seats) : 0;
}

/** Paid by product keys: in the term that they pay, and after it while nothing else has paid another. */
export function isPrepaid({ header, at }: Pick<Situation, 'header' | 'at'>): boolean {
  const { prepaidUntil, termEnd } = header;
  return prepaidUntil !== null && (at < prepaidUntil || (termEnd !== null && termEnd <= prepaidUntil));
}

/** More seats at once, or more time for a running subscription. */
export function applyKey(situation: Situation, { body }: RedeemKey): DecidedEvent[] {
  return [applied(situation, body, keyTerm(situation, body))];
}

/** The first term starts now and is paid. */
export function activateByKey(situation: Situation, { body }: RedeemKey): DecidedEvent[] {
  const term = keyTerm(situation, body);
  if (term === null) return [];
  const paidBy = [`product-key/${body.keyId}`];
  return [
    applied(situation, body, term),
    {
      type: 'SubscriptionActivated',
      data: { termStart: term.start, termEnd: term.end, trial: false, paidBy },
      effectiveAt: situation.at,
    },
  ];
}

/** Back in service and paid: `confirm` follows at once (`domain.md 6.1`, "`reactivated`, precisely", d). */
export function reactivateByKey(situation: Situation, { body }: RedeemKey): DecidedEvent[] {
  const { header, at, policy } = situation;
  const term = keyTerm(situation, body);
  const resumed = resumption(situation);
  const { status, stateEndsAt } = header;
  if (term === null || resumed === null || stateEndsAt === null) return [];
  if (status !== 'expired' && status !== 'disabled' && status !== 'cancelled') return [];
  return [
    applied(situation, body, term),
    ...settled(header, at),
    {
      type: 'SubscriptionReactivated',
      data: {
        reactivationId: `key-${body.keyId}`,
        fromState: status,
        fromStateSince: header.statusSince,
        originDeadline: stateEndsAt,
        resumeKind: wasGivenBack(header) ? 'new_term' : resumed.kind,
        newTermStart: term.start,
        newTermEnd: term.end,
        settlementNeeded: false,
        confirmBy: confirmBy(at, 'card', policy, header.zone),
      },
      effectiveAt: at,
    },
  ];
}

/** The reactivation that awaited its payment is settled by the key. */
export function confirmByKey(situation: Situation, { body }: RedeemKey): DecidedEvent[] {
  const { header, at } = situation;
  const term = keyTerm(situation, body);
  if (header.reactivation === null || term === null) return [];
  const { reactivationId } = header.reactivation;
  return [
    applied(situation, body, term),
    ...settled(header, at),
    {
      type: 'ReactivationConfirmed',
      data: { reactivationId, termStart: term.start, termEnd: term.end },
      effectiveAt: at,
    },
  ];
}

function applied({ header, at }: Situation, body: Body, term: KeyTerm | null): DecidedEvent {
  const { mode, keyId, last5, seats, term: length } = body;
  const fewer = removedSeats(header, body);
  return {
    type: 'ProductKeyApplied',
    data: {
      mode,
      keyId,
      last5,
      seats,
      term: length,
      ...(fewer === 0 ? {} : { removedSeats: fewer }),
      ...(term === null ? {} : { termStart: term.start, termEnd: term.end }),
      ...(term === null || term.isRegular ? {} : { newAnchor: term.end }),
    },
    effectiveAt: at,
  };
}
