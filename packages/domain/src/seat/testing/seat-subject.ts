/**
 * A seat under test, with the subscription it is in: the loop of a handler without engines. Every event is checked against
 * its schema.
 *
 * @module
 */
import { pagedGet } from '../../subscription/paged-map.ts';
import { Subject } from '../../subscription/testing/subject.ts';
import { seatCommandSchemas, type SeatCommand, type SeatCommandName } from '../commands.ts';
import { decideSeat } from '../decide.ts';
import type { SeatContext, SeatDecision } from '../decision.ts';
import { seatEventSchemas, type SeatEvent } from '../events.ts';
import { evolveSeat, initialSeat, seatInForce, type SeatInForce, type SeatState } from '../state.ts';

/** See the module's description. The person is `alice` unless said otherwise. */
export class SeatSubject {
  readonly subscription: Subject;
  state: SeatState = initialSeat;
  readonly log: SeatEvent[] = [];
  roles: readonly string[] = ['global-admin'];
  actorId: string | undefined;
  /** Changes what the decision is told about the subscription. */
  seen: Partial<SeatContext> = {};
  #ids = 0;

  constructor(subscription: Subject = Subject.active()) {
    this.subscription = subscription;
  }

  /** Alice holds a seat of an active subscription. */
  static held(appsOff: readonly string[] = []): SeatSubject {
    const seat = new SeatSubject();
    seat.subscription.accept('assign-license', { personId: 'alice', appsOff });
    return seat;
  }

  get inForce(): SeatInForce {
    const seat = pagedGet(this.subscription.state.seats, 'alice');
    return seat === undefined ? { appsOff: [], devices: [] } : seatInForce(this.state.use, seat);
  }

  /** Ids of the devices that count, the least recently used first. */
  get devices(): string[] {
    return this.inForce.devices.map(({ deviceId }) => deviceId);
  }

  context(): SeatContext {
    return {
      now: this.subscription.now,
      roles: this.roles,
      ...(this.actorId === undefined ? {} : { actorId: this.actorId }),
      header: this.subscription.header,
      seat: pagedGet(this.subscription.state.seats, 'alice'),
      isCommandIdTaken: false,
      ...this.seen,
    };
  }

  command(name: SeatCommandName, body: object = {}, commandId = `seat-command-${(this.#ids += 1)}`): SeatDecision {
    const parsed = seatCommandSchemas[name].parse({ personId: 'alice', ...body });
    // The schema is that of the name.
    const command = { name, body: parsed } as SeatCommand;
    const commandHash = JSON.stringify(command);
    const decision = decideSeat(this.state, { command, commandId, commandHash }, this.context());
    if (decision.kind !== 'accepted') return decision;
    decision.events.forEach((event, index) => {
      seatEventSchemas[event.type].parse(event.data);
      const recorded: SeatEvent = {
        ...event,
        revision: this.log.length,
        commandId,
        ...(index === 0 ? { commandHash } : {}),
      };
      this.log.push(recorded);
      this.state = evolveSeat(this.state, recorded);
    });
    return decision;
  }

  /** Types of the events of an accepted command. */
  accept(name: SeatCommandName, body?: object, commandId?: string): string[] {
    const decision = this.command(name, body, commandId);
    if (decision.kind === 'nothing') return [];
    if (decision.kind !== 'accepted') throw new Error(`${name}: ${JSON.stringify(decision)}`);
    return decision.events.map(({ type }) => type);
  }

  /** Reason codes of a refused command; the other kinds by their name. */
  codes(name: SeatCommandName, body?: object): readonly string[] {
    const decision = this.command(name, body);
    if (decision.kind !== 'refused') return [decision.kind];
    if (decision.remedies.length === 0) throw new Error('a refusal without a way out');
    return decision.reasonCodes;
  }

  signIn(deviceId: string, kind: 'computer' | 'tablet' | 'phone' = 'computer', commandId?: string): string[] {
    return this.accept('activate-device', { deviceId, kind }, commandId);
  }
}
