import {
  decideProductKey,
  evolveProductKey,
  initialProductKey,
  productKeyStream,
  type Instant,
  type ProductKeyContext,
  type ProductKeyDecision,
  type ProductKeyEvent,
  type ProductKeyInput,
  type ProductKeyState,
} from '@perennial/domain';
import type { EventStore, NewEvent, RecordedEvent } from '@perennial/event-store';
import type { Clock } from '../clock/clock.ts';
import { encryptFor } from '../command-handling/envelope.ts';
import { metadataOf } from '../command-handling/metadata.ts';
import { createLruCache } from '../state-cache/state-cache.ts';
import { createStreamHandler, type StreamView } from '../command-handling/stream-handler.ts';
import { createLanes } from '../lanes/lanes.ts';
import type { Metrics } from '../role/metrics.ts';
import type { PersonVault } from '../vault/person-vault.ts';
import type { KeyCause } from './product-key-service.ts';

/** A key's stream as read: the state, and where its redemption stands in the log. */
export type KeyView = { readonly state: ProductKeyState; readonly position: bigint };

/** The streams of product keys. */
export type KeyStreams = {
  /** Decides one input and appends what it says. */
  handle(
    keyId: string,
    input: ProductKeyInput,
    about: KeyCause & { readonly tenant?: string },
    context?: Omit<ProductKeyContext, 'now'>,
  ): Promise<KeyView & { readonly decision: ProductKeyDecision }>;
  /** To the stream's end. */
  read(keyId: string): Promise<KeyView>;
};

/** What the streams need. */
export type KeyStreamsOptions = {
  readonly store: EventStore;
  readonly clock: Pick<Clock, 'now'>;
  readonly vault: Pick<PersonVault, 'encrypt' | 'userIdOf'>;
  readonly metrics?: Metrics;
  /** Keys kept in memory; default 10 000. */
  readonly cacheEntryCountMax?: number;
};

type Folded = { readonly key: ProductKeyState; readonly redeemedAt: bigint | null };

const initial: Folded = { key: initialProductKey, redeemedAt: null };

/** See {@link KeyStreams}. */
export function createKeyStreams(options: KeyStreamsOptions): KeyStreams {
  const { store, clock, vault, metrics } = options;
  const keys = createStreamHandler<Folded>({
    store,
    aggregate: { initial, evolve: fold },
    cache: createLruCache({ cacheEntryCountMax: options.cacheEntryCountMax ?? 10_000 }),
    lanes: createLanes({ inFlightCountMax: 64, waitingCountMax: 4_096 }),
    ...(metrics === undefined ? {} : { metrics }),
  });
  return {
    handle: async (keyId, input, about, context = {}) => {
      const seal = (event: ProductKeyEvent, now: Instant): Promise<NewEvent> =>
        envelope(event, about, now, (reason) =>
          encryptFor(vault, { personId: about.actor.id, tenant: about.tenant ?? platformTenant }, reason),
        );
      const decideOn = async ({ state }: StreamView<Folded>) => {
        const now = clock.now();
        const decision = decideProductKey(state.key, input, { ...context, now });
        const decided = 'events' in decision ? decision.events : [];
        return { events: await Promise.all(decided.map((event) => seal(event, now))), answer: decision };
      };
      const { answer, view } = await keys.transact(productKeyStream(keyId), decideOn);
      return { decision: answer, ...viewOf(view) };
    },
    read: async (keyId) => viewOf(await keys.read(productKeyStream(keyId))),
  };
}

// Starts with a character that no tenant may have.
const platformTenant = '_platform';

/** A redeemed key is answered with the place of its redemption, the first time and every other. */
function viewOf({ state, position }: StreamView<Folded>): KeyView {
  return { state: state.key, position: state.redeemedAt ?? position ?? 0n };
}

function fold({ key, redeemedAt }: Folded, { type, data, metadata, position }: RecordedEvent): Folded {
  // The door validated the data against the schema of its type; only key events are in key streams.
  const event = { type, data, effectiveAt: metadata.effectiveAt } as ProductKeyEvent;
  return { key: evolveProductKey(key, event), redeemedAt: type === 'KeyRedeemed' ? position : redeemedAt };
}

async function envelope(
  { type, data, effectiveAt, reason }: ProductKeyEvent,
  about: KeyCause & { readonly tenant?: string },
  now: Instant,
  encrypt: (text: string) => Promise<string>,
): Promise<NewEvent> {
  return {
    type,
    data,
    metadata: {
      ...metadataOf({ ...about, now }),
      effectiveAt,
      ...(reason === undefined ? {} : { reason: await encrypt(reason) }),
    },
  };
}
