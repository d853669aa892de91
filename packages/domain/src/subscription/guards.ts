/**
 * Guards are functions that return reason codes, shared by the machine (which only asks "none?") and the list of actions:
 * the list can never disagree with the handler (`domain.md 6.4`).
 *
 * @module
 */
import { addDuration } from '../calendar/index.ts';
import type { ReasonCode } from '../messages/index.ts';
import { isDeletionDue } from './deadlines.ts';
import {
  isEnded,
  isInService,
  isReactivatedElsewhere,
  needsSupport,
  notSucceeded,
  role,
  type Guard,
  type GuardedBody,
  type GuardedName,
  type GuardsOf,
} from './guard.ts';
import { holdGuards } from './hold-guards.ts';
import { seatGuards, windowStart } from './seat-guards.ts';
import { licenseGuards } from './license-guards.ts';
import { productKeyGuards } from './product-key-guards.ts';
import { supportGuards } from './support-guards.ts';
import { trialGuards } from './trial-guards.ts';
import type { SubscriptionStatus } from './header.ts';
import { paymentMethodRefusals } from './payment-method-guards.ts';
import type { MachineCommand, Situation } from './situation.ts';
import { stateAnswers } from './state-answers.ts';
import { isPrepaid } from './transitions/product-key.ts';
import { amountOpen } from './transitions/reactivation.ts';
import { renewed } from './transitions/successor.ts';

/** All that speaks against a command. `needs` is filled instead of codes for inputs that are yet to be given. */
export type Verdict = { readonly codes: readonly ReasonCode[]; readonly needs: readonly string[] };

type Name = GuardedName;
type Body<N extends Name> = GuardedBody<N>;

/** In the order of `domain.md 6.4`; the state comes before all of them, see {@link verdict}. */
const guards: GuardsOf<Name> = {
  ...seatGuards,
  ...holdGuards,
  ...trialGuards,
  ...supportGuards,
  ...productKeyGuards,
  ...licenseGuards,
  activate: [{ codes: role('activate') }],
  'set-recurring-billing': [
    { codes: role('set-recurring-billing') },
    {
      input: 'on',
      // Prepaid: it is switched on with a card, which is charged when the prepaid term ends (`domain.md 2.1`).
      codes: (situation, { on }) => [
        on &&
          situation.caller !== null &&
          isInService(situation.header.status) &&
          situation.header.paymentMethod === null &&
          isPrepaid(situation) &&
          'PAYMENT_METHOD_REQUIRED',
      ],
    },
  ],
  'cancel-now': [
    { codes: role('cancel-now') },
    {
      codes: (situation) => [
        isCancelWindowClosed(situation) && 'CANCEL_WINDOW_CLOSED',
        isOverCancelLimit(situation) && 'CANCEL_SEAT_LIMIT',
      ],
    },
    {
      codes: ({ policy, caller }) => [
        policy.cancelNeedsDomainRemoved && caller?.tenant?.domainAttached === true && 'DOMAIN_ATTACHED',
      ],
    },
  ],
  'cancel-at-term-end': [{ codes: role('cancel-at-term-end') }],
  'undo-scheduled-cancel': [
    { codes: role('undo-scheduled-cancel') },
    {
      codes: ({ header }) => [
        (header.status === 'active' || header.status === 'reactivated') &&
          header.cancelAt === null &&
          'NOTHING_SCHEDULED',
      ],
    },
  ],
  reactivate: [
    {
      codes: ({ header, policy }) => [
        header.status === 'disabled' && header.termStart === null && 'NOT_YET_ACTIVATED',
        isReactivatedElsewhere(header, policy) && 'NOT_REACTIVATABLE_BY_CHANNEL',
      ],
    },
    notSucceeded,
    { codes: role('reactivate') },
    {
      codes: ({ header, policy }) => [
        needsSupport(header, policy.reactivation.allowedDisableReasons) && 'DISABLED_BY_PROVIDER',
      ],
    },
    {
      codes: ({ header }) => [isEnded(header.status) && header.trial && 'TRIAL_NOT_REACTIVATABLE'],
    },
    {
      codes: ({ caller, at }) => [
        caller?.plan?.endOfSale !== undefined && caller.plan.endOfSale <= at && 'OFFER_END_OF_SALE',
      ],
    },
    { codes: ({ caller }) => [caller?.tenant?.creditCheck === 'pending' && 'CREDIT_CHECK_PENDING'] },
    {
      input: 'paymentMethod',
      codes: (situation, body) => {
        const codes = reactivationMethodRefusals(situation, body);
        return codes.includes('PAYMENT_METHOD_REQUIRED') && isPrepaid(situation)
          ? ['PREPAID_NEEDS_KEY_OR_CARD', ...codes]
          : codes;
      },
    },
    {
      input: 'requireInTerm',
      codes: (situation, { requireInTerm }) => [
        requireInTerm === true &&
          isEnded(situation.header.status) &&
          renewed(situation)?.kind === 'new_term' &&
          'REACTIVATION_NOT_IN_TERM',
      ],
    },
  ],
  disable: [{ codes: role('disable') }],
  'add-payment-method': [
    { codes: role('add-payment-method') },
    {
      input: 'paymentMethod',
      codes: (situation, { paymentMethod }) => paymentMethodRefusals(situation, paymentMethod),
    },
  ],
  'replace-payment-method': [
    { codes: role('replace-payment-method') },
    {
      input: 'paymentMethod',
      codes: (situation, { paymentMethod }) => paymentMethodRefusals(situation, paymentMethod),
    },
  ],
};

