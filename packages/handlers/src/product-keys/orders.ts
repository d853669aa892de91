import type { IssuedKey, KeyReservation } from '@perennial/domain';
import type { CommandResult } from '../command-handling/command-service.ts';
import { createLanes } from '../lanes/lanes.ts';
import type { KeyStreams } from './key-streams.ts';
import type { KeyCause } from './product-key-service.ts';
import type { SubscriptionSide } from './subscription-side.ts';

/** Orders that have a key reserved, and how they are finished. */
export type Orders = {
  /**
   * Gives the subscription what the key is worth, then redeems the key, or releases it with the subscription's refusal.
   * May be called again and again, by anybody: the reservation names every id that is used.
   */
  finish(key: IssuedKey, reservation: KeyReservation): Promise<CommandResult>;
  /** Finishes the open order of a key, or notes that its time is over; answers whether anything was left to do. */
  driveOn(keyId: string): Promise<boolean>;
};

/** The process manager between a key and a subscription. The open reservation is its whole state. */
export function createOrders({
  streams,
  subscriptions,
}: {
  readonly streams: KeyStreams;
  readonly subscriptions: SubscriptionSide;
}): Orders {
  // One at a time per key: of two callers in this process the second finds what the first one did.
  const lanes = createLanes({ inFlightCountMax: 64, waitingCountMax: 4_096 });

  const finish = async (key: IssuedKey, reservation: KeyReservation): Promise<CommandResult> => {
    const { reservationId, order } = reservation;
    const about: KeyCause & { readonly tenant: string } = { ...order, causationId: order.commandId };
    const result = await subscriptions.give(reservation, key);
    if (result.kind !== 'accepted' && result.kind !== 'repeated') {
      await streams.handle(key.keyId, { kind: 'release', reservationId, reasonCodes: codesOf(result) }, about);
      return result;
    }
    const { position, state } = await streams.handle(key.keyId, { kind: 'redeem', reservationId }, about);
    if (state?.redemption?.reservationId !== reservationId) {
      throw new KeyGivenTwiceError(key.keyId, reservation);
    }
    return { ...result, position: String(position) };
  };

  return {
    finish: (key, reservation) => lanes.run(key.keyId, () => finish(key, reservation)),
    driveOn: (keyId) =>
      lanes.run(keyId, async () => {
        const { state } = await streams.read(keyId);
        if (state === null) return false;
        if (state.reservation !== null) {
          await finish(state, state.reservation);
          return true;
        }
        const { decision } = await streams.handle(keyId, { kind: 'tick' }, clockCause(keyId));
        return decision.kind === 'accepted';
      }),
  };
}

/**
 * Two processes drove one order on; the subscription refused it to the one and accepted it from the other, and a third
 * order claimed the key in between. A person has to look: the subscription keeps what it was given.
 */
export class KeyGivenTwiceError extends Error {
  override readonly name = 'KeyGivenTwiceError';
  readonly code = 'KEY_GIVEN_TWICE';
  constructor(keyId: string, { order }: KeyReservation) {
    super(
      `Key ${keyId} was given to ${order.tenant}/${order.subscriptionId}, but its order had been released and another holds the key: correct the subscription by hand.`,
    );
  }
}

function clockCause(keyId: string): KeyCause {
  const commandId = `timer:key-expiry:${keyId}`;
  return { actor: { type: 'system', id: 'product-keys' }, roles: [], correlationId: commandId, commandId };
}

/** Why a key is released, in reason codes where there are some. */
function codesOf(result: CommandResult): readonly string[] {
  if (result.kind === 'refused') return result.reasonCodes;
  return [result.kind.toUpperCase().replaceAll('-', '_')];
}
