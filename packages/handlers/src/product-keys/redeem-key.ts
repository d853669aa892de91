import {
  decideProductKey,
  readKey,
  redeemedBy,
  remediesFor,
  type IssuedKey,
  type KeyOrder,
  type KeyReservation,
  type ProductKeyContext,
  type ProductKeyDecision,
  type ReasonCode,
} from '@perennial/domain';
import { subscriptionIdFor } from '../command-handling/command-identity.ts';
import type { CommandResult } from '../command-handling/command-service.ts';
import { classifyFailure, failureCode, failureMessage } from '../retry/classify-failure.ts';
import type { KeyDesk } from './create-product-key-service.ts';
import { refusal, sha256 } from './issue-keys.ts';
import type { Guesser } from './guess-limit.ts';
import type { KeyCause, KeyRefusal, RedeemRequest, RedeemResult } from './product-key-service.ts';

/** Orders of others that may have to be finished first, one after the other, before this one gives up. */
const attemptCountMax = 5;
/** `domain.md 2.2` row 6: "wait a few minutes". */
const unavailableSeconds = 60;

/**
 * Redeems a key: reserve at an exact revision of the key's stream, then act on the subscription, then redeem or release.
 * Whoever comes second finishes the order that is under way before it is told that the key is gone.
 */
export async function redeemKey(desk: KeyDesk, request: RedeemRequest): Promise<RedeemResult> {
  const reading = readKey(request.key);
  if (reading.kind === 'malformed') return refuse(desk, request, refusal(['KEY_MALFORMED']));
  const limited = tooManyGuesses(desk, request);
  if (limited !== null) return refuse(desk, request, limited);
  try {
    const keyId = (await desk.secret()).idOf(reading.key);
    const result = await redeem(desk, keyId, request);
    if (result.kind === 'refused' && result.reasonCodes.includes('KEY_NOT_FOUND'))
      desk.guesses.wrong(guesserOf(request));
    return refuse(desk, request, result);
  } catch (error) {
    return unavailable(desk, error);
  }
}

/** Null: not yet. */
export function tooManyGuesses(
  { guesses }: KeyDesk,
  request: Pick<RedeemRequest, 'tenant' | 'actor'>,
): KeyRefusal | null {
  const waitMs = guesses.waitMs(guesserOf(request));
  return waitMs > 0 ? refusal(['RATE_LIMITED'], { retryAfterSeconds: Math.ceil(waitMs / 1000) }) : null;
}

/** Who is told apart by the limit on guesses. */
export function guesserOf({ tenant, actor }: Pick<RedeemRequest, 'tenant' | 'actor'>): Guesser {
  return { tenant, caller: actor.id };
}

async function redeem(desk: KeyDesk, keyId: string, request: RedeemRequest): Promise<RedeemResult> {
  const order = orderOf(request, await desk.tenants.factsOf(request.tenant));
  for (let attempt = 1; attempt <= attemptCountMax; attempt += 1) {
    const { state } = await desk.streams.read(keyId);
    if (state === null) return refusal(['KEY_NOT_FOUND']);
    const claim = { reservationId: desk.newId(), order: order.order, reservedAt: desk.clock.now() };
    const context = contextOf(desk, state, order.country);
    const asked = decideProductKey(state, { kind: 'reserve', ...claim }, { ...context, now: desk.clock.now() });
    if (request.dryRun === true) return preview(desk, { asked, state, claim, request });
    if (asked.kind === 'accepted' || (asked.kind === 'refused' && asked.redeemedBy === undefined)) {
      const refused = await askBoth(desk, { asked, state, claim, request });
      if (refused !== null) return refused;
    }
    const { decision, state: after } = await desk.streams.handle(
      keyId,
      { kind: 'reserve', ...claim },
      request,
      context,
    );
    const answer = await afterReserving(desk, decision, after ?? state, claim);
    if (answer !== null) return answer;
  }
  return refusal(['KEY_SERVICE_UNAVAILABLE'], { retryAfterSeconds: unavailableSeconds });
}

/** Null: the way is free, or another order stands in it; ask again. */
async function afterReserving(
  desk: KeyDesk,
  decision: ProductKeyDecision,
  key: IssuedKey,
  claim: KeyReservation,
): Promise<RedeemResult | null> {
  switch (decision.kind) {
    case 'accepted':
      return toResult(as('accepted', await desk.orders.finish(key, claim)));
    case 'repeated':
      return toResult(as('repeated', await desk.orders.finish(key, decision.reservation)));
    case 'reserved':
      await desk.orders.driveOn(key.keyId);
      return null;
    case 'refused':
      return refusal(decision.reasonCodes, decision);
    case 'nothing':
      throw new TypeError('A reservation was decided like a repeat of something else.');
    default:
      return decision satisfies never;
  }
}

type Question = {
  /** What the key says. */
  readonly asked: ProductKeyDecision;
  readonly state: IssuedKey;
  readonly claim: KeyReservation;
  readonly request: RedeemRequest;
};

/** The same answer with nothing appended. */
async function preview(desk: KeyDesk, question: Question): Promise<RedeemResult> {
  const { asked, state, claim, request } = question;
  if (asked.kind === 'reserved') return heldByAnother(asked.reservation, claim.order);
  if (asked.kind === 'repeated') {
    const { result } = await desk.subscriptions.ask([{ order: asked.reservation.order, key: state }], {});
    return toResult(result);
  }
  if (asked.kind === 'refused' && asked.redeemedBy !== undefined) return refusal(asked.reasonCodes, asked);
  const refused = await askBoth(desk, question);
  if (refused !== null) return refused;
  if (asked.kind === 'refused') return refusal(asked.reasonCodes, asked);
  const { expectedVersion } = request;
  const { result } = await desk.subscriptions.ask([{ order: claim.order, key: state }], { expectedVersion });
  return toResult(result);
}

