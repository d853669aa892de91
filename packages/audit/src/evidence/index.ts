export { fingerprintOf, NoEvidenceError, takeEvidence, type Evidence, type EvidenceOptions } from './evidence.ts';
export type { EvidenceManifest, EvidenceStream } from './manifest.ts';
export { isWithin as isWithinEvidence, type EvidenceScope } from './streams.ts';
