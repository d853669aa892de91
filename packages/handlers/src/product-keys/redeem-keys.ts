import { decideProductKey, readKey, type IssuedKey, type KeyReading, type KeyReservation } from '@perennial/domain';
import type { KeyDesk } from './create-product-key-service.ts';
import { refusal } from './issue-keys.ts';
import type {
  KeyOutcome,
  KeyRefusal,
  RedeemRequest,
  RedeemResult,
  RedeemSeveralRequest,
  RedeemSeveralResult,
} from './product-key-service.ts';
import {
  contextOf,
  guesserOf,
  heldByAnother,
  orderOf,
  redeemKey,
  refuse,
  tooManyGuesses,
  toResult,
  unavailable,
} from './redeem-key.ts';

/** Redeems the keys of one order: all are asked before the first is redeemed, see `redeemSeveral` of the service. */
export async function redeemKeys(desk: KeyDesk, request: RedeemSeveralRequest): Promise<RedeemSeveralResult> {
  const readings = request.keys.map(readKey);
  const refused = (result: KeyRefusal, keys = readings.map((reading) => outcome(reading))): RedeemSeveralResult => ({
    ...refuse(desk, request, result),
    keys,
  });
  const written = readings.map((reading, index) => writtenWrong(reading, readings.slice(0, index)));
  if (written.some((found) => found !== null)) return refused(all(written), outcomesOf(readings, written));
  const limited = tooManyGuesses(desk, request);
  if (limited !== null) return refused(limited);
  const requests = request.keys.map((_, index) => requestOf(request, index));
  try {
    const asked = await askKeys(desk, readings, requests);
    const outcomes = (against: readonly (KeyRefusal | null)[]): KeyOutcome[] =>
      outcomesOf(readings, against).map((found, index) => ({ ...found, redeemed: isRedeemed(asked[index]) }));
    if (asked.some((found) => 'kind' in found)) {
      const against = asked.map((found) => ('kind' in found ? found : null));
      return refused(all(against), outcomes(against));
    }
    const claims = asked.flatMap((found) => ('kind' in found ? [] : [{ order: found.claim.order, key: found.key }]));
    const { expectedVersion } = request;
    const { result, refusedOrder } = await desk.subscriptions.ask(claims, { expectedVersion });
    const answer = toResult(result);
    if (answer.kind === 'refused') {
      return refused(answer, outcomes(readings.map((_, index) => (index === refusedOrder ? answer : null))));
    }
    const isTaken = answer.kind === 'accepted' || answer.kind === 'repeated';
    if (request.dryRun === true || !isTaken) return { ...answer, keys: readings.map((reading) => outcome(reading)) };
  } catch (error) {
    return refused(unavailable(desk, error));
  }
  return redeemEach(desk, readings, requests);
}

/** The parts of an order: a new subscription is made by the first key, and the others add their seats. */
function requestOf({ keys, ...request }: RedeemSeveralRequest, index: number): RedeemRequest {
  const key = keys[index] ?? '';
  if (index === 0) return { ...request, key };
  const { create: _create, expectedVersion: _version, ...rest } = request;
  const mode = request.mode === 'new' ? 'add-seats' : request.mode;
  // The first part has the id of the order, which also names the subscription that is made.
  const subscriptionId = request.subscriptionId ?? orderOf({ ...request, key }, {}).order.subscriptionId;
  return { ...rest, key, mode, subscriptionId, commandId: `key:${index}:${request.commandId}` };
}

/** What can be told without looking anything up. */
function writtenWrong(reading: KeyReading, before: readonly KeyReading[]): KeyRefusal | null {
  if (reading.kind === 'malformed') return refusal(['KEY_MALFORMED']);
  const isDouble = before.some((other) => other.kind === 'key' && other.key === reading.key);
  return isDouble ? refusal(['KEY_ALREADY_ENTERED']) : null;
}

type Asked =
  | {
      readonly key: IssuedKey;
      readonly claim: KeyReservation;
      /** By this very order, the last time that it was given. */
      readonly redeemed: boolean;
    }
  | KeyRefusal;

function isRedeemed(asked: Asked | undefined): boolean {
  return asked !== undefined && 'key' in asked && asked.redeemed;
}