/** Whoever holds it will have it. */
export function heldByAnother(reservation: KeyReservation, order: KeyOrder): KeyRefusal {
  return refusal(['KEY_ALREADY_REDEEMED'], { redeemedBy: redeemedBy(reservation.order, order) });
}

/** Everything that speaks against the order, on both sides, before anything is appended; null: nothing does. */
async function askBoth(desk: KeyDesk, { asked, state, claim, request }: Question): Promise<RedeemResult | null> {
  const own = asked.kind === 'refused' ? asked.reasonCodes : [];
  const { expectedVersion } = request;
  const claims = [{ order: claim.order, key: state }];
  const { result: theirs } = await desk.subscriptions.ask(claims, { expectedVersion });
  if (theirs.kind === 'refused') return bothRefuse(own, theirs, asked);
  // The key's own refusal is decided once more where it is appended: it may come with an event.
  if (own.length > 0) return null;
  return theirs.kind === 'accepted' || theirs.kind === 'repeated' ? null : theirs;
}

function bothRefuse(
  own: readonly ReasonCode[],
  theirs: Extract<CommandResult, { kind: 'refused' }>,
  asked: ProductKeyDecision,
): KeyRefusal {
  const mine = refusal(own, asked.kind === 'refused' ? asked : {});
  const known = new Set(mine.remedies.map(({ text }) => text.en));
  return {
    kind: 'refused',
    reasonCodes: [...new Set([...own, ...theirs.reasonCodes])],
    remedies: [...mine.remedies, ...theirs.remedies.filter(({ text }) => !known.has(text.en))],
  };
}

/** The order as it will be kept with the key, and the country that it is given from. */
export function orderOf(
  request: RedeemRequest,
  facts: { readonly zone?: string | undefined; readonly country?: string | undefined },
): { readonly order: KeyOrder; readonly country: string | undefined } {
  const { tenant, mode, create, fewerSeats, commandId, actor, roles, correlationId } = request;
  const subscriptionId = request.subscriptionId ?? subscriptionIdFor(tenant, commandId);
  const made = create && {
    zone: create.zone ?? facts.zone ?? 'UTC',
    profile: create.profile ?? 'direct-mosa-2020',
  };
  return {
    country: facts.country,
    order: {
      tenant,
      subscriptionId,
      mode,
      ...(fewerSeats === true ? { fewerSeats } : {}),
      ...(made === undefined ? {} : { create: made }),
      commandId,
      commandHash: sha256({ tenant, subscriptionId, mode, create: create ?? null, fewerSeats: fewerSeats ?? false }),
      actor: { type: actor.type, id: actor.id },
      roles: [...roles],
      correlationId,
    },
  };
}

/** What the catalogue and the tenant say to a key. */
export function contextOf(
  { plans }: KeyDesk,
  { offer }: IssuedKey,
  country: string | undefined,
): Omit<ProductKeyContext, 'now'> {
  return { country, plan: plans.plan(offer.planId) };
}

/** Whoever finished the order in the end: to the first who asked it is new, to every other a repeat. */
function as(kind: 'accepted' | 'repeated', result: CommandResult): CommandResult {
  return result.kind === 'accepted' || result.kind === 'repeated' ? { ...result, kind } : result;
}

/** The subscription's answer as an answer to the order. */
export function toResult(result: CommandResult): RedeemResult {
  return result.kind === 'refused'
    ? { kind: 'refused', reasonCodes: result.reasonCodes, remedies: result.remedies }
    : result;
}

/** Attempts of a tenant are kept together: a stream for each id that somebody makes up would have no bound. */
const attemptsOnKeys = '_product-keys';

/** Auditors ask who tried what (`domain.md 6.2`); of the key nothing is kept. */
export function refuse<R extends { readonly kind: string }>(
  desk: KeyDesk,
  request: Pick<RedeemRequest, 'tenant' | 'commandId' | 'dryRun'> & KeyCause,
  result: R | KeyRefusal,
): R | KeyRefusal {
  if (!isRefusal(result) || request.dryRun === true) return result;
  const { tenant, commandId } = request;
  desk.attempts.record({
    tenant,
    subscriptionId: attemptsOnKeys,
    command: 'redeem-key',
    commandId,
    reasonCodes: result.reasonCodes,
    status: undefined,
    firstEventId: undefined,
    cause: request,
    now: desk.clock.now(),
  });
  return result;
}

function isRefusal(result: { readonly kind: string }): result is KeyRefusal {
  return result.kind === 'refused';
}

/** What will pass by itself is said so; the order, if one was begun, is finished by the next who asks, or at start-up. */
export function unavailable({ log }: KeyDesk, error: unknown): KeyRefusal {
  const isKnown = failureCode(error) === 'KEY_SECRET_MISSING';
  if (!isKnown && classifyFailure(error) !== 'transient') throw error;
  log[isKnown ? 'error' : 'warn']({ code: failureCode(error) }, `product keys: ${failureMessage(error)}`);
  const codes = ['KEY_SERVICE_UNAVAILABLE'] as const;
  return { kind: 'refused', reasonCodes: codes, remedies: remediesFor(codes), retryAfterSeconds: unavailableSeconds };
}
