/**
 * What payment facts do (`domain.md 6.3`). Every fact is recorded by exactly one event that carries it; an ordinary
 * renewal is that one event and nothing else.
 *
 * @module
 */
import { addDuration } from '../../calendar/index.ts';
import type { Instant } from '../../instant.ts';
import type { PaymentFact } from '../../payment/fact.ts';
import type { DecidedEvent, factEffects } from '../events.ts';
import type { SubscriptionHeader } from '../header.ts';
import type { FactStep, Situation } from '../situation.ts';
import { coverage, nextTerm, nextTermPrice, targetOf, termAt, termPrice } from '../terms.ts';
import { changed } from './activation.ts';

/** A fact, and its place where that is not its own instant. */
export function payment(fact: PaymentFact, at: Instant): { readonly fact: PaymentFact; readonly appliedAt?: Instant } {
  return fact.occurredAt === at ? { fact } : { fact, appliedAt: at };
}

/** The fact enters the ledger; `effect` says how it was read. */
export function record(
  { at }: Pick<Situation, 'at'>,
  { fact }: Pick<FactStep, 'fact'>,
  effect: (typeof factEffects)[number],
): DecidedEvent {
  return { type: 'PaymentFactRecorded', data: { ...payment(fact, at), effect }, effectiveAt: at };
}

/** Whether the payment covers the term that it is for. */
export function covers(situation: Situation, step: FactStep, target: 'current' | 'next'): boolean {
  const { header, at, policy } = situation;
  const due = target === 'current' ? termPrice(header) : nextTermPrice(header);
  return targetOf(header, step.fact, at, policy) === target && coverage(header, due, step.fact.amount).covers;
}

/** Money beyond what is due goes on account; what is missing is taken from there. */
export function settleAccount({ header, at }: Situation, step: FactStep, due: number | null): DecidedEvent[] {
  const { left } = coverage(header, due, step.fact.amount);
  const currency = step.fact.amount?.currency;
  if (left === 0 || currency === undefined) return [];
  return [
    left > 0
      ? changed({ minor: left, currency }, 'over', at, step.payment)
      : changed({ minor: left, currency }, 'used', at),
  ];
}

/** Arrears are over. */
export function clearPastDue({ header, at }: Situation): DecidedEvent[] {
  return header.pastDue === null ? [] : [{ type: 'PastDueCleared', data: {}, effectiveAt: at }];
}

/** The running term was not paid yet, and is now. */
export function payCurrentTerm(situation: Situation, step: FactStep): DecidedEvent[] {
  return [
    ...settleAccount(situation, step, termPrice(situation.header)),
    record(situation, step, 'activation'),
    ...clearPastDue(situation),
  ];
}

/** One term more; in force from its own start. */
export function renew(situation: Situation, step: FactStep): DecidedEvent[] {
  const { header, at } = situation;
  const { start, end } = nextTerm(header);
  return [
    ...settleAccount(situation, step, nextTermPrice(header)),
    ...clearPastDue(situation),
    {
      type: 'SubscriptionRenewed',
      data: { termStart: start, termEnd: end, ...payment(step.fact, at) },
      effectiveAt: start,
    },
  ];
}

/** Money that pays no term stays the customer's: on account, and recorded as what it is. */
export function putOnAccount(situation: Situation, step: FactStep, effect: 'balance' | 'credit'): DecidedEvent[] {
  const { fact } = step;
  if (fact.amount === undefined || fact.amount.minor <= 0) return [record(situation, step, 'noted')];
  return [
    record(situation, step, effect),
    changed(fact.amount, effect === 'balance' ? 'short' : 'credited', situation.at, step.payment),
  ];
}

/** What is owed within a paid term: seats added since, or a dearer plan. */
export function paysBalance(situation: Situation, step: FactStep): boolean {
  const { header, at, policy } = situation;
  const { balance, termPaid } = header;
  if (balance === null || !termPaid || targetOf(header, step.fact, at, policy) === 'later') return false;
  return coverage(header, balance.minor, step.fact.amount).covers;
}

/** It is owed no longer. */
export function payBalance(situation: Situation, step: FactStep): DecidedEvent[] {
  const { header, at } = situation;
  return [
    ...settleAccount(situation, step, header.balance?.minor ?? 0),
    record(situation, step, 'noted'),
    { type: 'PastDueCleared', data: {}, effectiveAt: at },
  ];
}

/** Whether a failed charge was for something that is still unpaid. */
export function concernsUnpaidTerm({ header, at, policy }: Situation, step: FactStep): boolean {
  const target = targetOf(header, step.fact, at, policy);
  return target === 'current' || target === 'next';
}

