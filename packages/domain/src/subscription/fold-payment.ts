import type { Instant } from '../instant.ts';
import type { PaymentFact } from '../payment/fact.ts';
import type { SubscriptionEvent } from './events.ts';
import { enterTerm } from './fold-term.ts';
import type { SubscriptionHeader } from './header.ts';
import type { Lifecycle } from './lifecycle.ts';
import { joinedKey } from './key-hash.ts';
import type { HeaderDraft } from './with-changes.ts';

/** Terms of which the payments are remembered: a refund of an older one changes nothing (`domain.md 6.3`). */
const rememberedPaymentCountMax = 24;

/** Folding an event asks for the key of its fact more than once. */
const last = { provider: '', prefix: '/', providerObjectId: '', key: '/' };

/** The key of a payment in the ledger: one per object of a provider. */
export function paymentKey({ provider, providerObjectId }: Pick<PaymentFact, 'provider' | 'providerObjectId'>): string {
  if (provider !== last.provider) {
    last.provider = provider;
    last.prefix = `${provider}/`;
  } else if (providerObjectId === last.providerObjectId) {
    return last.key;
  }
  last.providerObjectId = providerObjectId;
  last.key = joinedKey(last.prefix, providerObjectId);
  return last.key;
}

/** The list of payments that whoever folds made last, and may change in place until it hands the header out. */
export type OwnPayments = { payments: Lifecycle['payments'] | null };

/** A paid term more. Written onto the header itself: an object of changes would cost as much again. */
export function renew(
  header: HeaderDraft,
  { data }: Extract<SubscriptionEvent, { type: 'SubscriptionRenewed' }>,
  own: OwnPayments | null,
): void {
  const { termStart, termEnd, fact, ahead } = data;
  enterTerm(header, termStart, termEnd);
  header.termPaid = true;
  header.trial = false;
  header.chargeFailed = false;
  header.declinedAt = null;
  if (fact === undefined) return;
  const payment = paymentKey(fact);
  if (ahead !== undefined) header.payments = withPaymentBefore(header.payments, { payment, termStart }, ahead);
  else if (own === null) header.payments = withPayment(header.payments, { payment, termStart });
  else addPayment(header, { payment, termStart }, own);
  if (header.parked.length > 0) header.parked = header.parked.filter((other) => other.payment !== payment);
}

function addPayment(header: HeaderDraft, paid: Lifecycle['payments'][number], own: OwnPayments): void {
  const { payments } = header;
  if (own.payments !== payments) {
    header.payments = own.payments = withPayment(payments, paid);
    return;
  }
  if (payments.length === rememberedPaymentCountMax) payments.shift();
  payments.push(paid);
}

/** The payment paid that term and waits no longer. */
export function paidBy(
  header: SubscriptionHeader,
  termStart: Instant,
  fact: PaymentFact | undefined,
): Pick<Lifecycle, 'payments' | 'parked'> {
  if (fact === undefined) return { payments: header.payments, parked: header.parked };
  const payment = paymentKey(fact);
  return {
    payments: withPayment(header.payments, { payment, termStart }),
    parked: header.parked.length === 0 ? header.parked : header.parked.filter((other) => other.payment !== payment),
  };
}

/** The payment stands before the last ones: what they paid are the terms after, up to the new one. */
function withPaymentBefore(
  payments: Lifecycle['payments'],
  { payment, termStart }: Lifecycle['payments'][number],
  ahead: number,
): Lifecycle['payments'] {
  const terms = [...payments.map((paid) => paid.termStart), termStart];
  const names = payments.map((paid) => paid.payment);
  const index = names.length - ahead;
  // Further back than is remembered: only the terms move on.
  if (index < 0) terms.shift();
  else names.splice(index, 0, payment);
  return names
    .map((name, at) => ({ payment: name, termStart: terms[at] ?? termStart }))
    .slice(-rememberedPaymentCountMax);
}

/** One array of the right size: this is done for every renewal of a history. */
function withPayment(payments: Lifecycle['payments'], paid: Lifecycle['payments'][number]): Lifecycle['payments'] {
  if (payments.length < rememberedPaymentCountMax) return payments.concat(paid);
  const next = payments.slice(-rememberedPaymentCountMax);
  for (let index = 1; index < next.length; index += 1) next[index - 1] = next[index] ?? paid;
  next[next.length - 1] = paid;
  return next;
}
