import { addDuration } from '../calendar/index.ts';
import type { Instant } from '../instant.ts';
import type { ReasonCode } from '../messages/index.ts';
import { canBuy, isInService, notHeld, notProviders, role, type GuardsOf } from './guard.ts';
import type { Situation } from './situation.ts';
import { termAt } from './terms.ts';
import { isPrepaid } from './transitions/product-key.ts';

/**
 * Guards of seats and plan (`domain.md 1.7`). What depends on the catalogue or on who holds a seat is asked of a caller
 * only: in a simulation the answer of then counts.
 */
export const seatGuards: GuardsOf<'add-seats' | 'remove-seats' | 'change-plan'> = {
  'add-seats': [
    { codes: role('add-seats') },
    notProviders,
    notHeld,
    canBuy,
    { codes: (situation) => [exceedsOffer(situation, 1)] },
    { input: 'count', codes: (situation, { count }) => [exceedsOffer(situation, count)] },
  ],
  'remove-seats': [
    { codes: role('remove-seats') },
    notProviders,
    notHeld,
    {
      codes: ({ header, policy, caller }) => [
        caller !== null &&
          isInService(header.status) &&
          policy.seatReductionNeedsRecurringBilling &&
          !header.recurringBilling &&
          'RECURRING_BILLING_OFF',
      ],
    },
    {
      // Only a renewal by other means can bring fewer seats; else a smaller key does (`domain.md 1.7`).
      codes: (situation) => [
        isKeyPaid(situation) && !situation.header.recurringBilling && 'PREPAID_SEATS_ONLY_AT_RENEWAL',
      ],
    },
    { codes: ({ header }) => [isInService(header.status) && header.seatsPurchased === 1 && 'LAST_SEAT'] },
    {
      input: 'count',
      codes: ({ header }, { count }) => [isInService(header.status) && count >= header.seatsPurchased && 'LAST_SEAT'],
    },
    {
      input: 'when',
      codes: (situation, { when }) => [
        when === 'now' && isKeyPaid(situation) && 'PREPAID_SEATS_ONLY_AT_RENEWAL',
        when === 'now' && isReductionWindowClosed(situation) && 'SEAT_WINDOW_CLOSED',
        isWithoutRenewal(situation, when) && 'RECURRING_BILLING_OFF',
      ],
    },
    { input: 'count', codes: (situation, { count, when }) => [isBelowAssigned(situation, count, when)] },
  ],
  'change-plan': [
    { codes: role('change-plan') },
    notProviders,
    notHeld,
    { codes: ({ caller }) => [caller?.tenant?.creditCheck === 'pending' && 'CREDIT_CHECK_PENDING'] },
    { input: 'when', codes: (situation, { when }) => [isWithoutRenewal(situation, when) && 'RECURRING_BILLING_OFF'] },
    {
      input: 'planId',
      codes: (situation, { planId, when }) => {
        const plan = situation.caller?.plan;
        if (plan === undefined || plan.planId !== planId) return [];
        return [
          plan.endOfSale !== undefined && plan.endOfSale <= situation.at && 'OFFER_END_OF_SALE',
          exceedsOffer(situation, when === 'renewal' ? -(situation.header.scheduledSeats?.remove ?? 0) : 0),
        ];
      },
    },
  ],
};

function exceedsOffer({ caller, header }: Situation, more: number): ReasonCode | false {
  const max = caller?.plan?.maxSeats;
  return max !== undefined && header.seatsPurchased + more > max && 'SEATS_EXCEED_OFFER_MAX';
}

function isBelowAssigned({ caller, header, policy }: Situation, count: number, when: 'now' | 'renewal') {
  const rule = when === 'now' ? policy.seatsBelowAssigned.now : policy.seatsBelowAssigned.atRenewal;
  const isBelow = header.seatsPurchased - count < header.seatsAssigned;
  return caller !== null && isInService(header.status) && rule === 'refuse' && isBelow && 'SEATS_BELOW_ASSIGNED';
}

/** Only a renewal can bring a change later, and only recurring billing renews. */
function isWithoutRenewal({ caller, header }: Situation, when: 'now' | 'renewal'): boolean {
  return when === 'renewal' && caller !== null && isInService(header.status) && !header.recurringBilling;
}

function isKeyPaid(situation: Situation): boolean {
  return situation.caller !== null && isInService(situation.header.status) && isPrepaid(situation);
}

function isReductionWindowClosed({ caller, header, policy, at }: Situation): boolean {
  if (caller === null || policy.seatReductionWindow === null || !isInService(header.status)) return false;
  const from = windowStart(header, at, policy.seatReductionWindowFromEachRenewal);
  return from !== null && at >= addDuration(from, policy.seatReductionWindow, header.zone);
}

/** From where a window is open: the start of the running term, or of the first one. */
export function windowStart(header: Situation['header'], at: Instant, fromEachRenewal: boolean): Instant | null {
  return fromEachRenewal ? (termAt(header, at)?.start ?? null) : header.anchor;
}
