import { policyFor } from '../policy/index.ts';
import { seatCommandSchemas, type SeatCommandName } from '../seat/commands.ts';
import { opensToTheirOwn, seatStateAnswers } from '../seat/guards.ts';
import { subscriptionStatuses } from '../subscription/lifecycle.ts';
import { rolesFor } from './command-matrix.ts';
import { table } from './table.ts';

/** The answer of every state to the commands on a seat (`domain.md 6.2`), and who may give them. */
export function seatCommandTable(): string {
  const policy = policyFor('direct-mosa-2020');
  if (!policy) throw new RangeError('the default profile is missing');
  // The table of schemas has exactly the commands as its keys.
  const names = Object.keys(seatCommandSchemas) as SeatCommandName[];
  return table(
    ['command', ...subscriptionStatuses, 'opened by'],
    names.map((name) => [
      `\`${name}\``,
      ...subscriptionStatuses.map((status) => {
        const code = seatStateAnswers[name][status];
        return code === undefined ? '✓' : `\`${code}\``;
      }),
      [...rolesFor(policy, name), ...(opensToTheirOwn.has(name) ? ['the person'] : [])].join(', '),
    ]),
  );
}
