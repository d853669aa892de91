/**
 * Decisions on a seat: which apps are off, and on which devices the person is signed in. Pure; one append per decision.
 *
 * @module
 */
import { addDuration } from '../calendar/index.ts';
import type { Instant } from '../instant.ts';
import { remediesFor, type ReasonCode } from '../messages/index.ts';
import { policyOf } from '../subscription/decide.ts';
import { pagedGet } from '../subscription/paged-map.ts';
import { remedyDetails } from '../subscription/refusal.ts';
import { laterOf } from '../subscription/terms.ts';
import { applyDeadlines } from '../subscription/view.ts';
import type { SeatCommand } from './commands.ts';
import type { SeatContext, SeatDecision, SeatInput } from './decision.ts';
import type { DecidedSeatEvent, SeatEventData } from './events.ts';
import { devicesInExcess, seatRefusals, type SeatSituation } from './guards.ts';
import { seatInForce, type SeatInForce, type SeatState } from './state.ts';

/**
 * Decides. Refusals are values; nothing is changed or remembered.
 *
 * @example
 * const decision = decideSeat(state, { command, commandId, commandHash }, context);
 * if (decision.kind === 'accepted') append(decision.events);
 */
export function decideSeat(state: SeatState, input: SeatInput, context: SeatContext): SeatDecision {
  const applied = pagedGet(state.commandIds, input.commandId);
  if (applied?.hash === input.commandHash) return { kind: 'repeated', firstRevision: applied.revision };
  const situation = seatSituation(state, context);
  const isReused = applied !== undefined || context.isCommandIdTaken;
  const codes: readonly ReasonCode[] = isReused ? ['COMMAND_ID_REUSED'] : seatRefusals(situation, input.command);
  if (codes.length > 0) {
    const details = { n: situation.policy.devicesPerKindMax, ...remedyDetails(codes, situation) };
    return { kind: 'refused', reasonCodes: codes, remedies: remediesFor(codes, details) };
  }
  const { seat, inForce } = situation;
  // Deleted: nobody is signed in anywhere any more.
  if (seat === undefined || inForce === null) return { kind: 'nothing' };
  const held = { ...situation, seat, inForce, personId: input.command.body.personId };
  const events = eventsOf(held, input.command);
  return events.length === 0 ? { kind: 'nothing' } : { kind: 'accepted', events: [...writtenOff(held), ...events] };
}

/** What a decision is made on: the subscription with its deadlines applied, and what counts of the seat's own stream. */
export function seatSituation(state: SeatState, context: SeatContext): SeatSituation {
  const now = laterOf(state.latest, context.now);
  const header = applyDeadlines(context.header, now);
  const seat = header.status === 'deleted' ? undefined : context.seat;
  return {
    header,
    policy: policyOf(header),
    now,
    roles: context.roles,
    actorId: context.actorId,
    seat,
    use: state.use,
    services: context.services,
    inForce: seat === undefined ? null : seatInForce(state.use, seat),
  };
}

type HeldSituation = SeatSituation & {
  readonly seat: NonNullable<SeatSituation['seat']>;
  readonly inForce: SeatInForce;
  readonly personId: string;
};

function eventsOf(situation: HeldSituation, command: SeatCommand): readonly DecidedSeatEvent[] {
  switch (command.name) {
    case 'set-apps-for-assignment':
      return toggled(situation, command.body.appsOff);
    case 'activate-device':
      return activated(situation, command.body);
    case 'deactivate-device':
      return situation.inForce.devices.some(({ deviceId }) => deviceId === command.body.deviceId)
        ? [deactivated(situation, command.body.deviceId, 'signed_out')]
        : [];
    default:
      return command satisfies never;
  }
}

function toggled(situation: HeldSituation, wanted: readonly string[]): readonly DecidedSeatEvent[] {
  const appsOff = [...new Set(wanted)];
  const before = new Set(situation.inForce.appsOff);
  if (appsOff.length === before.size && appsOff.every((app) => before.has(app))) return [];
  return [{ type: 'AppsToggled', data: { ...holding(situation), appsOff }, effectiveAt: situation.now }];
}

/** One more device than its kind allows signs out the least recently used ones instead of being refused (`domain.md 1.9`). */
function activated(
  situation: HeldSituation,
  { deviceId, kind }: Pick<SeatEventData<'DeviceActivated'>, 'deviceId' | 'kind'>,
): readonly DecidedSeatEvent[] {
  const { inForce, now } = situation;
  const latest = inForce.devices.at(-1);
  const isAsBefore = latest?.deviceId === deviceId && latest.kind === kind && latest.lastUsedAt === now;
  if (isAsBefore) return [];
  return [
    ...devicesInExcess(situation, { deviceId, kind }).map((excess) => deactivated(situation, excess.deviceId, 'limit')),
    { type: 'DeviceActivated', data: { ...holding(situation), deviceId, kind }, effectiveAt: now },
  ];
}

/** Devices of a former holding, so that the log says of each how it ended. */
function writtenOff(situation: HeldSituation): readonly DecidedSeatEvent[] {
  const { use, seat } = situation;
  if (use.heldSince === seat.heldSince) return [];
  const former = { ...situation, now: laterOf(seat.assignedAt, lastUse(situation)) };
  return use.devices.map(({ deviceId }) => {
    const event = deactivated(former, deviceId, 'license_removed');
    return { ...event, data: { ...event.data, heldSince: use.heldSince } };
  });
}

/** The licence was gone at the latest when it was given again. */
function lastUse({ use }: SeatSituation): Instant {
  return use.devices.at(-1)?.lastUsedAt ?? '';
}

function deactivated(
  situation: HeldSituation,
  deviceId: string,
  cause: SeatEventData<'DeviceDeactivated'>['cause'],
): Extract<DecidedSeatEvent, { type: 'DeviceDeactivated' }> {
  const { now, policy, header } = situation;
  const inEffectBy = addDuration(now, policy.remoteSignOutLag, header.zone);
  const data = { ...holding(situation), deviceId, cause, inEffectBy };
  return { type: 'DeviceDeactivated', data, effectiveAt: now };
}

function holding({ seat, header, personId }: HeldSituation) {
  return { personId, heldSince: seat.heldSince, subscriptionRevision: header.revision };
}
