import {
  jsonEvent,
  type AllStreamSubscription,
  type EventStoreDBClient,
  type Position,
  type ResolvedEvent,
  type StreamSubscription,
} from '@eventstore/db-client';
import { within } from './target.ts';

/** What a subscription said, in order: events by their label, `live` when it caught up, `end` when it failed. */
export class RecordedSubscription {
  readonly log: string[] = [];
  readonly events: ResolvedEvent[] = [];
  readonly checkpoints: Position[] = [];
  error: Error | undefined;
  readonly #subscription: StreamSubscription | AllStreamSubscription;
  #notify: (() => void) | undefined;

  constructor(
    subscribe: (checkpointReached: (position: Position) => void) => StreamSubscription | AllStreamSubscription,
  ) {
    this.#subscription = subscribe((position) => this.#record(`checkpoint`, () => this.checkpoints.push(position)));
    this.#subscription
      .on('confirmation', () => this.#record('confirmed'))
      .on('caughtUp', () => this.#record('live'))
      .on('error', (error: Error) => this.#record('end', () => (this.error = error)));
    this.#subscription.on('data', (event: ResolvedEvent) =>
      this.#record(labelOf(event), () => this.events.push(event)),
    );
  }

  /** Resolves when the condition holds. */
  async until(what: string, condition: () => boolean, waitMs = 30_000): Promise<void> {
    const waiting = (async () => {
      while (!condition()) await new Promise<void>((resolve) => (this.#notify = resolve));
    })();
    await within(waiting, what, waitMs);
  }

  /** Resolves when these labels, and no other, have come. */
  async untilLabels(labels: readonly string[]): Promise<void> {
    await this.until(
      `[${labels.join(' ')}] (so far [${this.log.join(' ')}])`,
      () => this.events.length >= labels.length,
    );
    const seen = this.events.map(labelOf);
    if (seen.join(' ') !== labels.join(' ')) throw new Error(`Expected ${labels.join(' ')}, got ${seen.join(' ')}`);
  }

  /** Resolves when it has caught up so many times. */
  async untilLive(times = 1): Promise<void> {
    await this.until('catching up', () => this.log.filter((entry) => entry === 'live').length >= times);
  }

  /** Resolves with the error that ends the subscription. */
  async untilEnd(): Promise<Error> {
    await this.until('the end of the subscription', () => this.error !== undefined);
    return this.error ?? new Error('unreachable');
  }

  async unsubscribe(): Promise<void> {
    await this.#subscription.unsubscribe();
  }

  /** Stops taking events until the answer is called. */
  pause(): () => void {
    this.#subscription.pause();
    return () => this.#subscription.resume();
  }

  #record(entry: string, apply: () => void = () => {}): void {
    apply();
    this.log.push(entry);
    this.#notify?.();
  }
}

function labelOf({ event }: ResolvedEvent): string {
  const data: unknown = event?.data;
  if (data !== null && typeof data === 'object' && 'label' in data) return String(data.label);
  return event?.type ?? 'no event';
}

/** Where the log ends now: a start for subscriptions that must not see what others wrote before. */
export async function endOfLog(client: EventStoreDBClient, stream: string): Promise<Position> {
  const { position } = await client.appendToStream(`${stream}-marker`, jsonEvent({ type: 'Marker', data: {} }));
  if (!position) throw new Error('The marker has no position.');
  return position;
}
