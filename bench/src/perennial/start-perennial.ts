import { connectBroker, decodeEventMessage } from '@perennial/broker';
import { readEngineUrl, startPerennial, type Answer, type Perennial } from '@perennial/test';
import { z } from 'zod';
import type { SystemUnderLoad } from '../end-to-end/system.ts';
import type { Closers } from '../engines/closers.ts';
import type { Database } from '../engines/start-database.ts';
import { purchase, type Subscription } from '../load/payments.ts';
import { windowed } from '../load/windowed.ts';

const parts = ['intake', 'owner', 'event-store', 'nats-server'] as const;
const openingWindow = 16;
const renewals = 'subscriptions.events.v1.*.SubscriptionRenewed';
const shownSchema = z.object({ subscriptionId: z.string(), version: z.int() });
const listSchema = z.object({ subscriptions: z.array(shownSchema) });

/** A running Perennial under load, and its API. */
export type PerennialUnderLoad = SystemUnderLoad & { readonly api: Perennial };

/** Starts what `npm start` starts: engines, intake and owner in processes of their own, with its defaults. */
export async function startPerennialUnderLoad(
  closers: Closers,
  options: { readonly database?: Database | undefined; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<PerennialUnderLoad> {
  const { database, env } = options;
  const api = closers.add(
    await startPerennial({ env: { ...env, ...(database === undefined ? {} : { DATABASE_URL: database.url }) } }),
    (started) => started.close(),
  );
  const url = readEngineUrl(api.dataDirectory, 'nats');
  const broker = closers.add(await connectBroker({ url, name: 'bench' }), (it) => it.connection.close());
  return {
    name: 'perennial',
    api,
    broker,
    open: (subscriptions) =>
      windowed(subscriptions.length, openingWindow, async (index) => {
        const subscription = subscriptions[index];
        if (subscription !== undefined) await open(api, subscription);
      }),
    versionsOf: async (tenant) => {
      const { subscriptions } = listSchema.parse(accepted(await api.get(`/tenants/${tenant}/subscriptions`)));
      return new Map(subscriptions.map(({ subscriptionId, version }) => [subscriptionId, version]));
    },
    readAnnounced: async ({ tenant, subscriptionId, position }) => {
      const path = `/tenants/${tenant}/subscriptions/${subscriptionId}?minPosition=${position}`;
      return shownSchema.parse(accepted(await api.get(path))).version;
    },
    onAnnounced: (listener) => {
      const subscription = broker.connection.subscribe(renewals, {
        callback: (_error, message) => {
          const { subject, event } = decodeEventMessage(message);
          const [tenant = '', subscriptionId = ''] = subject.split('/');
          listener({ tenant, subscriptionId, version: event.revision, position: String(event.position) });
        },
      });
      return () => subscription.unsubscribe();
    },
    processes: () => ({
      ...Object.fromEntries(parts.map((part) => [part, api.processId(part)])),
      ...(database === undefined ? {} : { postgres: database.pid }),
    }),
  };
}

async function open(api: Perennial, { tenant, subscriptionId }: Subscription): Promise<void> {
  const at = `/tenants/${tenant}/subscriptions`;
  accepted(await api.post(at, { subscriptionId, ...purchase }));
  accepted(await api.post(`${at}/${subscriptionId}/commands/activate`, {}));
  accepted(await api.post(`${at}/${subscriptionId}/commands/assign-license`, { userId: `user@${subscriptionId}` }));
}

/** The body of an answer that has to be a success. */
export function accepted(answer: Answer): unknown {
  if (answer.status === 200) return answer.body;
  throw new Error(`Perennial answered ${answer.status}: ${JSON.stringify(answer.body)}`);
}
