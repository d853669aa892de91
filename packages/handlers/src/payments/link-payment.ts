import {
  decidePayment,
  endingAsFact,
  evolvePayment,
  itemsToApply,
  paymentStream,
  remediesFor,
  type PaymentState,
  type ReasonCode,
} from '@perennial/domain';
import type { EventStore } from '@perennial/event-store';
import type { Clock } from '../clock/clock.ts';
import type { CommandRequest, CommandResult, CommandService } from '../command-handling/command-service.ts';
import { noMetrics, type Metrics } from '../role/metrics.ts';
import { PaymentDesk } from './payment-desk.ts';
import { createPaymentStreams } from './payment-streams.ts';

/** An object of a provider that payments are about. */
export type PaymentName = { readonly provider: string; readonly object: string };

/** Finds the payment that an event of a provider is about, among those that wait. It may know less than the streams. */
export type FindPayment = (providerEventId: string) => Promise<PaymentName | undefined>;

/** Options of {@link linkPayments}. */
export type LinkPaymentsOptions = {
  readonly commands: Pick<CommandService, 'applyFact' | 'execute' | 'load' | 'preview' | 'recordRefusal'>;
  readonly store: EventStore;
  readonly clock: Clock;
  readonly find: FindPayment;
  readonly metrics?: Metrics;
};

/**
 * Executes `link-payment` (domain.md 6.2): what waits of a payment is claimed for the subscription and applied to it, as the
 * matcher would. The subscription only says whether the caller may. `paymentId` is the id of a provider's event in the
 * inbox, or `<provider>/<object>`; an event that is quarantined is taken only when it is named itself.
 */
export function linkPayments(options: LinkPaymentsOptions): (request: CommandRequest) => Promise<CommandResult> {
  const { commands, store, clock, find, metrics = noMetrics } = options;
  const streams = createPaymentStreams({ store, clock, metrics });
  const desk = new PaymentDesk({ streams, commands, clock, metrics });

  return async (request) => {
    const allowed = await commands.execute(request);
    const { command, tenant, subscriptionId } = request;
    if (allowed.kind !== 'accepted' || command.name !== 'link-payment' || subscriptionId === undefined) return allowed;
    const { paymentId } = command.body;
    const found = await find(paymentId);
    const named = found ?? namedPayment(paymentId);
    const refused = (codes: readonly ReasonCode[]): CommandResult => {
      const refusal = refusalFor(codes);
      commands.recordRefusal({ ...request, subscriptionId }, refusal);
      return refusal;
    };
    if (named === undefined) return refused(['PAYMENT_NOT_FOUND']);
    const stream = paymentStream(named.provider, named.object);
    const claim = {
      subscription: { tenant, subscriptionId },
      by: 'operator' as const,
      ...(found === undefined ? {} : { quarantined: [paymentId] }),
    };
    if (request.dryRun === true) {
      const state = await streams.read(stream);
      const asked = decidePayment(state, { kind: 'match', ...claim }, clock.now());
      if (asked.kind === 'refused') return refused(asked.reasonCodes);
      const events = asked.kind === 'accepted' ? asked.events : [];
      const items = itemsToApply(events.reduce<PaymentState>(evolvePayment, state));
      const steps = items.map((item) => ({ fact: item.kind === 'fact' ? item.fact : endingAsFact(item.ending) }));
      const { result } = await commands.preview({ ...request, subscriptionId, steps });
      return result.kind === 'accepted' ? { ...allowed, status: result.status, version: result.version } : allowed;
    }
    const { correlationId, causationId = request.commandId, traceparent, actor } = request;
    const cause = { correlationId, causationId, actor, ...(traceparent === undefined ? {} : { traceparent }) };
    const decision = await desk.match(stream, claim, cause);
    if (decision.kind === 'refused') return refused(decision.reasonCodes);
    await desk.applyMatched(stream, correlationId);
    const header = await commands.load(tenant, subscriptionId);
    if (header === undefined) return { kind: 'not-found' };
    const position = String((await store.lastPosition()) ?? 0n);
    return { ...allowed, status: header.status, version: header.revision, position };
  };
}

/** What a payment's own stream says, in the words of the command. */
function refusalFor([code]: readonly ReasonCode[]): CommandResult {
  const own = code === undefined || code === 'NOT_FOUND' ? 'PAYMENT_NOT_FOUND' : code;
  return { kind: 'refused', reasonCodes: [own], remedies: remediesFor([own]) };
}

/** `<provider>/<object>`: a provider's name has no slash. */
function namedPayment(paymentId: string): PaymentName | undefined {
  const slash = paymentId.indexOf('/');
  return slash < 1 ? undefined : { provider: paymentId.slice(0, slash), object: paymentId.slice(slash + 1) };
}
