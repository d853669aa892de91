/**
 * Command ids that were used on seats (`contract.md`, HTTP: an Idempotency-Key is scoped to tenant and target). Every seat
 * has a stream of its own, so the id has one too, `commandId-<tenant>_<subscription>_<hash of the id>`: its first append
 * wins, and no two seats of a subscription ever take the same id for different things.
 *
 * @module
 */
import { commandIdStream, type Instant, type PlatformEventData } from '@perennial/domain';
import type { EventStore } from '@perennial/event-store';
import { createLanes } from '../lanes/lanes.ts';
import type { Metrics } from '../role/metrics.ts';
import { createLruCache } from '../state-cache/state-cache.ts';
import { isChosenByCaller, sha256, type CommandTarget } from './command-identity.ts';
import type { Cause } from './command-service.ts';
import { metadataOf } from './metadata.ts';
import { createStreamHandler, type Aggregate } from './stream-handler.ts';

/** An id and what it is used for. */
type Use = CommandTarget & { readonly commandId: string; readonly isIdMadeUp?: boolean; readonly commandHash: string };

/** See the module's description. Ids that nobody chose cannot come twice: they are not looked up. */
export type SeatCommandIds = {
  /** Whether a seat of the subscription has had the id for something else. */
  isTakenOtherwise(use: Use): Promise<boolean>;
  /** Takes it; `false`: another command was first. Repeating it changes nothing. */
  take(use: Use, by: Cause & { readonly now: Instant }): Promise<boolean>;
};

/** The fingerprint of the command that has the id. */
type Taken = { readonly commandHash: string | undefined };

const aggregate: Aggregate<Taken> = {
  initial: { commandHash: undefined },
  evolve: (state, { type, data }) => {
    if (type !== 'SeatCommandIdTaken') return state;
    // The door validated the data against the schema of its type.
    return { commandHash: (data as PlatformEventData<'SeatCommandIdTaken'>).commandHash };
  },
};

/** Opens them. */
export function createSeatCommandIds({
  store,
  metrics,
}: {
  readonly store: EventStore;
  readonly metrics?: Metrics | undefined;
}): SeatCommandIds {
  const ids = createStreamHandler({
    store,
    aggregate,
    cache: createLruCache<Taken>({ cacheEntryCountMax: 1_000 }),
    lanes: createLanes({ inFlightCountMax: 64, waitingCountMax: 4_096 }),
    ...(metrics === undefined ? {} : { metrics }),
  });
  const streamOf = ({ tenant, subscriptionId, commandId }: Use): string =>
    commandIdStream(tenant, subscriptionId, sha256(commandId));

  return {
    isTakenOtherwise: async (use) => {
      if (!isChosenByCaller(use)) return false;
      const { commandHash } = (await ids.read(streamOf(use))).state;
      return commandHash !== undefined && commandHash !== use.commandHash;
    },
    take: async (use, by) => {
      if (!isChosenByCaller(use)) return true;
      const { tenant, subscriptionId, commandId, commandHash } = use;
      const { answer } = await ids.transact<boolean>(streamOf(use), ({ state }) => {
        if (state.commandHash !== undefined) return { events: [], answer: state.commandHash === commandHash };
        const data = { tenant, subscriptionId, commandHash };
        return {
          events: [{ type: 'SeatCommandIdTaken', data, metadata: metadataOf({ ...by, commandId, tenant }) }],
          answer: true,
        };
      });
      return answer;
    },
  };
}
