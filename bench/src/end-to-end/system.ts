import type { Broker } from '@perennial/broker';
import type { Subscription } from '../load/payments.ts';

/** Where a subscription stands in a read model: its version, or position, was announced as readable or about to be. */
export type Announcement = Subscription & {
  readonly version: number;
  /** What a read has to wait for; absent where the announcement comes after the commit. */
  readonly position?: string;
};

/** A system that takes payments over NATS and shows subscriptions: started, with its engines, for this run only. */
export type SystemUnderLoad = {
  /** What its row is called. */
  readonly name: string;
  /** A connection to its nats-server. */
  readonly broker: Broker;
  /** Makes subscriptions active, with one seat held in each. */
  open(subscriptions: readonly Subscription[]): Promise<void>;
  /** Versions in the read model, through the door that its readers use. */
  versionsOf(tenant: string): Promise<ReadonlyMap<string, number>>;
  /** Reads one subscription once the read model has what was announced; answers the version it shows. */
  readAnnounced(announcement: Announcement): Promise<number>;
  /** Tells of every renewal; the function ends it. */
  onAnnounced(listener: (announcement: Announcement) => void): () => void;
  /** Its processes and its servers by name, for profiles and CPU time. */
  processes(): Readonly<Record<string, number>>;
};
