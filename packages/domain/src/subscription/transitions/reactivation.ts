/**
 * Reactivation in two phases (`domain.md 6.1`): back in service at once, final when the money (or its waiver) is.
 *
 * @module
 */
import { addDuration } from '../../calendar/index.ts';
import type { Instant } from '../../instant.ts';
import type { Money } from '../../money.ts';
import type { DecidedEvent, SubscriptionEventData } from '../events.ts';
import type { OpenReactivation, PaymentMethod, SubscriptionHeader } from '../header.ts';
import type { FactStep, MachineEventOf, Situation } from '../situation.ts';
import {
  confirmBy,
  coverage,
  laterOf,
  nextTerm,
  nextTermPrice,
  targetOf,
  termFrom,
  termPrice,
  type TermSpan,
} from '../terms.ts';
import { changed } from './activation.ts';
import { paymentAwaitedUntil } from './ending.ts';
import { releaseAllHolds } from './holds.ts';
import { payment, record, renew, settleAccount } from './payments.ts';
import { methodGiven } from './settings.ts';

/** Where a reactivation leads. */
export type Resumption = {
  readonly kind: 'in_term' | 'new_term';
  readonly term: TermSpan;
  /** All that is owed, before what is on account; `null` without a price: any positive payment covers it. */
  readonly due: number | null;
};

/** The table "Term after reactivation" (`domain.md 6.1`). `null`: it never had a term. */
export function resumption({ header, at, policy }: Pick<Situation, 'header' | 'at' | 'policy'>): Resumption | null {
  const { termStart, termEnd, status } = header;
  if (termStart === null || termEnd === null) return null;
  if (status !== 'expired' && at < termEnd) {
    return { kind: 'in_term', term: { start: termStart, end: termEnd }, due: inTermDue(header, status) };
  }
  return { kind: 'new_term', term: newTerm(header, at, policy.reactivation.expiredTermStart), due: newTermDue(header) };
}

/** Extended from the old end; from now where that is over already, or where the subscription was cut off. */
function newTerm(header: SubscriptionHeader, at: Instant, from: 'old_end' | 'reactivation'): TermSpan {
  const extended = header.status === 'expired' && from === 'old_end' ? nextTerm(header) : null;
  return extended !== null && extended.end > at ? extended : termFrom(header, at);
}

function newTermDue(header: SubscriptionHeader): number | null {
  const price = termPrice(header);
  return price === null ? null : price + (header.balance?.minor ?? 0);
}

/** What is still to be paid; `null` = some payment, of an amount that is not known. */
export function amountOpen(header: SubscriptionHeader, due: number | null): number | null {
  return due === null ? null : Math.max(0, due - (header.credit?.minor ?? 0));
}

/** Back in service; final when settled. */
export function reactivate(situation: Situation, { body, memory }: MachineEventOf<'reactivate'>): DecidedEvent[] {
  const { caller, header } = situation;
  return [
    ...(caller === null || body.paymentMethod === undefined ? [] : methodGiven(situation, body.paymentMethod)),
    ...opened(situation, {
      id: memory?.reactivationId ?? caller?.newId ?? '',
      method: memory?.methodKind ?? methodKind(header, body.paymentMethod),
    }),
  ];
}

/** The kind of the payment method that a reactivation uses. */
export function methodKind(header: SubscriptionHeader, given: PaymentMethod | undefined): PaymentMethod['kind'] {
  return (given ?? header.paymentMethod)?.kind ?? 'card';
}

/** A late payment reactivates by itself (`domain.md 6.3`, late-payment defaults); `confirm` follows at once. */
export function reactivateByPayment(situation: Situation, step: FactStep): DecidedEvent[] {
  return opened(situation, { id: `payment-${step.payment}`, method: 'card', isPaid: true });
}

/** How a reactivation begins; a waiver by Support leaves nothing to pay. */
export function opened(
  situation: Situation,
  {
    id,
    method,
    isPaid = false,
    waiver,
  }: {
    readonly id: string;
    readonly method: PaymentMethod['kind'];
    readonly isPaid?: boolean;
    readonly waiver?: { readonly ticket: string; readonly reason: string };
  },
): DecidedEvent[] {
  const { header, at, policy } = situation;
  const resumed = resumption(situation);
  const { status, stateEndsAt } = header;
  if (resumed === null || stateEndsAt === null) return [];
  if (status !== 'expired' && status !== 'disabled' && status !== 'cancelled') return [];
  const open = waiver === undefined ? amountOpen(header, resumed.due) : 0;
  const amountDue = moneyOf(header, open);
  return [
    {
      type: 'SubscriptionReactivated',
      data: {
        reactivationId: id,
        fromState: status,
        fromStateSince: header.statusSince,
        originDeadline: stateEndsAt,
        resumeKind: resumed.kind,
        newTermStart: resumed.term.start,
        newTermEnd: resumed.term.end,
        ...(amountDue === null ? {} : { amountDue }),
        settlementNeeded: !isPaid && open !== 0,
        confirmBy: confirmBy(at, method, policy, header.zone),
        ...(waiver === undefined ? {} : { ticket: waiver.ticket }),
      },
      effectiveAt: at,
      ...(waiver === undefined ? {} : { reason: waiver.reason }),
    },
  ];
}

function moneyOf(header: SubscriptionHeader, minor: number | null): Money | null {
  const currency = header.price?.currency ?? header.balance?.currency;
  return minor === null || currency === undefined ? null : { minor, currency };
}

