import type { Money } from '../money.ts';
import type { SubscriptionEventData } from './events.ts';
import type { SubscriptionHeader } from './header.ts';
import type { Lifecycle } from './lifecycle.ts';

/** Folds money put on account, taken from it or given back; `credit` is the sum in the currency of the subscription. */
export function changeAccount(
  header: SubscriptionHeader,
  change: SubscriptionEventData<'BalanceChanged'>,
): Pick<Lifecycle, 'account' | 'credit'> {
  const { delta, payment } = change;
  const account =
    delta.minor > 0
      ? [...header.account, { payment: payment ?? '', ...delta }]
      : taken(header.account, -delta.minor, (entry) =>
          payment === undefined ? entry.currency === delta.currency : entry.payment === payment,
        );
  return { account, credit: sum(account, header.price?.currency ?? account[0]?.currency) };
}

function taken(
  account: Lifecycle['account'],
  minor: number,
  concerned: (entry: Lifecycle['account'][number]) => boolean,
): Lifecycle['account'] {
  let left = minor;
  return account.flatMap((entry) => {
    if (left === 0 || !concerned(entry)) return [entry];
    const used = Math.min(left, entry.minor);
    left -= used;
    return used === entry.minor ? [] : [{ ...entry, minor: entry.minor - used }];
  });
}

function sum(account: Lifecycle['account'], currency: string | undefined): Money | null {
  const minor = account.reduce((total, entry) => (entry.currency === currency ? total + entry.minor : total), 0);
  return currency === undefined || minor === 0 ? null : { minor, currency };
}
