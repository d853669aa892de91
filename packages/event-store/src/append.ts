import { AppendTooLargeError } from './errors.ts';
import { InFlightLimit } from './in-flight.ts';
import type { DoorContext } from './options.ts';
import type { EventRegistry } from './registry.ts';
import { sealEvents, type SealedAppend } from './seal.ts';
import type { AppendSettler } from './settle-append.ts';
import type { AppendOutcome, NewEvent, StreamHead } from './types.ts';

/** The write side of the door. */
export class Appender {
  readonly #settler: AppendSettler;
  readonly #registry: EventRegistry;
  readonly #context: DoorContext;
  readonly #limit: InFlightLimit;

  constructor(settler: AppendSettler, registry: EventRegistry, context: DoorContext) {
    this.#settler = settler;
    this.#registry = registry;
    this.#context = context;
    this.#limit = new InFlightLimit(context.bounds.appendsInFlightMax, context.bounds.appendsWaitingMax);
  }

  /** See `EventStore.append`. */
  async append(stream: string, head: StreamHead, events: readonly NewEvent[]): Promise<AppendOutcome> {
    const sealed = sealEvents(stream, head, events, this.#registry);
    const { appendSizeMaxBytes } = this.#context.bounds;
    if (sealed.sizeBytes > appendSizeMaxBytes)
      throw new AppendTooLargeError(stream, sealed.sizeBytes, appendSizeMaxBytes);
    return await this.#limit.run(() => this.#send(sealed));
  }

  /** Resolves when no append is under way. */
  async whenIdle(): Promise<void> {
    await this.#limit.whenIdle();
  }

  async #send(sealed: SealedAppend): Promise<AppendOutcome> {
    const startedAt = performance.now();
    const count = (result: 'appended' | 'conflict' | 'failed', attempts: number) => {
      const durationMs = performance.now() - startedAt;
      this.#context.onMetric({ kind: 'append', result, durationMs, attempts, eventCount: sealed.events.length });
    };
    try {
      const { stream, expectedRevision } = sealed;
      const settled = await this.#settler.settle({
        stream,
        expectedRevision,
        events: sealed.events.map((event) => event.raw),
      });
      count(settled.kind === 'stored' ? 'appended' : 'conflict', settled.attempts);
      if (settled.kind === 'conflict') return { kind: 'conflict', actualRevision: settled.actualRevision };
      const { position } = settled;
      // A server tells one position for the whole append, that of its last event.
      const stored = sealed.events.map(({ decoded }) => ({ ...decoded, position }));
      return { kind: 'appended', head: sealed.head, position, events: stored };
    } catch (error) {
      count('failed', this.#context.bounds.appendAttemptCountMax);
      throw error;
    }
  }
}
