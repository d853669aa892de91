/**
 * What is stored stays readable: every version of every event type has a frozen file of examples in `corpus/`
 * (`node tools/event-corpus.mjs`), and a schema may change only together with its version.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { z } from 'zod';
import { eventDefinitions, type DomainEventDefinition } from './event-definitions.ts';

const test = suite('the corpus of events');
const folder = new URL('../corpus/', import.meta.url);

type Frozen = {
  readonly type: string;
  readonly schemaVersion: number;
  readonly schemaDigest: string;
  readonly examples: readonly unknown[];
};

const frozen = readdirSync(folder).map((name) => {
  const content = JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Frozen; // written by the tool
  assert.is(name, `${content.type}.v${content.schemaVersion}.json`);
  return content;
});
const definitionOf = new Map(eventDefinitions.map((definition) => [definition.type, definition]));

test('every version that a type ever had is frozen, and no frozen type was given up', () => {
  const versions = eventDefinitions.flatMap(({ type, schemaVersion }) =>
    Array.from({ length: schemaVersion }, (_, index) => `${type} ${index + 1}`),
  );
  assert.equal(
    frozen.map(({ type, schemaVersion }) => `${type} ${schemaVersion}`).sort(),
    versions.sort(),
    'run `node tools/event-corpus.mjs add` after adding a type or a version; a type that was stored is never removed',
  );
});

for (const { type, schemaVersion, schemaDigest, examples } of frozen) {
  test(`${type} version ${schemaVersion} still becomes a valid event of today`, () => {
    const definition = definitionOf.get(type);
    assert.ok(definition);
    assert.ok(examples.length > 0);
    for (const example of examples) {
      const result = definition?.schema.safeParse(upcast(definition, schemaVersion, example));
      assert.ok(result?.success, `${JSON.stringify(example)}: ${result?.error?.message}`);
    }
    if (definition?.schemaVersion !== schemaVersion) return;
    assert.is(
      digestOf(definition.schema),
      schemaDigest,
      `the schema of ${type} changed: raise its version with an upcaster and run \`node tools/event-corpus.mjs add\`. ` +
        `Only before the first release: \`node tools/event-corpus.mjs refreeze ${type}\``,
    );
  });
}

test('a schema that changed is noticed', () => {
  const schema = z.object({ at: z.string() });
  assert.is(digestOf(schema), digestOf(z.object({ at: z.string() })));
  assert.is.not(digestOf(schema), digestOf(z.object({ at: z.string().optional() })));
  assert.is.not(digestOf(schema), digestOf(z.object({ at: z.string().max(5) })));
});

function upcast({ upcasters = [] }: DomainEventDefinition, fromVersion: number, data: unknown): unknown {
  return upcasters.slice(fromVersion - 1).reduce((older: unknown, upcaster) => upcaster(older), data);
}

function digestOf(schema: z.ZodType): string {
  return createHash('sha256')
    .update(JSON.stringify(sorted(z.toJSONSchema(schema, { io: 'input' }))))
    .digest('hex');
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, member]) => [key, sorted(member)]));
}

test.run();
