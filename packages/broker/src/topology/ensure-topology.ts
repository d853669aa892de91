import { setTimeout as delay } from 'node:timers/promises';
import type { StreamConfig } from 'nats';
import type { Broker } from '../connection/broker.ts';
import { durabilityWarnings } from '../durability/durability-warnings.ts';
import { isClusterNotReady, isStreamNameInUse, isStreamNotFound } from '../errors/questions.ts';
import { compareStream } from './compare.ts';
import { TopologyMismatchError } from './topology-mismatch.ts';
import { wantedStreams, type WantedConfig, type WantedStream } from './wanted.ts';

/** How the streams are provisioned. */
export interface EnsureTopologyOptions {
  /** Copies of each stream: 1, or 3 on a cluster. */
  readonly replicas?: number;
  /** Whether the server syncs every message before it acknowledges; leave it out when nobody knows. */
  readonly syncAlways?: boolean;
  readonly logger?: { warn(message: string): void };
  /** How long a cluster that is still electing leaders may take. */
  readonly readyWaitMs?: number;
}

/** What was done and found. */
export interface TopologyReport {
  /** Streams that were missing. */
  readonly created: readonly string[];
  /** Streams that acknowledge before they write, seen in the server's echo. */
  readonly asyncPersist: readonly string[];
  /** What an operator should know; each was also logged. */
  readonly warnings: readonly string[];
}

const retryWaitMs = 100;

/**
 * Creates the streams that are missing, and compares those that exist with what the engine's promises need. It never
 * changes an existing stream.
 *
 * @throws TopologyMismatchError with every difference
 */
export async function ensureTopology(broker: Broker, options: EnsureTopologyOptions = {}): Promise<TopologyReport> {
  const wanted = wantedStreams(options.replicas ?? 1, broker.capabilities);
  const existing = await Promise.all(wanted.map((stream) => configOf(broker, stream.config.name)));
  // All differences at once, and before anything is created: a person corrects them in one go.
  refuse(wanted.flatMap((stream, index) => compareStream(stream, existing[index] ?? stream.config)));
  const created: string[] = [];
  for (const [index, stream] of wanted.entries()) {
    if (existing[index] !== undefined) continue;
    existing[index] = await create(broker, stream, options.readyWaitMs ?? 15_000);
    created.push(stream.config.name);
  }
  // What the server echoes is what counts: older ones drop fields without a word.
  refuse(wanted.flatMap((stream, index) => compareStream(stream, existing[index] ?? {})));
  const warnings = durabilityWarnings({ version: broker.version, syncAlways: options.syncAlways });
  for (const warning of warnings) options.logger?.warn(warning);
  return { created, asyncPersist: existing.flatMap(asyncPersistName), warnings };
}

function refuse(differences: ReturnType<typeof compareStream>): void {
  if (differences.length > 0) throw new TopologyMismatchError(differences);
}

async function configOf(broker: Broker, name: string): Promise<StreamConfig | undefined> {
  try {
    return (await broker.jetstreamManager.streams.info(name)).config;
  } catch (error) {
    if (isStreamNotFound(error)) return undefined;
    throw error;
  }
}

async function create(broker: Broker, stream: WantedStream, readyWaitMs: number): Promise<StreamConfig> {
  const deadline = performance.now() + readyWaitMs;
  for (;;) {
    try {
      // A copy: the client writes into what it is given.
      return (await broker.jetstreamManager.streams.add({ ...stream.config })).config;
    } catch (error) {
      // Somebody else was faster; the comparison that follows judges what they made.
      const theirs = isStreamNameInUse(error) ? await configOf(broker, stream.config.name) : undefined;
      if (theirs !== undefined) return theirs;
      if (!isClusterNotReady(error) || performance.now() >= deadline) throw error;
      await delay(retryWaitMs);
    }
  }
}

function asyncPersistName(config: StreamConfig | undefined): string[] {
  // The echo carries fields the client's types do not know.
  const echoed = config as WantedConfig | undefined;
  return echoed?.persist_mode === 'async' ? [echoed.name] : [];
}
