import type { IssuedKey, KeyOrder, KeyReservation, SubscriptionCommand } from '@perennial/domain';
import type { CommandRequest, CommandResult, CommandService } from '../command-handling/command-service.ts';

/** What the subscription has to say to an order. */
export type SubscriptionSide = {
  /** What it would say to several orders, one after the other, with nothing appended. */
  ask(claims: readonly Claim[], about: Preview): Promise<{ result: CommandResult; refusedOrder: number | null }>;
  /** Gives it what the key is worth. Given twice, it answers the second time as it did the first. */
  give(order: KeyReservation, key: IssuedKey): Promise<CommandResult>;
};

/** A key and the order that would have it. */
export type Claim = { readonly order: KeyOrder; readonly key: IssuedKey };

/** What only a caller that waits for the answer knows. */
export type Preview = { readonly expectedVersion?: number | undefined };

/** See {@link SubscriptionSide}. */
export function createSubscriptionSide(commands: Pick<CommandService, 'execute' | 'preview'>): SubscriptionSide {
  return {
    ask: async (claims, { expectedVersion }) => {
      const [first] = claims;
      if (first === undefined) throw new RangeError('no key is asked about');
      const { tenant, subscriptionId, actor, roles, correlationId } = first.order;
      const asked = claims.flatMap(({ order, key }, claim) => steps(order, key).map((step) => ({ ...step, claim })));
      const { result, refusedStep } = await commands.preview({
        tenant,
        subscriptionId,
        actor,
        roles,
        correlationId,
        steps: asked,
        ...(expectedVersion === undefined ? {} : { expectedVersion }),
      });
      return { result, refusedOrder: refusedStep === null ? null : (asked[refusedStep]?.claim ?? 0) };
    },
    give: async ({ order }, key) => {
      const [first, ...rest] = steps(order, key);
      let result = await commands.execute(request(order, first));
      for (const step of rest) {
        if (result.kind !== 'accepted' && result.kind !== 'repeated') return result;
        result = joined(result, await commands.execute(request(order, step)));
      }
      return result;
    },
  };
}

type Step = { readonly commandId: string; readonly command: SubscriptionCommand };

/**
 * The commands of an order. Their ids follow from the order's own, so that repeating one changes nothing and the same id
 * with another key, or with another command, is recognised by the subscription.
 */
function steps(order: KeyOrder, { keyId, last5, offer }: IssuedKey): readonly [Step, ...Step[]] {
  const { create, mode, fewerSeats, commandId } = order;
  const body = { mode, keyId, last5, ...offer, ...(fewerSeats === true ? { fewerSeats } : {}) };
  const redeem: Step = { commandId, command: { name: 'redeem-key', body } };
  if (create === undefined) return [redeem];
  const { planId, seats, term } = offer;
  // Prepaid: nothing is charged when the term is over, unless the customer turns it on.
  const prepaid = { channel: 'direct', recurringBilling: false, trial: false, providerRefs: {} } as const;
  const made = { ...create, planId, seats, term, ...prepaid };
  return [{ commandId: `key:create:${commandId}`, command: { name: 'create', body: made } }, redeem];
}

function request(order: KeyOrder, { commandId, command }: Step): CommandRequest {
  const { tenant, subscriptionId, actor, roles, correlationId } = order;
  return { tenant, subscriptionId, command, commandId, actor, roles, correlationId, causationId: order.commandId };
}

/** Two steps are one answer: as it stands after the second, with the events of both. */
function joined(
  first: Extract<CommandResult, { kind: 'accepted' | 'repeated' }>,
  second: CommandResult,
): CommandResult {
  if (second.kind !== 'accepted' && second.kind !== 'repeated') return second;
  const { kind } = first.kind === 'repeated' && second.kind === 'repeated' ? first : { kind: 'accepted' as const };
  return { ...second, kind, events: [...first.events, ...second.events] };
}
