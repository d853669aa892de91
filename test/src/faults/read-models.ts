/**
 * The same question asked twice: of the read models over HTTP, and of the log by folding it afresh.
 *
 * @module
 */
import type { Json, Perennial } from '../pipeline/perennial.ts';

/** Every read model of a tenant, without the positions (a republished log has the same ones, an answer's moment has not). */
export async function readModels(perennial: Perennial, tenant: string, ids: readonly string[]): Promise<Json> {
  const read = async (path: string): Promise<Json> => withoutPositions((await perennial.get(path)).body);
  const perUser = await Promise.all(
    ids.map(async (id) => ({
      id,
      licenses: await read(`/tenants/${tenant}/users/user-${id}/licenses`),
      apps: await read(`/tenants/${tenant}/users/user-${id}/apps`),
    })),
  );
  const { subscriptions } = await read(`/tenants/${tenant}/subscriptions`);
  return { subscriptions: byId(subscriptions), licenses: await read(`/tenants/${tenant}/licenses`), perUser };
}

/** The subscriptions as their streams say, folded by the domain from the events the history shows. */
export async function foldLog(perennial: Perennial, tenant: string, ids: readonly string[]): Promise<Json> {
  const { body: clock } = await perennial.post('/clock', { advanceBy: 'PT0S' });
  const { evolveHeader, initialSubscription, subscriptionView } = await import('@perennial/domain');
  const views = await Promise.all(
    ids.map(async (id) => {
      const { body } = await perennial.get(`/tenants/${tenant}/subscriptions/${id}/history`);
      const header = body.events.reduce(
        (state: Json, event: Json) => evolveHeader(state, event),
        initialSubscription.header,
      );
      return withoutPositions(JSON.parse(JSON.stringify(subscriptionView(header, clock.now))));
    }),
  );
  return byId(views);
}

function byId(rows: readonly Json[]): Json[] {
  return [...rows].sort((a, b) => a.subscriptionId.localeCompare(b.subscriptionId));
}

function withoutPositions(body: Json): Json {
  const { asOfPosition: _position, ...rest } = body;
  return rest;
}
