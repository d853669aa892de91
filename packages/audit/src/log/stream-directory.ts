import { encodePart } from '@perennial/domain';
import type { Log } from './log.ts';

/** Names of the subscriptions' streams of a tenant, learnt from the log alone. */
export type StreamDirectory = {
  /** In order of their names; complete up to the log's end. */
  subscriptionsOf(tenant: string): Promise<readonly string[]>;
};

/** Options of {@link createStreamDirectory}. */
export type StreamDirectoryOptions = {
  readonly log: Pick<Log, 'readAll'>;
  /** Names kept over all tenants; default 100 000, some 10 MB. A larger tenant is read anew each time. */
  readonly nameCountMax?: number;
};

type Known = { readonly names: readonly string[]; readonly upTo: bigint | undefined };

const nothingKnown: Known = { names: [], upTo: undefined };

/** Streams are never renamed, so what was learnt is kept; each question reads only what was appended since. */
export function createStreamDirectory({ log, nameCountMax = 100_000 }: StreamDirectoryOptions): StreamDirectory {
  const tenants = new Map<string, Known>();
  let nameCount = 0;

  const keep = (tenant: string, known: Known): void => {
    nameCount += known.names.length - (tenants.get(tenant)?.names.length ?? 0);
    tenants.delete(tenant);
    tenants.set(tenant, known);
    for (const [oldest, { names }] of tenants) {
      if (nameCount <= nameCountMax) return;
      tenants.delete(oldest);
      nameCount -= names.length;
    }
  };
  return {
    subscriptionsOf: async (tenant) => {
      const known = tenants.get(tenant) ?? nothingKnown;
      const names = new Set(known.names);
      let { upTo } = known;
      const streamPrefixes = [subscriptionPrefixOf(tenant)];
      for await (const { event } of log.readAll({ streamPrefixes, ...(upTo === undefined ? {} : { after: upTo }) })) {
        names.add(event.stream);
        upTo = event.position;
      }
      const found = names.size === known.names.length ? known.names : [...names].sort();
      keep(tenant, { names: found, upTo });
      return found;
    },
  };
}

/** What the names of all subscriptions of a tenant begin with. */
export function subscriptionPrefixOf(tenant: string): string {
  return `subscription-${encodePart(tenant)}_`;
}
