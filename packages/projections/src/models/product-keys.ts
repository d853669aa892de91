import {
  evolveProductKey,
  productKeyPrefix,
  type IssuedKey,
  type ProductKeyEvent,
  type ProductKeyState,
} from '@perennial/domain';
import type { RecordedEvent } from '@perennial/event-store';
import { defineProjection, rootKey } from '../projection/projection.ts';
import { storableText } from '../sql/jsonb.ts';

/** The ledger of product keys (`domain.md 6.7.9`), one row per key: by its last five characters, never by itself. */
export const keyLedger = defineProjection<IssuedKey>({
  name: 'key-ledger',
  version: 1,
  table: {
    name: 'product_keys',
    columns: [
      { name: 'last5', type: 'text' },
      // Whose order is under way: to be finished at start-up.
      { name: 'reserved_by', type: 'text' },
      // Until when it can be redeemed, while it can.
      { name: 'expires_at', type: 'text' },
    ],
    indexes: [
      '(last5, position)',
      '(position) where reserved_by is not null',
      '(expires_at) where expires_at is not null',
    ],
  },
  handles: { streamPrefix: productKeyPrefix, types: 'all' },
  root: true,
  keys: () => [rootKey],
  apply: (event, key) => fold(key, event),
  columns: (key) => ({
    last5: key.last5,
    reserved_by: key.reservation && storableText(key.reservation.order.tenant),
    expires_at: isOpen(key) ? key.expiresAt : null,
  }),
});

function fold(key: ProductKeyState, { type, data, metadata }: RecordedEvent): ProductKeyState {
  // The door has validated `data` against the schema of `type`.
  return evolveProductKey(key, { type, data, effectiveAt: metadata.effectiveAt } as ProductKeyEvent);
}

function isOpen({ redemption, reservation, expiredAt }: IssuedKey): boolean {
  return redemption === null && reservation === null && expiredAt === null;
}
