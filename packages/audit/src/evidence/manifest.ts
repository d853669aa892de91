import type { LogRoot } from '../proof/log-root.ts';
import type { EvidenceScope } from './streams.ts';
import type { WrittenFile } from './zip.ts';

/** A stream in the archive. */
export type EvidenceStream = {
  readonly stream: string;
  /** File with one event to a line: `{revision, id, type, data, metadata}`, the last two as the text that is stored. */
  readonly path: string;
  /** Revision of the first event; above 0 only for a stream whose beginning is given up on purpose. */
  readonly first: number;
  readonly count: number;
  /** Hash of the last event. */
  readonly head: string;
  /** Position of its first event; null for a stream that no root covers. */
  readonly coveredFrom: string | null;
};

/** What is signed. */
export type EvidenceManifest = {
  readonly format: 'perennial-evidence/1';
  readonly logId: string;
  readonly scope: EvidenceScope;
  /** Of the last event of the log when the evidence was taken. */
  readonly position: string;
  readonly createdAt: string;
  /** SHA-256 of the signing key's SubjectPublicKeyInfo in DER. */
  readonly keyFingerprint: string;
  readonly eventIdNamespace: string;
  /** Over the whole log at `position`. */
  readonly root: LogRoot;
  /** Roots published before, that the proofs also lead to. */
  readonly publishedRoots: readonly LogRoot[];
  readonly streams: readonly EvidenceStream[];
  readonly files: readonly WrittenFile[];
};

/** What the archive says about itself, for whoever opens it. */
export function readmeOf(manifest: Omit<EvidenceManifest, 'files'>): string {
  const { scope, logId, position, createdAt, keyFingerprint } = manifest;
  const about =
    scope.subscriptionId === undefined ? `tenant ${scope.tenant}` : `${scope.tenant}/${scope.subscriptionId}`;
  return `Evidence about ${about}
Taken at ${createdAt} from log ${logId} as of position ${position}.
Signing key: ${keyFingerprint}

report.html     what happened, to be read by people
events/         every event as it is stored, one stream to a file, one event to a line
proofs/         for each stream, the path from its last event to a root over the whole log
roots.json      the roots that the proofs lead to
manifest.json   what is in here, with the SHA-256 of every file; manifest.sig is its signature (Ed25519)
public-key.pem  the key to check it with
verify.mjs      checks all of it: node verify.mjs

What is proved when verify.mjs says VERIFIED
- Nothing in here was altered since it was signed with this key.
- No event in these streams was altered, removed, reordered or inserted between its first and its last one: each
  names the hash of the one before it.
- Each stream's last event is under a root over the whole log. Hold a root that you kept from earlier against it
  (--root): a log that was written anew since then cannot have it.

What is not proved
- Whose key it is: compare the fingerprint with the one that the organisation published (--key).
- That what was recorded was true, or that everything was recorded.
- The order of events of different streams, and the time at which the event store wrote them, which no hash covers.
- Streams named attempts-… (refused commands) keep their newest events only; no root covers them.

How an event is hashed
  sha256({"data":<data>,"metadata":<metadata without hash and traceparent>,"revision":n,"stream":"…","type":"…"})
in the form of RFC 8785, which is the form in which data and metadata are stored. The first event's prevHash is
sha256({"stream":"…"}). An event's id is the UUIDv5 of its hash.

People appear by random ids. Free text is encrypted; whoever holds the vault can open it until the person is erased.
`;
}