/** All that the open reactivation costs, before what is on account. */
export function reactivationDue(header: SubscriptionHeader): number | null {
  if (header.reactivation?.resumeKind !== 'in_term') return newTermDue(header);
  return inTermDue(header, header.reactivation.fromState);
}

/** What was given back at the cancellation is charged again, and arrears are always part of it. */
function inTermDue(header: SubscriptionHeader, origin: SubscriptionHeader['status']): number {
  return (origin === 'cancelled' ? (header.cancelCredit?.minor ?? 0) : 0) + (header.balance?.minor ?? 0);
}

/** Whether a settled payment is for the open reactivation, by its reference, else by its period. */
export function isForReactivation({ header }: Situation, { fact }: FactStep): boolean {
  const open = header.reactivation;
  if (open === null) return false;
  if (fact.reactivationRef !== undefined) return fact.reactivationRef === open.reactivationId;
  const start = fact.servicePeriod?.start;
  return (
    start === undefined || open.resumeKind === 'in_term' || (open.newTermStart <= start && start < open.newTermEnd)
  );
}

/** Whether it is also enough, with what is on account. */
export function settlesReactivation(situation: Situation, step: FactStep): boolean {
  if (!isForReactivation(situation, step)) return false;
  return coverage(situation.header, reactivationDue(situation.header), step.fact.amount).covers;
}

/** Final: `active` again. */
export function confirm(situation: Situation, step: FactStep | null): DecidedEvent[] {
  const { header, at } = situation;
  const open = header.reactivation;
  if (open === null) return [];
  const due = reactivationDue(header);
  const credit = header.credit;
  return [
    ...(step !== null
      ? settleAccount(situation, step, due)
      : // Without enough on account it was waived, and takes nothing from there.
        due !== null && due > 0 && credit !== null && credit.minor >= due && !isPaidByKey(header, open)
        ? [changed({ minor: -due, currency: credit.currency }, 'used', at)]
        : []),
    {
      type: 'ReactivationConfirmed',
      data: {
        reactivationId: open.reactivationId,
        termStart: open.newTermStart,
        termEnd: open.newTermEnd,
        ...(step === null ? {} : payment(step.fact, at)),
      },
      effectiveAt: at,
    },
  ];
}

/** The new term is that of a product key: it pays the term, and took what else was owed from what is on account. */
function isPaidByKey({ prepaidUntil }: SubscriptionHeader, open: OpenReactivation): boolean {
  return open.resumeKind === 'new_term' && prepaidUntil !== null && prepaidUntil >= open.newTermEnd;
}

/** Back to where it came from; nobody loses data by trying (`domain.md 6.1`: the origin's clock goes on, P7D at least). */
export function failBack(
  situation: Situation,
  cause: SubscriptionEventData<'ReactivationFailed'>['cause'],
  step: FactStep | null,
): DecidedEvent[] {
  const { header, at, policy } = situation;
  const open = header.reactivation;
  if (open === null) return [];
  const awaited =
    open.fromState === 'disabled'
      ? paymentAwaitedUntil(header, header.disabledReasons, { since: open.fromStateSince, policy })
      : null;
  return [
    ...releaseAllHolds({ header, at }),
    {
      type: 'ReactivationFailed',
      data: {
        reactivationId: open.reactivationId,
        cause,
        backTo: open.fromState,
        deadline: deadlineAfterFailure(situation, open),
        ...(awaited === null ? {} : { cancelAt: laterOf(awaited, at) }),
        ...(step === null ? {} : payment(step.fact, at)),
      },
      effectiveAt: at,
    },
  ];
}

/** Some days more, but data of a cancelled one is gone by its day, however often somebody tries (`domain.md 1.2`). */
function deadlineAfterFailure({ header, at, policy }: Situation, open: OpenReactivation): Instant {
  const least = addDuration(at, policy.minAfterFailedReactivation, header.zone);
  const deadline = laterOf(open.originDeadline, least);
  const { purgeBy } = header;
  return purgeBy === null || deadline <= purgeBy ? deadline : laterOf(purgeBy, at);
}

/** Whether a late payment pays for all that coming back costs. */
export function paysResumption(situation: Situation, step: FactStep): boolean {
  const resumed = resumption(situation);
  return resumed !== null && coverage(situation.header, resumed.due, step.fact.amount).covers;
}

/** What a payment in the running term of a disabled subscription pays: what is owed for it, else the next one. */
export function arrearsTarget({ header, at, policy }: Situation, step: FactStep): 'owed' | 'next' | null {
  if (header.balance !== null) return coverage(header, header.balance.minor, step.fact.amount).covers ? 'owed' : null;
  if (targetOf(header, step.fact, at, policy) !== 'next') return null;
  return coverage(header, nextTermPrice(header), step.fact.amount).covers ? 'next' : null;
}

/** What was owed is paid: `nonpayment` goes, and with the last reason the subscription is enabled. */
export function clearNonpayment(situation: Situation, step: FactStep): DecidedEvent[] {
  const { header, at } = situation;
  const isLast = header.disabledReasons.every((reason) => reason === 'nonpayment');
  return [
    ...(arrearsTarget(situation, step) === 'next'
      ? renew(situation, step)
      : [...settleAccount(situation, step, header.balance?.minor ?? 0), record(situation, step, 'activation')]),
    { type: 'DisableReasonRemoved', data: { reason: 'nonpayment' }, effectiveAt: at },
    ...(isLast ? [{ type: 'SubscriptionEnabled' as const, data: {}, effectiveAt: at }] : []),
  ];
}
