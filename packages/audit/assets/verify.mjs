// Verifies this evidence without network and without anything but Node.js 20 or newer:
//
//   node verify.mjs [--key <fingerprint>] [--root <file>]
//
// --key   fingerprint of the signing key, as the organisation published it: without it you know that the archive is
//         unaltered since it was signed, not who signed it.
// --root  a root that was published earlier (JSON with logId, position, root), as you kept it: proves that the streams
//         in here are the ones that the log held then.
import { createHash, createPublicKey, verify } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const folder = dirname(fileURLToPath(import.meta.url));
const { values } = parseArgs({ options: { key: { type: 'string' }, root: { type: 'string' } } });
const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest('hex');
const read = (path) => readFileSync(join(folder, path));
let failed = 0;
check('the signature of manifest.json', signature);
const manifest = JSON.parse(read('manifest.json').toString());
if (values.key !== undefined) check('the signing key', () => values.key === fingerprint() || `it is ${fingerprint()}`);
check('files: all listed, none altered, none added', files);
for (const entry of manifest.streams) check(`chain of ${entry.stream}`, () => chain(entry));
for (const proof of proofs())
  check(`${proof.head.stream} is under the root at position ${proof.root.position}`, () => included(proof));
if (values.root !== undefined)
  check(`the root in ${values.root}`, () => sameRoot(JSON.parse(readFileSync(values.root, 'utf8'))));

console.log(
  failed === 0
    ? `\nVERIFIED: ${manifest.streams.length} streams of log ${manifest.logId} as of position ${manifest.position}, signed by ${fingerprint()}`
    : `\nNOT VERIFIED: ${failed} checks failed`,
);
if (failed === 0 && values.key === undefined)
  console.log('Compare the fingerprint with the one the organisation published (--key).');
process.exitCode = failed === 0 ? 0 : 1;

function check(what, test) {
  let result;
  try {
    result = test();
  } catch (error) {
    result = error.message;
  }
  if (result !== true) failed += 1;
  console.log(result === true ? `ok      ${what}` : `FAILED  ${what}: ${result}`);
}

function signature() {
  const text = read('manifest.sig').toString();
  const bytes = Buffer.from(text, 'base64');
  // A decoder takes more than one spelling of the same bytes.
  if (`${bytes.toString('base64')}\n` !== text) return 'it is not written as it was';
  return verify(null, read('manifest.json'), publicKey(), bytes) || 'it does not fit';
}

function publicKey() {
  return createPublicKey(read('public-key.pem'));
}

/** SHA-256 of the key's DER (SubjectPublicKeyInfo). */
function fingerprint() {
  return sha256(publicKey().export({ type: 'spki', format: 'der' }));
}

function files() {
  const unsigned = new Set(['manifest.json', 'manifest.sig']);
  const listed = new Map(manifest.files.map((file) => [file.path, file]));
  const found = readdirSync(folder, { recursive: true })
    .filter((path) => statSync(join(folder, path)).isFile())
    .map((path) => relative(folder, join(folder, path)).split(sep).join('/'));
  const added = found.find((path) => !listed.has(path) && !unsigned.has(path));
  if (added !== undefined) return `${added} is not in the manifest`;
  for (const { path, sha256: expected } of listed.values()) {
    if (!found.includes(path)) return `${path} is missing`;
    if (sha256(read(path)) !== expected) return `${path} was altered`;
  }
  return true;
}

/** The hash of an event covers its stored bytes, all but `hash` and `traceparent` of its metadata; see README.txt. */
function chain({ stream, path, first, count, head }) {
  const lines = read(path).toString().split('\n').slice(0, -1);
  if (lines.length !== count) return `${lines.length} events instead of ${count}`;
  let previous = first === 0 ? sha256(`{"stream":${JSON.stringify(stream)}}`) : undefined;
  for (const [index, line] of lines.entries()) {
    const event = JSON.parse(line);
    const metadata = JSON.parse(event.metadata);
    const hash = hashOf(stream, event, metadata);
    const where = `event ${event.revision}`;
    if (event.revision !== first + index) return `${where} stands where ${first + index} belongs`;
    if (hash !== metadata.hash) return `${where} was altered`;
    if (previous !== undefined && metadata.prevHash !== previous) return `${where} does not follow the one before it`;
    if (event.id !== idOf(hash)) return `the id of ${where} was altered`;
    previous = hash;
  }
  return previous === head || 'it does not end at its head';
}

function hashOf(stream, { revision, type, data, metadata: stored }, metadata) {
  let text = stored;
  for (const key of ['hash', 'traceparent']) {
    if (typeof metadata[key] === 'string') text = text.replace(`,"${key}":${JSON.stringify(metadata[key])}`, () => '');
  }
  const [streamText, typeText] = [JSON.stringify(stream), JSON.stringify(type)];
  return sha256(`{"data":${data},"metadata":${text},"revision":${revision},"stream":${streamText},"type":${typeText}}`);
}

/** UUIDv5 of the hash. */
function idOf(hash) {
  const namespace = Buffer.from(manifest.eventIdNamespace.replaceAll('-', ''), 'hex');
  const bytes = createHash('sha1').update(namespace).update(hash).digest().subarray(0, 16);
  bytes[6] = (bytes[6] & 0x0f) | 0x50;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function proofs() {
  return manifest.files
    .filter(({ path }) => path.startsWith('proofs/'))
    .flatMap(({ path }) => JSON.parse(read(path).toString()));
}

/** RFC 9162: a leaf is hashed behind a byte 0, a node behind a byte 1. */
function included({ head, steps, root }) {
  const { stream, revision, hash } = head;
  const entry = manifest.streams.find((candidate) => candidate.stream === stream);
  const line = read(entry.path).toString().split('\n')[revision - entry.first];
  if (line === undefined || JSON.parse(JSON.parse(line).metadata).hash !== hash) return 'it is about another history';
  let node = sha256(
    Buffer.from([0]),
    `{"hash":${JSON.stringify(hash)},"revision":${revision},"stream":${JSON.stringify(stream)}}`,
  );
  for (const step of steps) {
    const pair = step.side === 'left' ? [step.hash, node] : [node, step.hash];
    node = sha256(Buffer.from([1]), Buffer.from(pair[0], 'hex'), Buffer.from(pair[1], 'hex'));
  }
  return node === root.root || 'the proof leads to another root';
}

function sameRoot(kept) {
  const roots = [manifest.root, ...manifest.publishedRoots];
  const same = roots.find(
    ({ logId, position, root }) => logId === kept.logId && position === String(kept.position) && root === kept.root,
  );
  if (same === undefined) return 'no root in here is the same';
  const proved = new Set(
    proofs()
      .filter(({ root }) => root.position === same.position)
      .map(({ head }) => head.stream),
  );
  const missing = manifest.streams.find(
    ({ stream, coveredFrom }) =>
      coveredFrom !== null && BigInt(coveredFrom) <= BigInt(same.position) && !proved.has(stream),
  );
  return missing === undefined || `there is no proof that ${missing.stream} was under it`;
}
