import type { Instant } from '../instant.ts';
import type { PaymentFact } from '../payment/fact.ts';
import type { SubscriptionEvent } from './events.ts';
import { inTerm } from './fold-term.ts';
import type { SubscriptionHeader } from './header.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { HeaderDraft } from './with-changes.ts';

/** Terms of which the payments are remembered: a refund of an older one changes nothing (`domain.md 6.3`). */
const rememberedPaymentCountMax = 24;

/** Folding an event asks for the key of its fact more than once, and a text of its own each time would be hashed anew. */
const last = { provider: '', providerObjectId: '', key: '/' };

/** The key of a payment in the ledger: one per object of a provider. */
export function paymentKey({ provider, providerObjectId }: Pick<PaymentFact, 'provider' | 'providerObjectId'>): string {
  if (providerObjectId !== last.providerObjectId || provider !== last.provider) {
    last.provider = provider;
    last.providerObjectId = providerObjectId;
    last.key = `${provider}/${providerObjectId}`;
  }
  return last.key;
}

/** A paid term more. Written onto the header itself: an object of changes would cost as much again. */
export function renew(
  header: HeaderDraft,
  { data }: Extract<SubscriptionEvent, { type: 'SubscriptionRenewed' }>,
): void {
  const { termStart, termEnd, anchor, termIndex, pauses } = inTerm(header, data);
  header.termStart = termStart;
  header.termEnd = termEnd;
  header.anchor = anchor;
  header.termIndex = termIndex;
  header.pauses = pauses;
  header.termPaid = true;
  header.trial = false;
  header.chargeFailed = false;
  header.declinedAt = null;
  if (data.fact === undefined) return;
  const payment = paymentKey(data.fact);
  header.payments =
    data.ahead === undefined
      ? withPayment(header.payments, { payment, termStart: data.termStart })
      : withPaymentBefore(header.payments, { payment, termStart: data.termStart }, data.ahead);
  if (header.parked.length > 0) header.parked = header.parked.filter((other) => other.payment !== payment);
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
