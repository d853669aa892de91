// Freezes what is stored. `packages/domain/corpus/<Type>.v<N>.json` holds, for every version that an event type ever had,
// examples of its data and a digest of its schema; packages/domain/src/event-corpus.unit.test.ts refuses a schema that changed
// without a new version, and an old example that no longer becomes a valid event.
//
//   node tools/event-corpus.mjs add               writes the files of types and versions that have none
//   node tools/event-corpus.mjs refreeze <Type>   writes the current version's file anew; only before the first release;
//                                                 --changed instead of a type: those whose schema changed
//
// Run `npx tsc -b packages/domain` first. Examples come from the schemas: one with every field, one with what is required,
// and one for each way in which a union can go.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const domain = join(dirname(dirname(fileURLToPath(import.meta.url))), 'packages/domain');
const corpus = join(domain, 'corpus');
const { eventDefinitions } = await import(join(domain, 'dist/index.js'));
const { z } = createRequire(join(domain, 'package.json'))('zod');
const exampleCountMax = 6;

// Texts for the patterns that the schemas use; a pattern that is not here fails loudly.
const texts = [
  '2027-01-31T10:30:00.000Z',
  '2029-12',
  'EUR',
  'NL',
  '4242',
  '0190a3c4-6d2e-7c1b-8f5a-3b2c1d0e9f8a',
  '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  '48123',
  'ABCDE',
  'example',
];

const [command, type] = process.argv.slice(2);
if (command === 'add') {
  for (const definition of eventDefinitions) if (!existsSync(fileOf(definition))) write(definition);
} else if (command === 'refreeze') {
  const isWanted = type === '--changed' ? isChanged : (candidate) => candidate.type === type;
  const wanted = eventDefinitions.filter(isWanted);
  if (wanted.length === 0 && type !== '--changed') fail(`there is no event type ${type}`);
  if (isReleased()) fail('a version was released: its events are in logs. Raise schemaVersion and write an upcaster.');
  for (const definition of wanted) write(definition);
} else {
  fail('say add, or refreeze <Type>');
}

function fail(message) {
  console.error(`event-corpus: ${message}`);
  process.exit(1);
}

/** Before the first release no log but a developer's holds such events. */
function isReleased() {
  const headings = readFileSync(join(domain, '../../CHANGELOG.md'), 'utf8').match(/^## .*$/gm) ?? [];
  return headings.some((heading) => !heading.includes('(unreleased)'));
}

function fileOf(definition) {
  return join(corpus, `${definition.type}.v${definition.schemaVersion}.json`);
}

function isChanged(definition) {
  const file = fileOf(definition);
  return existsSync(file) && JSON.parse(readFileSync(file, 'utf8')).schemaDigest !== digestOf(jsonSchemaOf(definition));
}

function jsonSchemaOf({ schema }) {
  return z.toJSONSchema(schema, { io: 'input' });
}

function digestOf(jsonSchema) {
  return createHash('sha256')
    .update(JSON.stringify(sorted(jsonSchema)))
    .digest('hex');
}

function write(definition) {
  const { type: name, schemaVersion, schema } = definition;
  const jsonSchema = jsonSchemaOf(definition);
  const examples = examplesOf(jsonSchema, name).filter((example) => schema.safeParse(example).success);
  if (examples.length === 0) fail(`no example of ${name} could be made: write ${fileOf(definition)} by hand`);
  const digest = digestOf(jsonSchema);
  mkdirSync(corpus, { recursive: true });
  const head = `"type": "${name}",\n  "schemaVersion": ${schemaVersion},\n  "schemaDigest": "${digest}"`;
  const lines = examples.map((example) => `    ${JSON.stringify(example)}`).join(',\n');
  writeFileSync(fileOf(definition), `{\n  ${head},\n  "examples": [\n${lines}\n  ]\n}\n`);
  console.log(`wrote ${name} version ${schemaVersion}: ${examples.length} examples`);
}

function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, member]) => [key, sorted(member)]),
  );
}

function examplesOf(jsonSchema, name) {
  const seen = new Map();
  for (let variant = 0; variant < exampleCountMax; variant += 1) {
    for (const optional of [true, false]) {
      const example = exampleOf(jsonSchema, { variant, optional, root: jsonSchema, name, depth: 0 });
      seen.set(JSON.stringify(example), example);
    }
  }
  return [...seen.values()].slice(0, exampleCountMax);
}

function exampleOf(schema, context) {
  if (schema === true || Object.keys(schema).length === 0) return 'anything';
  if (schema.$ref) {
    const target = schema.$ref
      .split('/')
      .slice(1)
      .reduce((at, key) => at[key], context.root);
    return context.depth > 4 ? null : exampleOf(target, { ...context, depth: context.depth + 1 });
  }
  if ('const' in schema) return schema.const;
  if (schema.enum) return schema.enum[context.variant % schema.enum.length];
  const ways = schema.anyOf ?? schema.oneOf;
  if (ways) return exampleOf(ways[context.variant % ways.length], context);
  if (schema.allOf) return Object.assign({}, ...schema.allOf.map((part) => exampleOf(part, context)));
  switch (Array.isArray(schema.type) ? schema.type[context.variant % schema.type.length] : schema.type) {
    case 'object':
      return objectOf(schema, context);
    case 'array':
      return schema.items && (context.optional || schema.minItems > 0) ? [exampleOf(schema.items, context)] : [];
    case 'string':
      return textOf(schema, context);
    case 'integer':
    case 'number':
      return Math.min(Math.max(schema.exclusiveMinimum + 1 || schema.minimum || 0, 3), schema.maximum ?? 3);
    case 'boolean':
      return context.variant % 2 === 0;
    case 'null':
      return null;
    default:
      return fail(`${context.name} holds a schema that has no example: ${JSON.stringify(schema)}`);
  }
}

function objectOf(schema, context) {
  const required = new Set(schema.required ?? []);
  const members = Object.entries(schema.properties ?? {})
    .filter(([key]) => context.optional || required.has(key))
    .map(([key, member]) => [key, exampleOf(member, context)]);
  const others = schema.propertyNames && typeof schema.additionalProperties === 'object';
  if (others && context.optional) {
    members.push([exampleOf(schema.propertyNames, context), exampleOf(schema.additionalProperties, context)]);
  }
  return Object.fromEntries(members);
}

function textOf({ pattern, minLength = 0, maxLength = Infinity }, { name }) {
  const expression = pattern && new RegExp(pattern, 'u');
  const fits = (text) => (!expression || expression.test(text)) && text.length >= minLength && text.length <= maxLength;
  const found = [...texts.slice().reverse(), 'x'.repeat(minLength)].find(fits);
  return found ?? fail(`${name} holds a text of the pattern ${pattern}: add an example of it to \`texts\``);
}
