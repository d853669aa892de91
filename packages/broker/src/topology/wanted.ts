import { DiscardPolicy, nanos, RetentionPolicy, StorageType, type StreamConfig } from 'nats';
import type { BrokerCapabilities } from '../connection/capabilities.ts';
import { streams, subjectFilters, type StreamName } from '../naming/subjects.ts';

/** A stream's configuration as far as we set it. `persist_mode` is younger than the client's types. */
export type WantedConfig = Partial<StreamConfig> & { readonly name: StreamName; readonly persist_mode?: 'async' };

/** How a field of an existing stream is judged. */
export type FieldRule = 'equal' | 'at-least' | 'includes';

/** A stream as it has to be. */
export interface WantedStream {
  readonly config: WantedConfig;
  /** The fields the engine's promises rest on. Any other field is the operator's to choose. */
  readonly rules: Readonly<Partial<Record<keyof StreamConfig, FieldRule>>>;
}

const oneHourMs = 60 * 60 * 1000;
const twoMinutesMs = 2 * 60 * 1000;

const lasting = {
  subjects: 'includes',
  retention: 'equal',
  storage: 'equal',
  max_age: 'equal',
  max_msgs_per_subject: 'equal',
  no_ack: 'equal',
  sealed: 'equal',
  num_replicas: 'at-least',
} as const satisfies WantedStream['rules'];

/**
 * Every stream the engine needs (contract, NATS). Nothing here is newer than 2.9, except what `capabilities` allow.
 *
 * Limits retention, because the other kinds forget the ids of acknowledged messages on a restart. `PAYMENTS` and `PARKED`
 * refuse what does not fit instead of dropping the oldest. `EVENTS` never expires: its last message is the relay's
 * checkpoint. It may acknowledge before it writes, because the relay notices a missing tail and sends it again; a row of
 * `views` is not sent again, so that stream may not.
 */
export function wantedStreams(replicas: number, capabilities: BrokerCapabilities): WantedStream[] {
  // The server refuses it for replicated streams, which write lazily behind their log anyway.
  const persist = capabilities.asyncPersist && replicas === 1 ? ({ persist_mode: 'async' } as const) : {};
  const strict = { ...lasting, discard: 'equal', duplicate_window: 'at-least' } as const;
  return [
    {
      config: { ...base(streams.payments, replicas), discard: DiscardPolicy.New, duplicate_window: nanos(oneHourMs) },
      rules: strict,
    },
    {
      config: {
        ...base(streams.events, replicas),
        discard: DiscardPolicy.Old,
        duplicate_window: nanos(twoMinutesMs),
        deny_delete: true,
        allow_direct: true,
        ...persist,
      },
      rules: { ...lasting, discard: 'equal' },
    },
    {
      config: { ...base(streams.parked, replicas), discard: DiscardPolicy.New, duplicate_window: nanos(oneHourMs) },
      rules: strict,
    },
    {
      config: {
        ...base(streams.views, replicas),
        discard: DiscardPolicy.New,
        duplicate_window: nanos(twoMinutesMs),
        max_msgs_per_subject: 1,
        allow_rollup_hdrs: true,
        deny_delete: true,
        allow_direct: true,
      },
      rules: { ...lasting, discard: 'equal', allow_rollup_hdrs: 'equal' },
    },
  ];
}

function base(name: StreamName, replicas: number): WantedConfig {
  return {
    name,
    subjects: [subjectFilters[name]],
    retention: RetentionPolicy.Limits,
    storage: StorageType.File,
    max_age: 0,
    max_bytes: -1,
    max_msgs: -1,
    max_msgs_per_subject: -1,
    max_consumers: -1,
    num_replicas: replicas,
    no_ack: false,
    sealed: false,
  };
}
