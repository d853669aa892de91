import { createHash } from 'node:crypto';
import { Zip, ZipDeflate } from 'fflate';

/** A file of an archive, piece by piece. */
export type ArchivedFile = {
  readonly path: string;
  readonly content: Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
};

/** What became of it. */
export type WrittenFile = { readonly path: string; readonly sha256: string; readonly sizeBytes: number };

/**
 * Writes a zip as its parts come: never more than a piece and its compressed form is in memory. Every file carries the
 * same instant, so that the same content gives the same bytes.
 *
 * @param onWritten is told of each file when it is complete, before the next one is asked for
 */
export async function* writeZip(
  files: AsyncIterable<ArchivedFile>,
  { modifiedAt, onWritten }: { readonly modifiedAt: string; readonly onWritten: (file: WrittenFile) => void },
): AsyncGenerator<Uint8Array, void, undefined> {
  const compressed: Uint8Array[] = [];
  let failure: Error | null = null;
  const zip = new Zip((error, chunk) => {
    failure ??= error;
    compressed.push(chunk);
  });
  const taken = (): readonly Uint8Array[] => {
    if (failure) throw failure;
    return compressed.splice(0);
  };
  for await (const { path, content } of files) {
    const entry = new ZipDeflate(path, { level: 6 });
    entry.mtime = localTime(modifiedAt);
    zip.add(entry);
    const hash = createHash('sha256');
    let sizeBytes = 0;
    for await (const piece of content) {
      hash.update(piece);
      sizeBytes += piece.length;
      entry.push(piece);
      yield* taken();
    }
    entry.push(new Uint8Array(0), true);
    yield* taken();
    onWritten({ path, sha256: hash.digest('hex'), sizeBytes });
  }
  zip.end();
  yield* taken();
}

/** A zip has no time zones: what it shows is the UTC time, wherever it was written and is opened. */
function localTime(instant: string): Date {
  const utc = new Date(instant);
  return new Date(utc.getTime() + utc.getTimezoneOffset() * 60_000);
}
