import { addDuration } from '../../calendar/index.ts';
import type { Instant } from '../../instant.ts';
import type { DecidedEvent } from '../events.ts';
import type { SubscriptionHeader } from '../header.ts';
import type { Situation } from '../situation.ts';
import { termFrom, termPrice } from '../terms.ts';

/** `pending` becomes `active`; payments that came before pay the first term (scenario 8). */
export function activate({ header, at, policy }: Situation): DecidedEvent[] {
  const end = header.trial ? addDuration(at, policy.trialLength, header.zone) : termFrom(header, at).end;
  const { paidBy, over } = header.trial ? { paidBy: [], over: 0 } : firstTermPayments(header);
  return [
    ...(over > 0 && header.price !== null
      ? [changed({ minor: over, currency: header.price.currency }, 'over', at, paidBy.at(-1))]
      : []),
    {
      type: 'SubscriptionActivated',
      data: { termStart: at, termEnd: end, trial: header.trial, ...(paidBy.length > 0 ? { paidBy } : {}) },
      effectiveAt: at,
    },
  ];
}

/** Without a price any payment covers a term, so one is taken; with a price all, as soon as they cover it together. */
function firstTermPayments(header: SubscriptionHeader): { readonly paidBy: string[]; readonly over: number } {
  const due = termPrice(header);
  const keys = header.parked.map(({ payment }) => payment);
  if (due === null) return { paidBy: keys.slice(0, 1), over: 0 };
  const received = header.parked.reduce((total, { minor }) => total + minor, 0);
  return received >= due && keys.length > 0 ? { paidBy: keys, over: received - due } : { paidBy: [], over: 0 };
}

/** The balance on account changed; `payment` names the payment it came from or goes back to. */
export function changed(
  delta: { readonly minor: number; readonly currency: string },
  why: Extract<DecidedEvent, { type: 'BalanceChanged' }>['data']['why'],
  at: Instant,
  payment?: string,
): DecidedEvent {
  return {
    type: 'BalanceChanged',
    data: { delta, why, ...(payment === undefined ? {} : { payment }) },
    effectiveAt: at,
  };
}
