import type { Subscription } from '../load/payments.ts';

/** What the process that runs Emmett is told. */
export type ToEmmett =
  | {
      readonly kind: 'start';
      readonly natsUrl: string;
      readonly databaseUrl: string;
      /** Payments handled side by side, each of another subscription, and connections of the pool. */
      readonly inFlightCountMax: number;
    }
  /** Create, activate and assign a seat in each. */
  | { readonly kind: 'open'; readonly subscriptions: readonly Subscription[] }
  | { readonly kind: 'stop' };

/** What it answers. */
export type FromEmmett =
  | { readonly kind: 'started' | 'opened' }
  | { readonly kind: 'failed'; readonly message: string };

/** Core NATS subject on which it says, after a commit, which revision of which subscription can be read. */
export const committedSubject = 'bench.emmett.committed';

/** See {@link committedSubject}. */
export type Committed = Subscription & { readonly version: number };