/** What each key says for itself, with nothing appended. */
async function askKeys(
  desk: KeyDesk,
  readings: readonly KeyReading[],
  requests: readonly RedeemRequest[],
): Promise<readonly Asked[]> {
  const asked: Asked[] = [];
  for (const [index, request] of requests.entries()) {
    const reading = readings[index];
    if (reading?.kind !== 'key') throw new RangeError('only keys that can be read are asked about');
    const found = await askKey(desk, reading.key, request);
    const [first] = asked;
    // The time of a longer key would be lost: the seats that it adds end with the term of the first.
    const isOfOtherTerm =
      first !== undefined &&
      'key' in first &&
      'key' in found &&
      requests[0]?.mode === 'new' &&
      found.key.offer.term !== first.key.offer.term;
    asked.push(isOfOtherTerm ? refusal(['KEY_PLAN_MISMATCH']) : found);
  }
  return asked;
}

async function askKey(desk: KeyDesk, text: string, request: RedeemRequest): Promise<Asked> {
  const keyId = (await desk.secret()).idOf(text);
  const { state } = await desk.streams.read(keyId);
  if (state === null) {
    desk.guesses.wrong(guesserOf(request));
    return refusal(['KEY_NOT_FOUND']);
  }
  const { order, country } = orderOf(request, await desk.tenants.factsOf(request.tenant));
  const now = desk.clock.now();
  const claim = { reservationId: desk.newId(), order, reservedAt: now };
  const asked = decideProductKey(state, { kind: 'reserve', ...claim }, { ...contextOf(desk, state, country), now });
  switch (asked.kind) {
    case 'accepted':
      return { key: state, claim, redeemed: false };
    case 'repeated':
      return { key: state, claim: asked.reservation, redeemed: state.redemption !== null };
    case 'reserved':
      return heldByAnother(asked.reservation, order);
    case 'refused':
      return refusal(asked.reasonCodes, asked);
    case 'nothing':
      throw new TypeError('A reservation was decided like a repeat of something else.');
    default:
      return asked satisfies never;
  }
}

/** One after the other; what comes in between after all stops the rest. */
async function redeemEach(
  desk: KeyDesk,
  readings: readonly KeyReading[],
  requests: readonly RedeemRequest[],
): Promise<RedeemSeveralResult> {
  const outcomes = readings.map((reading) => outcome(reading));
  let taken: RedeemResult | null = null;
  for (const [index, request] of requests.entries()) {
    const result = await redeemKey(desk, request);
    const reading = readings[index];
    if (reading === undefined) break;
    if (result.kind !== 'accepted' && result.kind !== 'repeated') {
      const found = result.kind === 'refused' ? result : refusal(['VERSION_CONFLICT']);
      outcomes[index] = outcome(reading, found);
      // What passes by itself is asked again under the same command id, and goes on from here.
      const isOver = taken !== null && !found.reasonCodes.includes('KEY_SERVICE_UNAVAILABLE');
      return { ...(isOver && taken !== null ? taken : result), keys: outcomes };
    }
    outcomes[index] = { ...outcome(reading), redeemed: true };
    taken = joined(taken, result);
  }
  if (taken === null) throw new RangeError('an order has one key at least');
  return { ...taken, keys: outcomes };
}

/** As it stands after the last, with the events of all. */
function joined(before: RedeemResult | null, result: Extract<RedeemResult, { events: unknown }>): RedeemResult {
  if (before === null || !('events' in before)) return result;
  const kind = before.kind === 'repeated' && result.kind === 'repeated' ? 'repeated' : 'accepted';
  return { ...result, kind, events: [...before.events, ...result.events] };
}

function outcome(reading: KeyReading, against?: KeyRefusal): KeyOutcome {
  const { reasonCodes = [], remedies = [], redeemedBy } = against ?? {};
  const last5 = reading.kind === 'key' ? reading.key.slice(-5) : null;
  return { last5, redeemed: false, reasonCodes, remedies, ...(redeemedBy === undefined ? {} : { redeemedBy }) };
}

function outcomesOf(readings: readonly KeyReading[], against: readonly (KeyRefusal | null)[]): KeyOutcome[] {
  return readings.map((reading, index) => outcome(reading, against[index] ?? undefined));
}

/** The refusal of an order: all that speaks against its keys. */
function all(refusals: readonly (KeyRefusal | null)[]): KeyRefusal {
  const found = refusals.filter((each) => each !== null);
  const remedies = new Map(found.flatMap((each) => each.remedies).map((remedy) => [remedy.text.en, remedy]));
  const reasonCodes = [...new Set(found.flatMap((each) => each.reasonCodes))];
  return { kind: 'refused', reasonCodes, remedies: [...remedies.values()] };
}
