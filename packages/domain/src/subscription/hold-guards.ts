import type { ReasonCode } from '../messages/index.ts';
import { roleRefusal } from '../policy/index.ts';
import { isInService, role, type GuardsOf } from './guard.ts';
import type { SubscriptionHeader } from './header.ts';
import type { Situation } from './situation.ts';

type Kind = SubscriptionHeader['holds'][number]['kind'];

/** Guards of holds (`domain.md 6.2`): each is released by the side that may place it. */
export const holdGuards: GuardsOf<'pause' | 'suspend' | 'resume'> = {
  pause: [{ codes: role('pause') }],
  suspend: [{ codes: role('suspend') }],
  resume: [
    { codes: role('resume') },
    {
      codes: (situation) => {
        const { holds, status } = situation.header;
        if (!isInService(status)) return [];
        if (holds.length === 0) return ['NOT_PAUSED'];
        const codes = holds.map(({ kind }) => othersHold(situation, kind));
        return codes.every(Boolean) ? codes.slice(0, 1) : [];
      },
    },
    {
      input: 'hold',
      codes: (situation, { hold }) => {
        const { holds, status } = situation.header;
        if (!isInService(status)) return [];
        return holds.some(({ kind }) => kind === hold) ? [othersHold(situation, hold)] : ['NOT_PAUSED'];
      },
    },
  ],
};

/** The role that is missing to release it: the one that places it. */
function othersHold({ caller, policy, header }: Situation, kind: Kind): ReasonCode | undefined {
  if (caller === null) return undefined;
  return roleRefusal(policy, { command: kind, roles: caller.roles, channel: header.channel }) ?? undefined;
}
