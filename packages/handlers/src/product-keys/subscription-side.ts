import type { IssuedKey, KeyReservation, SubscriptionCommand } from '@perennial/domain';
import type { CommandRequest, CommandResult, CommandService } from '../command-handling/command-service.ts';

/** What the subscription has to say to an order. */
export type SubscriptionSide = {
  /** What it would say, with nothing appended. */
  ask(order: KeyReservation, key: IssuedKey, about: Preview): Promise<CommandResult>;
  /** Gives it what the key is worth. Given twice, it answers the second time as it did the first. */
  give(order: KeyReservation, key: IssuedKey): Promise<CommandResult>;
};

/** What only a caller that waits for the answer knows. */
export type Preview = { readonly expectedVersion?: number | undefined };

/** See {@link SubscriptionSide}. */
export function createSubscriptionSide(commands: Pick<CommandService, 'execute'>): SubscriptionSide {
  return {
    ask: (reservation, key, { expectedVersion }) => {
      const [first] = steps(reservation, key);
      const version = expectedVersion === undefined ? {} : { expectedVersion };
      return commands.execute({ ...request(reservation, first), dryRun: true, ...version });
    },
    give: async (reservation, key) => {
      const [first, ...rest] = steps(reservation, key);
      let result = await commands.execute(request(reservation, first));
      for (const step of rest) {
        if (result.kind !== 'accepted' && result.kind !== 'repeated') return result;
        result = joined(result, await commands.execute(request(reservation, step)));
      }
      return result;
    },
  };
}

type Step = { readonly suffix: string; readonly command: SubscriptionCommand };

/** The commands of an order, each with an id of its own that follows from the reservation: repeating one changes nothing. */
function steps({ order }: KeyReservation, { keyId, last5, offer }: IssuedKey): readonly [Step, ...Step[]] {
  const { create, mode } = order;
  const redeem: Step = { suffix: '', command: { name: 'redeem-key', body: { mode, keyId, last5, ...offer } } };
  if (create === undefined) return [redeem];
  const { planId, seats, term } = offer;
  // Prepaid: nothing is charged when the term is over, unless the customer turns it on.
  const prepaid = { channel: 'direct', recurringBilling: false, trial: false, providerRefs: {} } as const;
  const made = { ...create, planId, seats, term, ...prepaid };
  return [{ suffix: ':create', command: { name: 'create', body: made } }, redeem];
}

function request({ reservationId, order }: KeyReservation, { suffix, command }: Step): CommandRequest {
  const { tenant, subscriptionId, actor, roles, correlationId, commandId } = order;
  return {
    tenant,
    subscriptionId,
    command,
    commandId: `key:${reservationId}${suffix}`,
    actor,
    roles,
    correlationId,
    causationId: commandId,
  };
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
