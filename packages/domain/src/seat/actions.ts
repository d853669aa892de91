import { remediesFor } from '../messages/index.ts';
import type { AvailableAction } from '../subscription/decision.ts';
import { remedyDetails } from '../subscription/refusal.ts';
import type { SeatCommandName } from './commands.ts';
import { seatSituation } from './decide.ts';
import type { SeatContext } from './decision.ts';
import { seatActionRefusals } from './guards.ts';
import { initialSeat } from './state.ts';

/** What each command asks for, by the names of `contract.md` (Command bodies). */
const needs: { readonly [N in SeatCommandName]: readonly string[] } = {
  'set-apps-for-assignment': ['userId', 'appsOff'],
  'activate-device': ['userId', 'deviceId', 'kind'],
  'deactivate-device': ['userId', 'deviceId'],
};

/**
 * The seat's commands in the list of actions (`domain.md 6.4`), before it is said for whom: `available` means that some
 * valid input succeeds. `seat` is the caller's own, who may sign in and out without any role.
 */
export function seatActions(context: Omit<SeatContext, 'isCommandIdTaken'>): AvailableAction[] {
  const situation = seatSituation(initialSeat, { ...context, isCommandIdTaken: false });
  // The table has exactly the commands as its keys.
  return (Object.keys(needs) as SeatCommandName[]).map((command) => {
    const reasonCodes = seatActionRefusals(situation, command);
    const available = reasonCodes.length === 0;
    return {
      command,
      available,
      reasonCodes,
      needs: needs[command],
      remedies: remediesFor(reasonCodes, remedyDetails(reasonCodes, situation)),
      effectPreview: available ? { newState: situation.header.status } : null,
    };
  });
}
