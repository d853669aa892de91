import { productKeyRefusals, productKeyStatus, type IssuedKey } from '@perennial/domain';
import type { ReadClock } from '../ports.ts';
import type { ReadAt } from './read-at.ts';
import type { ProductKeyRow, Queries } from './types.ts';

/** More keys than that never share their last five characters by chance (23⁵ are possible). */
const sameLast5Max = 1_000;

/** Reads about product keys. */
export function keyQueries(read: ReadAt, clock: ReadClock): Pick<Queries, 'productKeys' | 'openKeys'> {
  return {
    productKeys: async (last5, options) => {
      const { asOfPosition, rows } = await read<{ key: IssuedKey }>(
        (schema) => `
          select body as key from ${schema}.product_keys where last5 = $1 order by position limit ${sameLast5Max}`,
        [last5],
        options,
      );
      const now = clock.now();
      return { asOfPosition, keys: rows.map(({ key }) => keyRow(key, now)) };
    },
    openKeys: async (now, limit) => {
      const { rows } = await read<{ key: IssuedKey }>(
        (schema) => `
          select body as key from ${schema}.product_keys
           where parked_revision is null and (reserved_by is not null or expires_at <= $1)
           order by reserved_by is null, position limit $2`,
        [now, limit],
      );
      return rows.map(({ key }) => key.keyId);
    },
  };
}

function keyRow(key: IssuedKey, now: string): ProductKeyRow {
  const { keyId, last5, offer, issuedAt, expiresAt, countries, batch, soldAt, blockedAt } = key;
  const claim = key.redemption ?? key.reservation;
  const { planId, seats, term } = offer;
  const reasonCodes = productKeyRefusals(key, now);
  return {
    keyId,
    last5,
    status: productKeyStatus(key, now),
    valid: reasonCodes.length === 0,
    reasonCodes,
    planId,
    seats,
    term,
    issuedAt,
    soldAt,
    expiresAt,
    blockedAt,
    redeemedAt: key.redemption?.redeemedAt ?? null,
    countries,
    batch,
    order: claim && {
      tenant: claim.order.tenant,
      subscriptionId: claim.order.subscriptionId,
      mode: claim.order.mode,
      reservedAt: claim.reservedAt,
    },
  };
}
