/**
 * A log in memory, written by the rules themselves and sealed by the door's own functions, for tests that read as rules.
 *
 * @module
 */
import {
  catalogueStream,
  decide,
  decideSeat,
  eventDefinitions,
  evolve,
  evolveSeat,
  initialSeat,
  initialSubscription,
  pagedGet,
  paymentFactSchema,
  publicationOf,
  seatCommandSchemas,
  seatStream,
  subscriptionCommandSchemas,
  subscriptionStream,
  type DecisionContext,
  type PaymentFact,
  type PaymentFactKind,
  type Plan,
  type SeatCommand,
  type SeatCommandName,
  type SeatEvent,
  type SeatState,
  type SubscriptionCommand,
  type SubscriptionCommandName,
  type SubscriptionInput,
  type SubscriptionState,
  asSubscriptionEvent,
} from '@perennial/domain';
import {
  createEventRegistry,
  emptyHead,
  sealEvents,
  type Actor,
  type RecordedEvent,
  type StreamHead,
} from '@perennial/event-store';
import type { Log } from '../log/log.ts';

const registry = createEventRegistry(eventDefinitions);

/** Who does something, unless a test says otherwise. */
export const admin: Actor = { type: 'user', id: 'person-admin', roles: ['global-admin'] };

/** An instant from a short text: `2027-06-01` or `2027-06-01T10:00`. */
export function at(text: string): string {
  return new Date(text.includes('T') && !text.endsWith('Z') ? `${text}Z` : text).toISOString();
}

/** A valid payment fact about the object `id`. */
export function fact(kind: PaymentFactKind, occurredAt: string, more: Partial<PaymentFact> & { id?: string } = {}) {
  const { id = 'in_1', ...rest } = more;
  return paymentFactSchema.parse({
    kind,
    provider: 'stripe',
    providerEventId: `evt_${kind}_${id}_${occurredAt}`,
    providerObjectId: id,
    amount: { minor: 1000, currency: 'EUR' },
    ...rest,
    occurredAt: at(occurredAt),
  });
}

type Written = { readonly type: string; readonly data: object; readonly effectiveAt: string; readonly reason?: string };
type By = {
  readonly commandId: string;
  readonly actor?: Actor;
  readonly causationId?: string;
  readonly commandHash?: string;
};

/** See the module's description. */
export class TestLog implements Log {
  readonly events: RecordedEvent[] = [];
  now: string;
  readonly clock = { now: (): string => this.now };
  #ids = 0;

  constructor(now = '2026-06-01') {
    this.now = at(now);
  }

  newId(): string {
    this.#ids += 1;
    return `command-${this.#ids}`;
  }

  append(stream: string, written: readonly Written[], by: By): readonly RecordedEvent[] {
    const sealed = sealEvents(
      stream,
      this.#headOf(stream),
      written.map(({ type, data, effectiveAt, reason }, index) => ({
        type,
        data,
        metadata: {
          effectiveAt,
          recordedAt: this.now,
          actor: by.actor ?? admin,
          commandId: by.commandId,
          $correlationId: 'test',
          $causationId: by.causationId ?? by.commandId,
          policy: 'direct-mosa-2020@1',
          ...(reason === undefined ? {} : { reason }),
          ...(index === 0 && by.commandHash !== undefined ? { commandHash: by.commandHash } : {}),
        },
      })),
      registry,
    );
    const recorded = sealed.events.map(({ decoded }) => {
      const event = { ...decoded, position: BigInt(this.events.length + 1) * 10n };
      this.events.push(event);
      return event;
    });
    return recorded;
  }

  publish(version: string, plans: readonly Plan[]): void {
    for (const { type, data } of publicationOf({ version, plans: [...plans] })) {
      this.append(catalogueStream, [{ type, data, effectiveAt: this.now }], { commandId: `publish-${version}` });
    }
  }

  async *readStream(stream: string, { fromRevision = 0 }: { readonly fromRevision?: number } = {}) {
    yield* this.events.filter((event) => event.stream === stream && event.revision >= fromRevision);
  }

  async *readAll({
    after = -1n,
    streamPrefixes,
  }: { readonly after?: bigint; readonly streamPrefixes?: readonly string[] } = {}) {
    for (const event of this.events) {
      if (event.position <= after) continue;
      if (streamPrefixes?.some((prefix) => event.stream.startsWith(prefix)) === false) continue;
      yield { kind: 'event' as const, event };
    }
  }

