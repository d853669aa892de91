import { EventRegistryError } from './errors.ts';
import { compileCheck, type Check } from './schema-check.ts';
import type { EventDefinition } from './types.ts';

/** All event types a program can read and write. Made once by {@link createEventRegistry}. */
export type EventRegistry = {
  readonly types: readonly string[];
  find(type: string): KnownEvent | undefined;
};

/** A definition, and the plain check of what its schema takes as it is. */
export type KnownEvent = EventDefinition & { readonly takesAsItIs: Check };

/**
 * Checks the definitions and makes them findable by type.
 * @throws EventRegistryError when a type occurs twice, or a version has no upcaster to the next one.
 */
export function createEventRegistry(definitions: readonly EventDefinition[]): EventRegistry {
  const byType = new Map<string, KnownEvent>();
  for (const definition of definitions) {
    const problem = byType.has(definition.type) ? 'is defined twice' : problemOf(definition);
    if (problem) throw new EventRegistryError(definition.type, problem);
    byType.set(definition.type, { ...definition, takesAsItIs: checkOf(definition) });
  }
  return { types: [...byType.keys()], find: (type) => byType.get(type) };
}

/** Made when the first such event is read: a program starts faster without, and most types are rare. */
function checkOf({ schema }: EventDefinition): Check {
  let check: Check | undefined;
  return (value) => (check ??= compileCheck(schema))(value);
}

function problemOf({ type, schemaVersion, upcasters = [] }: EventDefinition): string | undefined {
  if (type === '') return 'a type needs a name';
  if (type.startsWith('$')) return 'types that begin with $ belong to the event store';
  if (!Number.isInteger(schemaVersion) || schemaVersion < 1) return `schema version ${schemaVersion} is not 1, 2, 3, …`;
  if (upcasters.length !== schemaVersion - 1) {
    return `version ${schemaVersion} needs ${schemaVersion - 1} upcasters, there are ${upcasters.length}`;
  }
  return undefined;
}
