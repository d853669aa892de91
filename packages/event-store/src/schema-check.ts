import type { z } from 'zod';
import { isSameJson } from './json.ts';

/** Answers true only for a value that a schema takes, and gives back exactly as it is. False says nothing: ask the schema. */
export type Check = (value: unknown) => boolean;

type Schema = z.core.$ZodType;
type Checks = z.core.$ZodTypeDef['checks'];

/**
 * Turns a schema into a plain check of JSON. Every event that is read passes one, and asking the schema itself costs four times
 * as much, because it copies what it reads and can say what is wrong. Kinds of schema that are not known here are asked
 * themselves, each for its own part of the value.
 */
export function compileCheck(schema: Schema): Check {
  const check = compileKind(schema);
  return check ? both(check, checksOf(schema)) : askSchema(schema);
}

/** The check of a kind of schema, without the further ones (lengths, patterns) that may be attached to it. */
function compileKind(schema: Schema): Check | undefined {
  // The union of all kinds, told apart by `type`: as the library means its introspection to be used.
  const { def } = (schema as z.core.$ZodTypes)._zod;
  if ('coerce' in def && def.coerce) return undefined;
  if (def.type === 'string') return compileString(def);
  if (def.type === 'number') return compileNumber(def);
  if (def.type === 'boolean') return (value) => typeof value === 'boolean';
  if (def.type === 'null') return (value) => value === null;
  if (def.type === 'enum' || def.type === 'literal') return compileValues(schema);
  if (def.type === 'optional') return orElse(undefined, compileCheck(def.innerType));
  if (def.type === 'nullable') return orElse(null, compileCheck(def.innerType));
  if (def.type === 'array') return compileArray(compileCheck(def.element));
  if (def.type === 'record') return compileRecord(def);
  if (def.type === 'object') return compileObject(def);
  if (def.type === 'union') return compileUnion(schema, def.options);
  return def.type === 'lazy' ? compileLazily(def.getter) : undefined;
}

/** What the schema makes of a value is compared with it. */
function askSchema(schema: Schema): Check {
  return (value) => {
    const { issues, value: read } = run(schema, value);
    return issues.length === 0 && isSameJson(read, value);
  };
}

function run(schema: Schema, value: unknown): z.core.ParsePayload {
  const payload = schema._zod.run({ value, issues: [] }, { async: false });
  if (payload instanceof Promise) throw new TypeError('the schema of an event cannot be asynchronous');
  return payload;
}

function compileString(def: z.core.$ZodStringDef | z.core.$ZodStringFormatDef): Check | undefined {
  if (!('format' in def)) return (value) => typeof value === 'string';
  // A format without a pattern, or with more than a pattern, is the schema's own business.
  return def.pattern && patternOnly.has(def.format) ? matching(def.pattern) : undefined;
}

const patternOnly: ReadonlySet<string> = new Set(['datetime', 'regex', 'uuid']);

function compileNumber(def: z.core.$ZodNumberDef): Check | undefined {
  if (!('format' in def)) return (value) => typeof value === 'number' && Number.isFinite(value);
  return def.format === 'safeint' ? (value) => Number.isSafeInteger(value) : undefined;
}

function compileValues({ _zod: { values } }: Schema): Check | undefined {
  if (!values) return undefined;
  const known: ReadonlySet<unknown> = values;
  return (value) => known.has(value);
}

function orElse(other: null | undefined, check: Check): Check {
  return (value) => value === other || check(value);
}

function compileArray(check: Check): Check {
  return (value) => Array.isArray(value) && value.every(check);
}

function compileRecord({ keyType, valueType }: z.core.$ZodRecordDef): Check | undefined {
  // Keys that are numbers, or that all have to be there, are the schema's own business.
  if (keyType._zod.def.type !== 'string') return undefined;
  const [checkKey, checkValue] = [compileCheck(keyType), compileCheck(valueType)];
  return (value) => isPlain(value) && Object.keys(value).every((key) => checkKey(key) && checkValue(value[key]));
}

