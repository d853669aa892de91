/**
 * Proof over the log of this process (`docs/proof.md`).
 *
 * @module
 */
import { join } from 'node:path';
import {
  fingerprintOf,
  prefixesOfEvidence,
  publishRoot,
  readPublishedRoots,
  takeEvidence,
  verifyLog,
  withinEvidence,
  type EvidenceScope,
  type LogRoot,
  type VerifyProgress,
} from '@perennial/audit';
import type { EventStore, RawEvent } from '@perennial/event-store';
import type { ProofPort, VerifyLine } from '../http/services.ts';
import type { Shared } from './shared.ts';
import { openSigningKey, publicPem } from './signing-key.ts';

/** Of the roots that the log holds, so many are checked and proved: the newest. */
const ownRootCountMax = 31;

/** Fills the port. */
export function proofPort({ store, logId, clock, configuration }: Shared): ProofPort {
  const signingKey = openSigningKey(join(configuration.dataDirectory, 'keys', 'evidence-ed25519.pem'));
  const ownRoots = () => readPublishedRoots(store, { countMax: ownRootCountMax });
  return {
    verify: (scope, { roots, signal }) => verifying(store, logId, scope, { roots, ownRoots, signal }),
    publishRoot: (by) =>
      publishRoot({ store, logId, now: () => clock.now(), actor: by.actor, commandId: by.commandId }),
    roots: (countMax) => readPublishedRoots(store, { countMax }),
    evidence: async (scope) =>
      takeEvidence({ store, logId, scope, now: clock.now(), signingKey, publishedRoots: await ownRoots() }),
    signingKey: () => ({ fingerprint: fingerprintOf(signingKey), pem: publicPem(signingKey) }),
  };
}

type Verifying = {
  readonly roots: readonly LogRoot[];
  readonly ownRoots: () => Promise<readonly LogRoot[]>;
  readonly signal: AbortSignal;
};

/** The answer has begun when something fails, so a fault is its last line. */
async function* verifying(
  store: EventStore,
  logId: string,
  scope: Partial<EvidenceScope>,
  { roots, ownRoots, signal }: Verifying,
): AsyncGenerator<VerifyLine, void, undefined> {
  const told: VerifyProgress[] = [];
  let wake = (): void => undefined;
  const isPart = scope.tenant !== undefined;
  const work = (async (): Promise<VerifyLine> => {
    const verdict = await verifyLog(isPart ? eventsOf(store, scope) : store.readAllRaw(), {
      logId,
      roots: isPart ? [] : [...roots, ...(await ownRoots())],
      isPart,
      signal,
      onProgress: (progress) => {
        // Whoever reads slowly is told the newest only.
        told.splice(0, told.length, progress);
        wake();
      },
    });
    return { kind: 'verdict', ...verdict };
  })().catch((error: unknown): VerifyLine => faultOf(error));
  const done = work.then((line) => ({ line }));
  for (;;) {
    // oxlint-disable-next-line no-await-in-loop -- each turn waits for what comes next
    const next = await Promise.race([done, new Promise<undefined>((resolve) => (wake = () => resolve(undefined)))]);
    for (const progress of told.splice(0)) yield { kind: 'progress', ...progress };
    if (next) {
      yield next.line;
      return;
    }
  }
}

async function* eventsOf(
  store: EventStore,
  { tenant, subscriptionId }: Partial<EvidenceScope>,
): AsyncGenerator<RawEvent, void, undefined> {
  if (tenant === undefined) return;
  const scope = { tenant, ...(subscriptionId !== undefined && { subscriptionId }) };
  const events = store.readAllRaw({ streamPrefixes: prefixesOfEvidence(scope) });
  const isWithin = withinEvidence(scope);
  for await (const event of events) if (isWithin(event.stream)) yield event;
}

function faultOf(error: unknown): VerifyLine {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'INTERNAL';
  return { kind: 'fault', code, message: error instanceof Error ? error.message : String(error) };
}
