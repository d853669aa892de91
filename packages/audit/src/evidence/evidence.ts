import { createHash, createPublicKey, sign, type KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { parseStream } from '@perennial/domain';
import { EVENT_ID_NAMESPACE, type EventStore, type RawEvent } from '@perennial/event-store';
import { headsAtEach, proveInclusion, type HeadsAt, type LogRoot } from '../proof/log-root.ts';
import { BrokenLogError } from '../proof/published-roots.ts';
import { readmeOf, type EvidenceManifest, type EvidenceStream } from './manifest.ts';
import { createReport } from './report.ts';
import { referencedStreams, within, type EvidenceScope } from './streams.ts';
import { writeZip, type ArchivedFile, type WrittenFile } from './zip.ts';

/** What taking evidence needs. */
export type EvidenceOptions = {
  readonly store: EventStore;
  readonly logId: string;
  readonly scope: EvidenceScope;
  readonly now: string;
  /** Private Ed25519 key. */
  readonly signingKey: KeyObject;
  /** Roots that were published before; the proofs lead to them as well. */
  readonly publishedRoots: readonly LogRoot[];
  /** Default 2 000 000. */
  readonly streamCountMax?: number;
};

/** There is nothing about this tenant or subscription in the log. */
export class NoEvidenceError extends Error {
  override readonly name = 'NoEvidenceError';
  readonly code = 'NO_EVIDENCE';
  constructor({ tenant, subscriptionId }: EvidenceScope) {
    const about = subscriptionId === undefined ? `tenant "${tenant}"` : `"${tenant}/${subscriptionId}"`;
    super(`The log holds nothing about ${about}: check the id.`);
  }
}

/** Evidence ready to be sent. */
export type Evidence = { readonly fileName: string; readonly archive: AsyncIterable<Uint8Array> };

const scriptUrl = new URL('../../assets/verify.mjs', import.meta.url);

/**
 * Everything about a subscription or a tenant as one signed zip that a third party verifies offline: events in their
 * stored form, proofs under roots of the log, a report for people, and the script that checks it (`docs/proof.md`).
 * The log is read once as a whole before the first byte is sent.
 *
 * @throws NoEvidenceError, BrokenLogError, EmptyLogError, TooManyStreamsError
 */
export async function takeEvidence(options: EvidenceOptions): Promise<Evidence> {
  const { store, logId, scope, streamCountMax = 2_000_000 } = options;
  const positions = options.publishedRoots.map(({ position }) => BigInt(position));
  const found = await headsAtEach(store.readAllRaw(), { logId, positions, streamCountMax });
  const { heads } = found.end;
  const names = heads.names().filter(within(scope));
  if (!names.some((stream) => isAbout(scope, stream))) throw new NoEvidenceError(scope);
  const broken = heads.broken.filter(({ stream }) => names.includes(stream));
  if (broken.length > 0) throw new BrokenLogError(broken);
  const about = scope.subscriptionId === undefined ? scope.tenant : `${scope.tenant}-${scope.subscriptionId}`;
  return {
    fileName: `evidence-${about}-${options.now.slice(0, 10)}.zip`,
    archive: archiveOf(options, [...found.earlier, found.end], names),
  };
}

/** Refused commands alone do not make a subscription. */
function isAbout({ subscriptionId }: EvidenceScope, stream: string): boolean {
  return subscriptionId === undefined || parseStream(stream)?.kind === 'subscription';
}

async function* archiveOf(
  options: EvidenceOptions,
  roots: readonly HeadsAt[],
  names: readonly string[],
): AsyncGenerator<Uint8Array, void, undefined> {
  const written: WrittenFile[] = [];
  yield* writeZip(filesOf(options, roots, names, written), {
    modifiedAt: options.now,
    onWritten: (file) => written.push(file),
  });
}

async function* filesOf(
  options: EvidenceOptions,
  roots: readonly HeadsAt[],
  names: readonly string[],
  written: readonly WrittenFile[],
): AsyncGenerator<ArchivedFile, void, undefined> {
  const end = roots.at(-1);
  if (!end) throw new Error('the heads at the end of the log are always there');
  const report = createReport(options.scope);
  const streams: EvidenceStream[] = [];
  const waiting = [...names].sort();
  const known = new Set(waiting);
  for (let stream = waiting.shift(); stream !== undefined; stream = waiting.shift()) {
    const taken = startStream(options.store, stream, end);
    yield {
      path: taken.path,
      content: taken.lines((event) => {
        report.add(event);
        for (const other of referencedStreams(event)) {
          if (known.has(other) || !end.heads.headOf(other)) continue;
          known.add(other);
          waiting.push(other);
        }
      }),
    };
    const entry = taken.entry();
    if (entry) streams.push(entry);
    const proofs = roots.map((root) => proveInclusion(root, stream)).filter((proof) => proof !== undefined);
    if (proofs.length > 0) yield file(`proofs/${stream}.json`, json(proofs));
  }
  yield* closingFiles(options, { roots, streams, report: report.html }, written);
}

async function* closingFiles(
  options: EvidenceOptions,
  taken: {
    readonly roots: readonly HeadsAt[];
    readonly streams: readonly EvidenceStream[];
    readonly report: (about: Omit<EvidenceManifest, 'files'>) => string;
  },
  written: readonly WrittenFile[],
): AsyncGenerator<ArchivedFile, void, undefined> {
  const publicKey = createPublicKey(options.signingKey);
  const published = taken.roots.map(({ root }) => root);
  const root = published.pop();
  if (!root) throw new Error('the root at the end of the log is always there');
  const about: Omit<EvidenceManifest, 'files'> = {
    format: 'perennial-evidence/1',
    logId: options.logId,
    scope: options.scope,
    position: root.position,
    createdAt: options.now,
    keyFingerprint: fingerprintOf(options.signingKey),
    eventIdNamespace: EVENT_ID_NAMESPACE,
    root,
    publishedRoots: published,
    streams: taken.streams,
  };
  yield file('roots.json', json([...published, root]));
  yield file('report.html', taken.report(about));
  yield file('README.txt', readmeOf(about));
  yield file('public-key.pem', String(publicKey.export({ type: 'spki', format: 'pem' })));
  yield file('verify.mjs', await readFile(scriptUrl, 'utf8'));
  const manifest = json({ ...about, files: [...written] } satisfies EvidenceManifest);
  yield file('manifest.json', manifest);
  yield file('manifest.sig', `${sign(null, Buffer.from(manifest), options.signingKey).toString('base64')}\n`);
}

/** SHA-256 of the public key's SubjectPublicKeyInfo in DER, hex: what an organisation publishes of its signing key. */
export function fingerprintOf(signingKey: KeyObject): string {
  const der = createPublicKey(signingKey).export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(der).digest('hex');
}

type StreamTaken = {
  readonly path: string;
  lines(onEvent: (event: RawEvent) => void): AsyncGenerator<Uint8Array, void, undefined>;
  /** Undefined for a stream whose events are all gone. */
  entry(): EvidenceStream | undefined;
};

/** The events of a stream up to its head when the log was read: what came later has no proof. */
function startStream(store: EventStore, stream: string, { heads, leaves }: HeadsAt): StreamTaken {
  const path = `events/${stream}.ndjson`;
  const last = heads.headOf(stream)?.revision ?? -1;
  let first: RawEvent | undefined;
  let count = 0;
  return {
    path,
    async *lines(onEvent) {
      for await (const event of store.readStreamRaw(stream)) {
        if (event.revision > last) return;
        first ??= event;
        count += 1;
        onEvent(event);
        yield Buffer.from(`${lineOf(event)}\n`);
      }
    },
    entry: () =>
      first && {
        stream,
        path,
        first: first.revision,
        count,
        head: heads.headOf(stream)?.hash ?? '',
        coveredFrom: leaves.some((leaf) => leaf.stream === stream) ? String(first.position) : null,
      },
  };
}

function lineOf({ revision, id, type, rawData, rawMetadata }: RawEvent): string {
  const [data, metadata] = [rawData, rawMetadata].map((bytes) => Buffer.from(bytes).toString());
  return JSON.stringify({ revision, id, type, data, metadata });
}

function file(path: string, text: string): ArchivedFile {
  return { path, content: [Buffer.from(text)] };
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
