export { fingerprintOf, NoEvidenceError, takeEvidence, type Evidence, type EvidenceOptions } from './evidence.ts';
export type { EvidenceManifest, EvidenceStream } from './manifest.ts';
export { within as withinEvidence, prefixesOf as prefixesOfEvidence, type EvidenceScope } from './streams.ts';
