import * as assert from 'uvu/assert';
import type { Json } from '../pipeline/perennial.ts';

/** Asserts that a value has at least these fields, given by name with spaces between; `null` is a value. */
export function assertFields(value: Json, names: string, what: string): void {
  for (const name of names.trim().split(/\s+/)) {
    assert.ok(Object(value)[name] !== undefined, `${what} has no ${name}: ${JSON.stringify(value)}`);
  }
}
