/** Longest stream name the embedded store takes, in UTF-8 bytes: it is a key of the index. */
export const STREAM_NAME_BYTES_MAX = 1024;

/** The stream that `metastream` holds metadata for, or undefined when `name` is no metastream. */
export function originalOf(name: string): string | undefined {
  // Metadata of a metastream means nothing, so `$$$$x` is an ordinary stream.
  return name.startsWith('$$') && !name.startsWith('$$', 2) ? name.slice(2) : undefined;
}

/** The stream that holds the metadata of `name`. */
export function metastreamOf(name: string): string {
  return `$$${name}`;
}
