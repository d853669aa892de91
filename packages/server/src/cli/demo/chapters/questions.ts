/**
 * Questions that several chapters ask of the server's answers.
 *
 * @module
 */
import type { z } from '@hono/zod-openapi';
import type { historySchema } from '../../../http/schemas/history.ts';
import type { subscriptionSchema } from '../../../http/schemas/views.ts';
import { apiPath } from '../../client.ts';
import type { Account, Products } from '../report.ts';
import type { Stage } from '../stage.ts';

type Subscription = Products['subscriptions'][number];

/** A subscription as *Your products* shows it; undefined when it is not there. */
export function shown(products: Products, id: string): Subscription | undefined {
  return products.subscriptions.find(({ subscriptionId }) => subscriptionId === id);
}

/** One subscription. */
export function subscription(stage: Stage, tenant: string, id: string): Promise<z.infer<typeof subscriptionSchema>> {
  return stage.read(apiPath('tenants', tenant, 'subscriptions', id));
}

/** The timeline of a subscription; the demo's are shorter than a page. */
export async function timeline(
  stage: Stage,
  tenant: string,
  id: string,
): Promise<z.infer<typeof historySchema>['events']> {
  const path = apiPath('tenants', tenant, 'subscriptions', id, 'history');
  return (await stage.read<z.infer<typeof historySchema>>(path)).events;
}

/** The kinds of access that *My account* shows to what one subscription opens. */
export function accessThrough(account: Account, id: string): string[] {
  const apps = account.apps.filter(({ because }) => because.some(({ subscriptionId }) => subscriptionId === id));
  return [...new Set(apps.map(({ access }) => access))].sort();
}