/** Past due: the dunning clock starts once (`domain.md 6.3`), a further attempt only says so. */
export function enterPastDue(situation: Situation, step: FactStep): DecidedEvent[] {
  const { header, at, policy } = situation;
  const { attempt } = step.fact;
  const nextAttemptAt = nextAttempt(situation, step);
  const attempted = { ...(attempt === undefined ? {} : { attempt }), ...(nextAttemptAt ? { nextAttemptAt } : {}) };
  const recorded = record(situation, step, 'past_due');
  const dunning = isAccelerated(situation, step) ? policy.acceleratedDunningWindow : policy.dunningWindow;
  const dunningEndsAt = addDuration(at, dunning, header.zone);
  if (header.pastDue !== null) {
    const sooner = dunningEndsAt < header.pastDue.dunningEndsAt ? { dunningEndsAt } : {};
    return [recorded, { type: 'PaymentRetryFailed', data: { ...attempted, ...sooner }, effectiveAt: at }];
  }
  const isForRunning = targetOf(header, step.fact, at, policy) === 'current' && header.termStart !== null;
  const owed = isForRunning ? owedNow(header, step.fact) : undefined;
  return [
    recorded,
    {
      type: 'PastDueEntered',
      data: {
        since: at,
        dunningEndsAt,
        ...attempted,
        payment: step.payment,
        ...(isForRunning ? { forTerm: header.termStart } : {}),
        ...(owed === undefined ? {} : { balance: owed }),
      },
      effectiveAt: at,
    },
  ];
}

/** No retry is left, or none can mend it; by policy there is then less time to pay in another way (`domain.md 1.6`). */
function isAccelerated({ policy }: Situation, { fact }: FactStep): boolean {
  const isFinal = fact.nextAttemptAt === null || fact.decline === 'hard' || fact.decline === 'fraud';
  return isFinal && policy.dunningAfterFinalFailure === 'accelerated';
}

/** As the provider says; where it only leaves a retry to be expected, as the policy's plan has it. */
function nextAttempt({ header, at, policy }: Situation, { fact }: FactStep): Instant | null {
  if (fact.nextAttemptAt !== undefined) return fact.nextAttemptAt;
  const since = header.pastDue?.since ?? at;
  const planned = policy.retryPlan.map((after) => addDuration(since, after, header.zone));
  return planned.find((retry) => retry > at) ?? null;
}

function owedNow(header: SubscriptionHeader, fact: PaymentFact): PaymentFact['amount'] {
  const due = termPrice(header);
  if (due === null || header.price === null) return fact.amount;
  return { minor: Math.max(0, due - (header.credit?.minor ?? 0)), currency: header.price.currency };
}

/** Which term a refunded payment had paid, as seen from the refund's place. */
export function refundedTerm({ header, at }: Situation, step: FactStep): 'current' | 'ahead' | 'none' {
  const paid = header.payments.find(({ payment: key }) => key === step.payment);
  const running = termAt(header, at);
  if (paid === undefined || running === null || !step.full) return 'none';
  if (paid.termStart === running.start) return 'current';
  return paid.termStart === header.termStart && paid.termStart > at ? 'ahead' : 'none';
}

/** The last term was paid ahead and is given back before it began: the subscription ends with the one before. */
export function undoRenewal(situation: Situation, step: FactStep): DecidedEvent[] {
  const { header, at } = situation;
  const before =
    header.termStart === null ? null : termAt(header, new Date(Date.parse(header.termStart) - 1).toISOString());
  if (before === null) return [record(situation, step, 'noted')];
  return [
    {
      type: 'RenewalUndone',
      data: { termStart: before.start, termEnd: before.end, ...payment(step.fact, at) },
      effectiveAt: at,
    },
  ];
}

/** A refund that ends nothing; what had stayed on account goes back. */
export function noteRefund(situation: Situation, step: FactStep): DecidedEvent[] {
  const { header, at } = situation;
  const kept = header.account.find(({ payment: key }) => key === step.payment);
  const back = Math.min(kept?.minor ?? 0, step.refunded);
  return [
    record(situation, step, 'noted'),
    ...(kept === undefined || back === 0
      ? []
      : [changed({ minor: -back, currency: kept.currency }, 'refunded', at, step.payment)]),
  ];
}

/** A payment for a term after the next one. */
export function isForLaterTerm({ header, at, policy }: Situation, step: FactStep): boolean {
  return targetOf(header, step.fact, at, policy) === 'later' && (step.fact.amount?.minor ?? 0) > 0;
}

/** Kept, without consequences. */
export function noteFact(situation: Situation, step: FactStep): DecidedEvent {
  const isFinalFailure = step.fact.kind === 'failed' && step.fact.nextAttemptAt === null;
  return record(situation, step, isFinalFailure ? 'final_failure' : 'noted');
}

/** A charge waits for the customer, who has to be told (`domain.md 6.3`, action_required). */
export function awaitCustomer(situation: Situation, step: FactStep): DecidedEvent[] {
  return [record(situation, step, 'action_required')];
}

/** The charge that failed is not asked for any more: with it the arrears that it began are over. */
export function forgetArrears(situation: Situation, step: FactStep): DecidedEvent[] {
  return [record(situation, step, 'voided'), ...clearPastDue(situation)];
}

/** The expiry and the face of the card in use, as the provider knows them now. */
export function updateMethod(situation: Situation, step: FactStep): DecidedEvent[] {
  const { header, at } = situation;
  const { paymentMethod: known } = header;
  const updated = step.fact.paymentMethod;
  if (known === null || updated === undefined) return [record(situation, step, 'noted')];
  // Fields that the provider left out stay as they are.
  const paymentMethod = { ...known, ...updated };
  return [
    record(situation, step, 'method_updated'),
    { type: 'PaymentMethodChanged', data: { change: 'updated', paymentMethod }, effectiveAt: at },
  ];
}
