import type { PaymentFact } from '../payment/fact.ts';
import type { Deciding } from './decide-command.ts';
import type { SubscriptionDecision } from './decision.ts';
import { paymentKey } from './fold-payment.ts';
import { comesBefore, type PlacedFact } from './fact-order.ts';
import { ledgerEntry, type Ledger } from './ledger.ts';
import { situationAt } from './simulation.ts';
import { step } from './step.ts';

/**
 * What a provider says of a payment method (`domain.md 6.3`, method_updated). Payment methods stand beside the lifecycle:
 * the latest word on the method in use holds, whatever order the words came in.
 */
export function decideMethodUpdate(deciding: Deciding, placed: PlacedFact, ledger: Ledger): SubscriptionDecision {
  const { header, policy } = deciding;
  const { fact } = placed;
  const isLatest = isLatestWord(placed, ledger, deciding);
  const type = isLatest && header.status !== 'deleted' ? 'fact.method_updated' : 'fact.noted';
  const about = { fact, payment: paymentKey(fact), full: false, refunded: 0 };
  const events = step(situationAt(header, placed.place, policy), { type, ...about }) ?? [];
  const isApplied = events.some((event) => event.type === 'PaymentMethodChanged');
  return {
    kind: 'accepted',
    events,
    outcome: isApplied ? 'APPLIED' : isInUse(deciding, fact) ? 'STALE_FACT' : 'NOTED',
  };
}

function isLatestWord(placed: PlacedFact, ledger: Ledger, deciding: Deciding): boolean {
  const words = ledgerEntry(ledger, paymentKey(placed.fact)).others.filter(
    ({ fact }) => fact.kind === 'method_updated',
  );
  const latest = words.reduce((last, next) => (comesBefore(last, next) ? next : last), words[0] ?? placed);
  const isOurs = placed.place >= deciding.state.methodChangedAt;
  return isInUse(deciding, placed.fact) && isOurs && latest.fact === placed.fact;
}

function isInUse({ header }: Deciding, fact: PaymentFact): boolean {
  return header.paymentMethod?.token === fact.providerObjectId;
}
