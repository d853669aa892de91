import { createHash } from 'node:crypto';
import { CommandHandler } from '@event-driven-io/emmett';
import { getPostgreSQLEventStore } from '@event-driven-io/emmett-postgresql';
import { decide, subscriptionStream, type SubscriptionHeader, type SubscriptionInput } from '@perennial/domain';
import { Pool } from 'pg';
import { contextOf } from '../load/history.ts';
import type { Subscription } from '../load/payments.ts';
import { aggregate, storedForm, type StoredEvent } from './events.ts';
import { subscriptionProjection, tableSql } from './projection.ts';

/** Who caused what is being decided. */
export type Cause = {
  readonly actor: { readonly type: string; readonly id: string };
  readonly correlationId: string;
  readonly causationId: string;
};

/** Decides on a subscription and stores events and row in one transaction; answers the new revision. */
export type Handle = (
  subscription: Subscription,
  input: Exclude<SubscriptionInput, { kind: 'tick' }>,
  cause: Cause,
) => Promise<number>;

/** Emmett's own command handler on its PostgreSQL store, with the domain that Perennial runs. */
export async function openHandler(
  databaseUrl: string,
  connectionCountMax: number,
): Promise<{ readonly handle: Handle; readonly close: () => Promise<void> }> {
  const pool = new Pool({ connectionString: databaseUrl, max: connectionCountMax });
  await pool.query(tableSql);
  const headers = new Map<string, SubscriptionHeader>();
  const store = getPostgreSQLEventStore(databaseUrl, {
    connectionOptions: { pooled: true, pool },
    projections: subscriptionProjection(headers),
  });
  await store.schema.migrate();
  const run = CommandHandler({ ...aggregate });

  const handle: Handle = async (subscription, input, cause) => {
    const stream = subscriptionStream(subscription.tenant, subscription.subscriptionId);
    try {
      const { newState } = await run(store, stream, (state) => {
        const now = new Date().toISOString();
        const decision = decide(state, input, contextOf(subscription, now));
        const events: StoredEvent[] =
          decision.kind === 'accepted'
            ? decision.events.map((event, index) =>
                storedForm(event, {
                  schemaVersion: 1,
                  recordedAt: now,
                  actor: { ...cause.actor, roles: [] },
                  commandId: input.commandId,
                  ...(index === 0 ? { commandHash: input.commandHash } : {}),
                  correlationId: cause.correlationId,
                  causationId: cause.causationId,
                  tenant: subscription.tenant,
                  policy: state.header?.policy ?? 'direct-mosa-2020@1',
                }),
              )
            : [];
        const { header } = events.reduce(aggregate.evolve, state);
        if (header !== null) headers.set(stream, header);
        return events;
      });
      return newState.header?.revision ?? -1;
    } finally {
      headers.delete(stream);
    }
  };
  return {
    handle,
    close: async () => {
      await store.close();
      await pool.end();
    },
  };
}

/** Fingerprint of an input, as Perennial keeps one. */
export function hashOf(content: unknown): string {
  return createHash('sha256').update(JSON.stringify(content)).digest('hex');
}
