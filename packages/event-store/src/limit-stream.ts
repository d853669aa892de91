import { v5 as uuidV5 } from 'uuid';
import { EVENT_ID_NAMESPACE } from './chain.ts';
import { EventStoreUnavailableError, InvalidEventError } from './errors.ts';
import { canonicalJson } from './json.ts';
import type { StreamReader } from './read.ts';
import type { AppendSettler } from './settle-append.ts';

const ATTEMPT_COUNT_MAX = 5;

/**
 * Sets `$maxCount` in a stream's metadata and leaves its other settings as they are. Writes nothing when it is set already.
 * @throws EventStoreUnavailableError, also when others keep changing the metadata.
 */
export async function limitStream(
  parts: { readonly reader: StreamReader; readonly settler: AppendSettler },
  stream: string,
  maxCount: number,
): Promise<void> {
  if (!Number.isInteger(maxCount) || maxCount < 1) {
    throw new InvalidEventError(`$$${stream}`, '$metadata', `a stream keeps 1 event or more, not ${maxCount}`);
  }
  for (let attempt = 0; attempt < ATTEMPT_COUNT_MAX; attempt += 1) {
    const current = await readSettings(parts.reader, stream);
    if (current.settings['$maxCount'] === maxCount) return;
    const data = canonicalJson({ ...current.settings, $maxCount: maxCount });
    const expectedRevision = current.revision;
    const id = uuidV5(`$$${stream}@${expectedRevision + 1}:${data}`, EVENT_ID_NAMESPACE);
    const event = { id, type: '$metadata', rawData: Buffer.from(data), rawMetadata: Buffer.alloc(0) };
    const settled = await parts.settler.settle({ stream: `$$${stream}`, expectedRevision, events: [event] });
    if (settled.kind === 'stored') return;
  }
  throw new EventStoreUnavailableError(`limit ${stream}`, 'others keep changing its metadata');
}

async function readSettings(reader: StreamReader, stream: string) {
  const last = await reader.lastOfStream(`$$${stream}`);
  return last ? { revision: last.revision, settings: parseSettings(last.rawData) } : { revision: -1, settings: {} };
}

function parseSettings(bytes: Uint8Array): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : {};
  } catch {
    return {}; // the event store itself treats malformed metadata as none
  }
}
