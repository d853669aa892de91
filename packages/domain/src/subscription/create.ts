import { addDuration } from '../calendar/index.ts';
import type { ReasonCode } from '../messages/index.ts';
import { policyFor, profileId, roleRefusal, type PolicyProfile } from '../policy/index.ts';
import type { SubscriptionCommand } from './commands.ts';
import type { DecisionContext, SubscriptionDecision } from './decision.ts';
import { refused } from './refusal.ts';

type CreateBody = Extract<SubscriptionCommand, { name: 'create' }>['body'];

/** Bought, not yet activated (`domain.md 6.1`). Nothing exists before, so the machine has no part in it. */
export function create(body: CreateBody, context: DecisionContext): SubscriptionDecision {
  const policy = policyFor(body.profile);
  if (!policy) return refused(['PROFILE_UNKNOWN']);
  const codes = refusals(body, policy, context);
  if (codes.length > 0) return refused(codes);
  const { seats, profile: _, startsAt, price, ...rest } = body;
  const isAwaited = startsAt === undefined && !body.trial && body.reactivatedFrom === undefined;
  const giveUp = isAwaited ? policy.firstPaymentWindow : null;
  return {
    kind: 'accepted',
    events: [
      {
        type: 'SubscriptionCreated',
        data: {
          ...context.target,
          ...rest,
          seats,
          ...(context.plan?.unit === 'storage' ? { unit: context.plan.unit } : {}),
          profile: profileId(policy),
          ...(startsAt === undefined ? {} : { startsAt }),
          ...(giveUp === null ? {} : { firstPaymentBy: addDuration(context.now, giveUp, body.zone) }),
          ...(price === undefined ? {} : { price }),
        },
        effectiveAt: context.now,
      },
    ],
  };
}

function refusals(body: CreateBody, policy: PolicyProfile, context: DecisionContext): ReasonCode[] {
  const { roles, plan, now } = context;
  const role = roleRefusal(policy, { command: 'create', roles, channel: body.channel });
  return [
    ...(role === null ? [] : [role]),
    ...(body.trial && context.trialUsed === true ? (['TRIAL_ALREADY_USED'] as const) : []),
    ...(plan?.endOfSale !== undefined && plan.endOfSale <= now ? (['OFFER_END_OF_SALE'] as const) : []),
  ];
}