  async lastPosition(): Promise<bigint | undefined> {
    return this.events.at(-1)?.position;
  }

  #headOf(stream: string): StreamHead {
    const last = this.events.findLast((event) => event.stream === stream);
    if (last === undefined) return emptyHead(stream);
    return { revision: last.revision, hash: last.metadata.hash, recordedAt: last.metadata.recordedAt };
  }
}

/** A subscription of the log, with the seats in it. */
export class TestSubscription {
  state: SubscriptionState = initialSubscription;
  readonly log: TestLog;
  readonly target: { readonly tenant: string; readonly subscriptionId: string };
  readonly #seats = new Map<string, SeatState>();

  constructor(log: TestLog, subscriptionId = 's1', tenant = 'acme') {
    this.log = log;
    this.target = { tenant, subscriptionId };
  }

  /** Active from now on. */
  static active(log: TestLog, body: object = {}, subscriptionId?: string): TestSubscription {
    const subscription = new TestSubscription(log, subscriptionId);
    subscription.accept('create', { planId: 'business', seats: 3, term: 'P1Y', ...body });
    subscription.accept('activate');
    return subscription;
  }

  get stream(): string {
    return subscriptionStream(this.target.tenant, this.target.subscriptionId);
  }

  context(): DecisionContext {
    return { target: this.target, now: this.log.now, roles: ['global-admin'], newId: this.log.newId() };
  }

  /** Whether it was accepted. */
  command(name: SubscriptionCommandName, body: unknown = {}, actor: Actor = admin): boolean {
    // The schema is that of the name.
    const command = { name, body: subscriptionCommandSchemas[name].parse(body) } as SubscriptionCommand;
    const input = {
      kind: 'command',
      command,
      commandId: this.log.newId(),
      commandHash: JSON.stringify(command),
    } as const;
    return this.#take(input, { commandId: input.commandId, actor, commandHash: input.commandHash });
  }

  accept(name: SubscriptionCommandName, body?: unknown, actor?: Actor): void {
    if (!this.command(name, body, actor)) throw new Error(`${name} while ${this.state.header?.status}`);
  }

  pay(payment: PaymentFact, causationId = 'PAYMENTS:1'): boolean {
    const commandId = `fact:${payment.provider}:${payment.providerEventId}`;
    const commandHash = JSON.stringify(payment);
    const actor: Actor = { type: 'provider', id: payment.provider, roles: [] };
    return this.#take(
      { kind: 'fact', fact: payment, commandId, commandHash },
      { commandId, actor, causationId, commandHash },
    );
  }

  /** Moves the clock and lets what is due happen. */
  tick(now?: string): boolean {
    if (now !== undefined) this.log.now = at(now);
    return this.#take(
      { kind: 'tick' },
      { commandId: `timer:${this.log.now}`, actor: { type: 'system', id: 'timers', roles: [] } },
    );
  }

  seat(personId: string, name: SeatCommandName, body: object): boolean {
    const { header, seats } = this.state;
    if (header === null) return false;
    // The schema is that of the name.
    const command = { name, body: seatCommandSchemas[name].parse({ personId, ...body }) } as SeatCommand;
    const commandId = this.log.newId();
    const before = this.#seats.get(personId) ?? initialSeat;
    const input = { command, commandId, commandHash: JSON.stringify(command) };
    const { now, roles } = this.context();
    const decision = decideSeat(before, input, {
      now,
      roles,
      header,
      seat: pagedGet(seats, personId),
      isCommandIdTaken: false,
    });
    if (decision.kind !== 'accepted') return false;
    const { tenant, subscriptionId } = this.target;
    const recorded = this.log.append(seatStream(tenant, subscriptionId, personId), decision.events, {
      commandId,
      commandHash: input.commandHash,
    });
    const after = recorded.reduce(
      (state, { type, data, revision, metadata }) =>
        // Validated by the door.
        evolveSeat(state, { type, data, revision, effectiveAt: metadata.effectiveAt, commandId } as SeatEvent),
      before,
    );
    this.#seats.set(personId, after);
    return true;
  }

  seatState(personId: string): SeatState {
    return this.#seats.get(personId) ?? initialSeat;
  }

  #take(input: SubscriptionInput, by: By): boolean {
    const decision = decide(this.state, input, this.context());
    if (decision.kind !== 'accepted') return false;
    const recorded = this.log.append(this.stream, decision.events, by);
    this.state = recorded.map(asSubscriptionEvent).reduce(evolve, this.state);
    return true;
  }
}
