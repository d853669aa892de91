import { addDuration } from '../calendar/index.ts';
import type { ReasonCode } from '../messages/index.ts';
import {
  hasSeats,
  isEnded,
  isInService,
  isReactivatedElsewhere,
  needsSupport,
  notHeld,
  notSucceeded,
  role,
  type GuardedBody,
  type GuardsOf,
} from './guard.ts';
import type { Situation } from './situation.ts';
import { arrears, keyTerm, removedSeats } from './transitions/product-key.ts';

type Body = GuardedBody<'redeem-key'>;

/**
 * Guards of a product key on a subscription (`domain.md 6.2`, `domain.md 2.2`). What state the subscription is in speaks
 * against some modes only; for more time on one that ended those of a reactivation hold, but for payment.
 */
export const productKeyGuards: GuardsOf<'redeem-key'> = {
  'redeem-key': [
    { input: 'mode', codes: (situation, body) => [stateAnswer(situation, body)] },
    {
      codes: ({ header, policy }) => [
        header.status === 'disabled' && header.termStart === null && 'NOT_YET_ACTIVATED',
        isEnded(header.status) &&
          !policy.reactivation.byProductKey &&
          isReactivatedElsewhere(header, policy) &&
          'NOT_REACTIVATABLE_BY_CHANNEL',
      ],
    },
    notSucceeded,
    { codes: role('redeem-key') },
    notHeld,
    {
      codes: ({ header, policy }) => [
        needsSupport(header, policy.reactivation.allowedDisableReasons) && 'DISABLED_BY_PROVIDER',
        header.status !== 'pending' && header.trial && hasSeats(header) && 'TRIAL_NOT_REACTIVATABLE',
      ],
    },
    {
      codes: ({ header, caller }) => [
        isEnded(header.status) && caller?.tenant?.creditCheck === 'pending' && 'CREDIT_CHECK_PENDING',
      ],
    },
    {
      input: 'mode',
      // A key pays time, not what is owed for time that was had.
      codes: ({ header, caller }, { mode }) => [
        caller !== null &&
          mode === 'extend' &&
          (isEnded(header.status) || header.status === 'reactivated') &&
          arrears(header) > 0 &&
          'OUTSTANDING_BALANCE',
      ],
    },
    { input: 'key', codes: keyRefusals },
    {
      input: 'fewerSeats',
      // Renewing with fewer seats takes them away at once, so that the rule of an immediate reduction holds (`domain.md 2.1`).
      codes: ({ header, policy, caller }, body) => {
        const fewer = removedSeats(header, body);
        const isBelow = fewer > 0 && header.seatsPurchased - fewer < header.seatsAssigned;
        const isAsked = caller !== null && hasSeats(header) && header.status !== 'pending';
        return [isAsked && policy.seatsBelowAssigned.now === 'refuse' && isBelow && 'SEATS_BELOW_ASSIGNED'];
      },
    },
  ],
};

/** The rows of `domain.md 6.2` for the three modes; a deleted subscription answers by itself. */
function stateAnswer({ header, caller }: Situation, { mode }: Body): ReasonCode | undefined {
  const { status } = header;
  if (status === 'deleted' || caller === null) return undefined;
  if (mode === 'new') {
    const answers = {
      pending: undefined,
      active: 'ALREADY_ACTIVE',
      reactivated: 'ALREADY_ACTIVE',
      expired: 'ALREADY_EXPIRED',
      disabled: 'ALREADY_DISABLED',
      cancelled: 'ALREADY_CANCELLED',
    } as const;
    return answers[status];
  }
  if (status === 'pending') return 'NOT_YET_ACTIVATED';
  return mode === 'add-seats' && isEnded(status) ? 'REACTIVATE_FIRST' : undefined;
}

/** What speaks against this key: another plan, more seats than the offer allows, or too far ahead. */
function keyRefusals(situation: Situation, body: Body): readonly (ReasonCode | false)[] {
  const { header, caller, at, policy } = situation;
  // Accepted once, it is not asked again.
  if (caller === null || header.status === 'deleted') return [];
  const { plan } = caller;
  const isOtherFamily = plan?.family !== undefined && body.family !== undefined && plan.family !== body.family;
  const maxSeats = body.mode === 'add-seats' && isInService(header.status) ? plan?.maxSeats : undefined;
  const term = keyTerm(situation, body);
  return [
    isOtherFamily && 'KEY_WRONG_PRODUCT_FAMILY',
    maxSeats !== undefined && header.seatsPurchased + body.seats > maxSeats && 'KEY_SEATS_EXCEED_OFFER_MAX',
    body.planId !== header.planId && 'KEY_PLAN_MISMATCH',
    term !== null && term.end > addDuration(at, policy.prepaidCap, header.zone) && 'EXTENSION_CAP_REACHED',
  ];
}
