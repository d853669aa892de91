/**
 * The path (`$.data.items[0].note`) of the first text in a JSON value for which the question is answered with yes; names
 * of fields are asked about too. Any depth: the walk needs no stack.
 */
export function findText(value: unknown, asks: (text: string) => boolean): string | undefined {
  const open: { readonly path: string; readonly value: unknown }[] = [{ path: '$', value }];
  for (let next = open.pop(); next; next = open.pop()) {
    const { path, value: current } = next;
    if (typeof current === 'string' && asks(current)) return path;
    if (current === null || typeof current !== 'object') continue;
    const isList = Array.isArray(current);
    for (const [key, inner] of Object.entries(current).toReversed()) {
      if (!isList && asks(key)) return `${path} (the name of a field)`;
      open.push({ path: isList ? `${path}[${key}]` : `${path}.${key}`, value: inner });
    }
  }
  return undefined;
}

/** The path of the first text that is not well-formed Unicode: half a surrogate pair has no bytes to store. */
export function findIllFormedText(value: unknown): string | undefined {
  return findText(value, (text) => /\p{Surrogate}/u.test(text));
}