function compileObject({ shape, catchall }: z.core.$ZodObjectDef): Check | undefined {
  // Such a member, when it is absent, the schema finds at the prototype.
  if (Object.keys(shape).some((key) => key in Object.prototype)) return undefined;
  const members = new Map(Object.entries(shape).map(([key, schema]) => [key, compileCheck(schema)]));
  const required = Object.entries(shape).flatMap(([key, schema]) => (staysAbsent(schema) ? [] : [key]));
  const others = catchall && compileCheck(catchall);
  return (value) => {
    if (!isPlain(value)) return false;
    for (const key of Object.keys(value)) {
      // What the schema does not know it leaves out or refuses.
      const check = members.get(key) ?? others;
      if (!check?.(value[key])) return false;
    }
    return required.every((key) => Object.hasOwn(value, key));
  };
}

/** Whether nothing stands in for a member that is not there. */
function staysAbsent(schema: Schema): boolean {
  const { issues, value } = run(schema, undefined);
  return issues.length === 0 && value === undefined;
}

function compileUnion(schema: Schema, [first]: readonly Schema[]): Check {
  // The first option that takes a value counts: what a later one would take as it is, an earlier one may take otherwise.
  const check = first && compileCheck(first);
  const ask = askSchema(schema);
  return (value) => check?.(value) === true || ask(value);
}

/** A schema that names itself is met again inside: each is compiled once, when it is first asked. */
const lazily = new WeakMap<object, Check>();

function compileLazily(getter: () => Schema): Check {
  return (value) => {
    let check = lazily.get(getter);
    if (!check) lazily.set(getter, (check = compileCheck(getter())));
    return check(value);
  };
}

/** The length, pattern and bound checks that are attached to a schema, or any other: each is asked as it is. */
function checksOf(schema: Schema): readonly Check[] {
  const checks: Checks = schema._zod.def.checks;
  return (checks ?? []).map(compileAttached);
}

function compileAttached(attached: z.core.$ZodCheck): Check {
  // As above: the kinds are told apart by their names.
  const { def } = (attached as unknown as z.core.$ZodChecks)._zod;
  if (def.check === 'min_length') return (value) => lengthOf(value) >= def.minimum;
  if (def.check === 'max_length') return (value) => lengthOf(value) <= def.maximum;
  if (def.check === 'length_equals') return (value) => lengthOf(value) === def.length;
  if (def.check === 'greater_than') return bound(def.value, (value, limit) => value > limit, def.inclusive);
  if (def.check === 'less_than') return bound(def.value, (value, limit) => value < limit, def.inclusive);
  const pattern = def.check === 'string_format' && def.format === 'regex' ? def.pattern : undefined;
  return pattern ? matching(pattern) : askAttached(attached);
}

/** Of a number: the schema has looked before. */
function bound(limit: unknown, isWithin: (value: number, limit: number) => boolean, inclusive: boolean): Check {
  const number = Number(limit);
  return (value) => isWithin(Number(value), number) || (inclusive && value === number);
}

/** Those that are a function of the program among them, which may look at the whole value. */
function askAttached(attached: z.core.$ZodCheck): Check {
  return (value) => {
    // A check is attached to a schema whose values it takes, and that one has taken the value before.
    const payload = { value: value as never, issues: [] };
    const answer = attached._zod.check(payload);
    if (answer instanceof Promise) throw new TypeError('the schema of an event cannot be asynchronous');
    return payload.issues.length === 0 && Object.is(payload.value, value);
  };
}

function both(check: Check, others: readonly Check[]): Check {
  const [other, ...more] = others;
  if (!other) return check;
  return both((value) => check(value) && other(value), more);
}

/** Of a text or a list: the schema has looked before. */
function lengthOf(value: unknown): number {
  return (value as { readonly length: number }).length;
}

function matching(pattern: RegExp): Check {
  const stateless = new RegExp(pattern.source, pattern.flags.replaceAll(/[gy]/g, ''));
  return (value) => typeof value === 'string' && stateless.test(value);
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
