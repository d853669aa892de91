import type { RecordedEvent } from '@perennial/event-store';
import { endingOf, factOf } from '../history/payment-cause.ts';
import { fieldOf } from './field-of.ts';
import type { Log } from './log.ts';
import { scanLog, type ScanBounds } from './scan-log.ts';

/** Which streams of payments name a subscription, learnt from the log alone. */
export type PaymentDirectory = {
  /** `complete`: the log was looked at to its end; else a later question knows more. */
  streamsNaming(subscription: {
    readonly tenant: string;
    readonly subscriptionId: string;
  }): Promise<{ readonly streams: readonly string[]; readonly complete: boolean }>;
};

/** Options of {@link createPaymentDirectory}. */
export type PaymentDirectoryOptions = ScanBounds & {
  readonly log: Pick<Log, 'readAll'>;
  /** Names kept; default 200 000, some 40 MB. Beyond that nothing more is learnt and no answer is complete. */
  readonly nameCountMax?: number;
};

/**
 * A fact that was quarantined, or a duplicate, may name a subscription whose own stream never heard of it. Each question reads
 * on where the one before ended, within the bounds of one page.
 */
export function createPaymentDirectory(options: PaymentDirectoryOptions): PaymentDirectory {
  const { log, nameCountMax = 200_000, ...bounds } = options;
  const streams = new Map<string, Set<string>>();
  let nameCount = 0;
  let after: bigint | undefined;
  let learning: Promise<boolean> = Promise.resolve(false);

  const take = (event: RecordedEvent): void => {
    after = event.position;
    for (const name of subscriptionsNamed(event)) {
      const known = streams.get(name);
      if (known?.has(event.stream) === true) continue;
      nameCount += 1;
      if (known) known.add(event.stream);
      else streams.set(name, new Set([event.stream]));
    }
  };
  const learn = async (): Promise<boolean> => {
    if (nameCount >= nameCountMax) return false;
    const page = await scanLog(log, { ...bounds, prefixes: ['payment-'], after, limit: Infinity, wants: () => true });
    page.events.forEach(take);
    after = page.next ?? after;
    return page.next === null;
  };
  return {
    streamsNaming: async ({ tenant, subscriptionId }) => {
      // One after the other: two that read the same stretch would learn nothing more.
      learning = learning.then(learn, learn);
      const complete = await learning;
      return { streams: [...(streams.get(`${tenant}/${subscriptionId}`) ?? [])], complete };
    },
  };
}

/** `<tenant>/<subscription>` of whatever the event names. */
function subscriptionsNamed(event: RecordedEvent): readonly string[] {
  const named = (factOf(event) ?? endingOf(event))?.subscriptionRef;
  const matched = fieldOf(event, 'subscription');
  return [
    ...(named?.includes('/') === true ? [named] : []),
    ...(isIdentity(matched) ? [`${matched.tenant}/${matched.subscriptionId}`] : []),
  ];
}

function isIdentity(value: unknown): value is { readonly tenant: string; readonly subscriptionId: string } {
  return typeof value === 'object' && value !== null && 'tenant' in value && 'subscriptionId' in value;
}
