import canonicalize from 'canonicalize';

/**
 * RFC 8785 JSON of a value that JSON can carry without loss. Properties that are `undefined` are left out, as JSON does.
 * @throws TypeError naming the path of the first value JSON cannot carry: `undefined` (elsewhere), BigInt, NaN,
 * a function, a symbol, a Date or another class, a lone surrogate, a cycle.
 */
export function canonicalJson(value: unknown): string {
  const problem = problemOf(value, '$', new Set());
  if (problem) throw new TypeError(problem);
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError('$ is not JSON');
  return text;
}

function problemOf(value: unknown, path: string, above: Set<object>): string | undefined {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return undefined;
    case 'number':
      return Number.isFinite(value) ? undefined : `${path} is ${value}, which JSON cannot carry`;
    case 'object':
      return value === null ? undefined : problemInside(value, path, above);
    case 'undefined':
    case 'bigint':
    case 'function':
    case 'symbol':
    default:
      return `${path} is of type ${typeof value}, which JSON cannot carry`;
  }
}

function problemInside(value: object, path: string, above: Set<object>): string | undefined {
  if (above.has(value)) return `${path} contains itself`;
  above.add(value);
  const problem = Array.isArray(value) ? problemInArray(value, path, above) : problemInObject(value, path, above);
  above.delete(value);
  return problem;
}

function problemInArray(values: readonly unknown[], path: string, above: Set<object>): string | undefined {
  for (let index = 0; index < values.length; index += 1) {
    const problem = problemOf(values[index], `${path}[${index}]`, above);
    if (problem) return problem;
  }
  return undefined;
}

function problemInObject(value: object, path: string, above: Set<object>): string | undefined {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null)
    return `${path} is a ${value.constructor.name}, not plain data`;
  // A function of this name would be called by JSON instead of being refused.
  if ('toJSON' in value && typeof value.toJSON === 'function') return `${path} has a function toJSON`;
  for (const [key, member] of Object.entries(value)) {
    if (member === undefined) continue;
    const problem = problemOf(member, `${path}.${key}`, above);
    if (problem) return problem;
  }
  return undefined;
}