/** Inputs without which a command cannot be asked at all, by their names in `contract.md` (Command bodies). */
const requiredInputs: Readonly<Partial<Record<Name, readonly string[]>>> = {
  'set-recurring-billing': ['on'],
  'redeem-key': ['key', 'mode'],
  disable: ['reason'],
  'assign-license': ['userId'],
  'unassign-license': ['userId'],
  'move-license': ['userId', 'toSubscriptionId'],
  'add-payment-method': ['paymentMethod'],
  'replace-payment-method': ['paymentMethod'],
  'add-seats': ['count'],
  'remove-seats': ['count'],
  'change-plan': ['planId'],
  resume: ['hold'],
  'convert-trial': ['paymentMethod'],
  'support-reactivate': ['reason', 'ticket'],
  'update-payment-method': ['securityCodeConfirmed'],
  'link-payment': ['paymentId'],
  'add-note': ['text'],
  'correct-fact': ['eventId', 'reason'],
};

/** Why a command is refused: all codes, the state's first; none = accepted. */
export function refusals(situation: Situation, command: MachineCommand): readonly ReasonCode[] {
  const codes: (ReasonCode | false | undefined)[] = [...stateRefusal(situation, command.name)];
  for (const guard of guardsOf(command.name)) codes.push(...guard.codes(situation, command.body));
  return unique(codes);
}

/** Inputs with so few values that the list of actions tries them: what speaks against one is a reason. */
const triedInputs: ReadonlySet<string> = new Set(['mode', 'when', 'hold', 'on', 'count']);

/**
 * As {@link refusals} for a command whose inputs are yet to be given: a guard on one that nobody can guess is a need, not
 * a reason.
 */
export function verdict(situation: Situation, command: MachineCommand): Verdict {
  const needs = new Set(requiredInputs[command.name] ?? []);
  const codes: (ReasonCode | false | undefined)[] = [...stateRefusal(situation, command.name)];
  for (const guard of guardsOf(command.name)) {
    const found = guard.codes(situation, command.body).filter(Boolean);
    if (guard.input === undefined || triedInputs.has(guard.input)) codes.push(...found);
    else if (found.length > 0) needs.add(guard.input);
  }
  return { codes: unique(codes), needs: [...needs] };
}

/** The state that answers: once deletion is due, a late timer makes no difference (`domain.md 6.6`). */
export function answeringStatus({ header, at }: Pick<Situation, 'header' | 'at'>): SubscriptionStatus {
  return isDeletionDue(header, at) ? 'deleted' : header.status;
}

function stateRefusal(situation: Situation, name: Name): readonly ReasonCode[] {
  const status = answeringStatus(situation);
  const comesBack = name === 'reactivate' || name === 'support-reactivate';
  if (comesBack && status === 'deleted' && isEnded(situation.header.status)) return ['RETENTION_ELAPSED'];
  const code = stateAnswers[name][status];
  return code === undefined ? [] : [code];
}

function guardsOf(name: Name): readonly Guard<Name>[] {
  // A guard of a command is only ever given that command's body: both are found by the same name.
  return guards[name] as readonly Guard<Name>[];
}

function unique(codes: readonly (ReasonCode | false | undefined)[]): readonly ReasonCode[] {
  const given = codes.filter((code) => code !== undefined && code !== false);
  return given.length > 1 ? [...new Set(given)] : given;
}

function isOverCancelLimit({ header, policy }: Situation): boolean {
  const seats = policy.cancelSeatLimitCounts === 'assigned' ? header.seatsAssigned : header.seatsPurchased;
  const cancellable = header.status === 'active' || header.status === 'reactivated';
  return cancellable && policy.cancelSeatLimit !== null && seats > policy.cancelSeatLimit;
}

/** The policy's window for cancelling now (`domain.md 1.3`). */
function isCancelWindowClosed({ header, policy, caller, at }: Situation): boolean {
  const country = caller?.tenant?.country;
  const window =
    (country === undefined ? undefined : policy.cancellationWindowByCountry[country]) ?? policy.cancellationWindow;
  // A trial may be ended at any time, and a provider's ending is not a request (`domain.md 6.10` rule 7).
  const isAsked = caller !== null && caller.actorType !== 'provider' && header.status === 'active' && !header.trial;
  if (!isAsked || window === null) return false;
  const from = windowStart(header, at, policy.cancellationWindowFromEachRenewal);
  return from !== null && at >= addDuration(from, window, header.zone);
}

/** Payment details are asked for where something has to be paid. */
function reactivationMethodRefusals(situation: Situation, body: Body<'reactivate'>): readonly ReasonCode[] {
  const { header, caller } = situation;
  const resumed = caller !== null && isEnded(header.status) ? renewed(situation) : null;
  if (resumed === null) return [];
  const method = body.paymentMethod ?? header.paymentMethod;
  const { keepsSubscription } = situation.policy.reactivation;
  const open = keepsSubscription ? amountOpen(header, resumed.due) : resumed.due;
  if (method !== null) {
    const isSame = body.paymentMethod === undefined && wasDeclined(header) && open !== 0;
    return [...paymentMethodRefusals(situation, method), ...(isSame ? (['PAYMENT_METHOD_DECLINED'] as const) : [])];
  }
  return open === 0 ? [] : ['PAYMENT_METHOD_REQUIRED'];
}

/** The last reactivation failed with the method on file: it is tried again only when its details are given again (`domain.md 1.6`). */
function wasDeclined({ declinedAt, methodChangedAt }: Situation['header']): boolean {
  return declinedAt !== null && (methodChangedAt === null || methodChangedAt <= declinedAt);
}
