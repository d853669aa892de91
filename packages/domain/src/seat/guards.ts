/**
 * Guards of the seat's commands: functions that return reason codes, shared by decisions and the list of actions.
 *
 * @module
 */
import type { Instant } from '../instant.ts';
import type { ReasonCode } from '../messages/index.ts';
import { roleRefusal, type PolicyProfile } from '../policy/index.ts';
import type { SubscriptionHeader, SubscriptionStatus } from '../subscription/header.ts';
import { serviceConflict } from '../subscription/service-conflict.ts';
import type { Seat } from '../subscription/state.ts';
import type { SeatCommand, SeatCommandName } from './commands.ts';
import type { SeatContext } from './decision.ts';
import type { Device, SeatInForce, SeatUse } from './state.ts';

/** What one decision is made on. */
export type SeatSituation = {
  /** Deadlines up to `now` are applied. */
  readonly header: SubscriptionHeader;
  readonly policy: PolicyProfile;
  readonly now: Instant;
  readonly roles: readonly string[];
  readonly actorId: string | undefined;
  readonly seat: Seat | undefined;
  readonly use: SeatUse;
  readonly services: SeatContext['services'];
  /** What counts of `use`; nothing while no seat is held. */
  readonly inForce: SeatInForce | null;
};

/**
 * Commands × states (`domain.md 6.2`): the code with which a state refuses a command; absent = allowed there. Signing out
 * is always allowed, so that nobody is kept on a device.
 */
export const seatStateAnswers: Readonly<
  Record<SeatCommandName, Readonly<Partial<Record<SubscriptionStatus, ReasonCode>>>>
> = {
  'set-apps-for-assignment': {
    pending: 'NOT_ASSIGNED',
    disabled: 'LICENSE_ASSIGNMENT_FROZEN',
    cancelled: 'LICENSE_ASSIGNMENT_FROZEN',
    deleted: 'ALREADY_DELETED',
  },
  'activate-device': {
    pending: 'NOT_YET_ACTIVATED',
    disabled: 'LICENSE_ASSIGNMENT_FROZEN',
    cancelled: 'LICENSE_ASSIGNMENT_FROZEN',
    deleted: 'ALREADY_DELETED',
  },
  'deactivate-device': { pending: 'NOT_ASSIGNED' },
};

/** Signing in and out is up to the person, or to whoever administers licences; what is off is up to the latter. */
export const opensToTheirOwn: ReadonlySet<SeatCommandName> = new Set<SeatCommandName>([
  'activate-device',
  'deactivate-device',
]);

/** Why a command is refused: all codes, the state's first, then in the order of `domain.md 6.4`; none = accepted. */
export function seatRefusals(situation: SeatSituation, command: SeatCommand): readonly ReasonCode[] {
  const { actorId } = situation;
  const isOwn = actorId !== undefined && actorId === command.body.personId;
  return unique([
    ...stateCodes(situation, command.name),
    ...roleCodes(situation, command.name, isOwn),
    hasSeats(situation) && situation.seat === undefined && 'NOT_ASSIGNED',
    isHeldBack(situation, command.name) && 'SUSPENDED',
    turnsOnConflict(situation, command) && 'SERVICE_CONFLICT',
    isOneTooMany(situation, command) && 'DEVICE_LIMIT_REACHED',
    isStranger(command) && 'WRONG_ACCOUNT',
  ]);
}

/** The same while it is not said for whom: only what speaks against every person. */
export function seatActionRefusals(situation: SeatSituation, name: SeatCommandName): readonly ReasonCode[] {
  // Whoever asks may be one of those who hold a seat: `seat` is then theirs.
  const isOwn = situation.seat !== undefined;
  return unique([
    ...stateCodes(situation, name),
    ...roleCodes(situation, name, isOwn),
    hasSeats(situation) && situation.header.seatsAssigned === 0 && 'NOT_ASSIGNED',
    isHeldBack(situation, name) && 'SUSPENDED',
  ]);
}

function stateCodes({ header }: SeatSituation, name: SeatCommandName): readonly (ReasonCode | undefined)[] {
  return [seatStateAnswers[name][header.status]];
}

function roleCodes(
  { policy, roles, header }: SeatSituation,
  command: SeatCommandName,
  isOwn: boolean,
): readonly (ReasonCode | undefined)[] {
  if (isOwn && opensToTheirOwn.has(command)) return [];
  return [roleRefusal(policy, { command, roles, channel: header.channel }) ?? undefined];
}

/** Under a hold a licence can only be taken away (`domain.md 6.9`); signing out takes away. */
function isHeldBack({ header, policy }: SeatSituation, name: SeatCommandName): boolean {
  const isInService = header.status === 'active' || header.status === 'reactivated';
  const isBlocked = header.holds.some(({ kind }) => policy.holds[kind].blocksChanges);
  return isInService && isBlocked && name !== 'deactivate-device';
}

/** The devices that have to sign out so that this one fits in (`domain.md 1.8`: five of a kind), the least recently used. */
export function devicesInExcess(
  { inForce, policy }: Pick<SeatSituation, 'inForce' | 'policy'>,
  { deviceId, kind }: Pick<Device, 'deviceId' | 'kind'>,
): readonly Device[] {
  const others = (inForce?.devices ?? []).filter((device) => device.kind === kind && device.deviceId !== deviceId);
  return others.slice(0, Math.max(0, others.length + 1 - policy.devicesPerKindMax));
}

function isOneTooMany(situation: SeatSituation, command: SeatCommand): boolean {
  if (command.name !== 'activate-device' || command.body.signOutOldest) return false;
  return devicesInExcess(situation, command.body).length > 0;
}

/** Apps that were off are given like those of a new licence (`domain.md 1.8`); what was on stays on. */
function turnsOnConflict({ services, inForce }: SeatSituation, command: SeatCommand): boolean {
  if (command.name !== 'set-apps-for-assignment' || services === undefined || inForce === null) return false;
  const off = new Set(command.body.appsOff);
  const wasOff = new Set(inForce.appsOff);
  const on = services.ofPlan.filter(({ appId }) => !off.has(appId));
  const given = on.filter(({ appId }) => wasOff.has(appId));
  const kept = on.filter(({ appId }) => !wasOff.has(appId));
  return serviceConflict(given, [...kept, ...services.elsewhere]) !== null;
}

function isStranger(command: SeatCommand): boolean {
  if (command.name !== 'activate-device') return false;
  const { personId, signedInAs } = command.body;
  return signedInAs !== undefined && signedInAs !== personId;
}

/** Once it is deleted there are none to speak of. */
function hasSeats({ header }: SeatSituation): boolean {
  return header.status !== 'deleted';
}

function unique(codes: readonly (ReasonCode | false | undefined)[]): readonly ReasonCode[] {
  return [...new Set(codes.filter((code) => code !== undefined && code !== false))];
}
