import type { Instant } from '../instant.ts';
import type { PaymentFact } from '../payment/fact.ts';
import type { SubscriptionEvent } from './events.ts';
import { inTerm } from './fold-term.ts';
import type { SubscriptionHeader } from './header.ts';
import type { Lifecycle } from './lifecycle.ts';
import { copyOf } from './with-changes.ts';

/** Terms of which the payments are remembered: a refund of an older one changes nothing (`domain.md 6.3`). */
const rememberedPaymentCountMax = 24;

/** The key of a payment in the ledger: one per object of a provider. */
export function paymentKey(fact: Pick<PaymentFact, 'provider' | 'providerObjectId'>): string {
  return `${fact.provider}/${fact.providerObjectId}`;
}

/** A paid term more. Written onto the copy: an object of changes would cost as much again. */
export function renewed(
  header: SubscriptionHeader,
  { data, revision }: Extract<SubscriptionEvent, { type: 'SubscriptionRenewed' }>,
): SubscriptionHeader {
  const next = copyOf(header);
  next.revision = revision;
  const { termStart, termEnd, anchor, termIndex, pauses } = inTerm(header, data);
  next.termStart = termStart;
  next.termEnd = termEnd;
  next.anchor = anchor;
  next.termIndex = termIndex;
  next.pauses = pauses;
  next.termPaid = true;
  next.trial = false;
  next.chargeFailed = false;
  next.declinedAt = null;
  if (data.fact !== undefined) {
    const payment = paymentKey(data.fact);
    next.payments = withPayment(header.payments, { payment, termStart: data.termStart });
    if (header.parked.length > 0) next.parked = header.parked.filter((other) => other.payment !== payment);
  }
  return next;
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

function withPayment(payments: Lifecycle['payments'], paid: Lifecycle['payments'][number]): Lifecycle['payments'] {
  const kept = payments.length < rememberedPaymentCountMax ? payments : payments.slice(1 - rememberedPaymentCountMax);
  return [...kept, paid];
}
