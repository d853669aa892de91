/**
 * RFC 8785 JSON of a value that JSON can carry without loss. Properties that are `undefined` are left out, as JSON does.
 * Written here, not taken from a library, because it also names what JSON cannot carry, in the same pass: libraries write
 * some of it as something else. `canonicalize` is the oracle in the tests.
 * @throws TypeError naming the path of the first value JSON cannot carry: `undefined` (elsewhere), BigInt, NaN,
 * a function, a symbol, a Date or another class, a lone surrogate, a cycle.
 */
export function canonicalJson(value: unknown): string {
  return write(value, '$', []);
}

function write(value: unknown, path: string, above: readonly object[]): string {
  switch (typeof value) {
    case 'string':
      return quote(value, path);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'number':
      // ECMAScript's own way of writing numbers is the one RFC 8785 prescribes.
      if (!Number.isFinite(value)) throw new TypeError(`${path} is ${value}, which JSON cannot carry`);
      return JSON.stringify(value);
    case 'object':
      return value === null ? 'null' : writeInside(value, path, above);
    case 'undefined':
    case 'bigint':
    case 'function':
    case 'symbol':
    default:
      throw new TypeError(`${path} is of type ${typeof value}, which JSON cannot carry`);
  }
}

function writeInside(value: object, path: string, above: readonly object[]): string {
  if (above.includes(value)) throw new TypeError(`${path} contains itself`);
  const below = [...above, value];
  if (Array.isArray(value)) {
    // `Array.from` also visits holes, which are `undefined`.
    return `[${Array.from(value, (member: unknown, index) => write(member, `${path}[${index}]`, below)).join(',')}]`;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    throw new TypeError(`${path} is a ${value.constructor.name}, not plain data`);
  }
  const members = value as Readonly<Record<string, unknown>>; // plain data, by the line above
  let text = '';
  // The default order of strings, by UTF-16 code units, is the one RFC 8785 prescribes.
  for (const key of Object.keys(members).sort()) {
    const member = members[key];
    if (member === undefined) continue;
    text += `${text && ','}${quote(key, path)}:${write(member, `${path}.${key}`, below)}`;
  }
  return `{${text}}`;
}

/** A member of an object as RFC 8785 JSON, `"name":value`. */
export type CanonicalMember = { readonly key: string; readonly json: string };

/**
 * The members of a plain object in the order of RFC 8785, so that objects that share some are not written twice.
 * @throws TypeError like {@link canonicalJson}
 */
export function canonicalMembers(value: Readonly<Record<string, unknown>>): readonly CanonicalMember[] {
  const members: CanonicalMember[] = [];
  for (const key of Object.keys(value).sort()) {
    const member = value[key];
    if (member !== undefined) members.push({ key, json: `${quote(key, '$')}:${write(member, `$.${key}`, [value])}` });
  }
  return members;
}

/** RFC 8785 JSON of an object with these members. */
export function objectJson(members: readonly CanonicalMember[]): string {
  return `{${members.map(({ json }) => json).join(',')}}`;
}

/** The members with one more, at its place. */
export function withMember(members: readonly CanonicalMember[], key: string, value: unknown): CanonicalMember[] {
  const [added] = canonicalMembers({ [key]: value });
  const others = members.filter((member) => member.key !== key);
  const index = others.findIndex((member) => member.key > key);
  return added ? others.toSpliced(index < 0 ? others.length : index, 0, added) : others;
}

/** Whether a value is exactly what its JSON reads back as (`json` was parsed): no property more, not even `undefined`. */
export function isSameJson(value: unknown, json: unknown): boolean {
  if (typeof value !== 'object' || typeof json !== 'object' || value === null || json === null) {
    return Object.is(value, json);
  }
  if (Object.getPrototypeOf(value) !== Object.getPrototypeOf(json)) return false;
  const names = Object.keys(value);
  if (names.length !== Object.keys(json).length) return false;
  // Of one prototype: both lists, or both plain objects, whose members are found by their names.
  const [left, right] = [value as Readonly<Record<string, unknown>>, json as Readonly<Record<string, unknown>>];
  return names.every((name) => Object.hasOwn(right, name) && isSameJson(left[name], right[name]));
}

const loneSurrogate = /\p{Surrogate}/u;
/** Text that is its own JSON: nearly all there is, and testing costs a fifth of JSON.stringify. */
const plain = /^[ !#-[\]-~]*$/;

function quote(text: string, path: string): string {
  if (plain.test(text)) return `"${text}"`;
  if (loneSurrogate.test(text)) throw new TypeError(`${path} contains a lone surrogate, which JSON cannot carry`);
  return JSON.stringify(text);
}
