import type { z } from 'zod';
import { allPolicies } from './policies.ts';
import { policyProfileSchema, type PolicyProfile } from './profile.ts';

/**
 * Paths of all settings, in the order of the schema: `expiredGrace`, `reactivation.access`. The map of commands is open, so
 * each command that any profile knows is one.
 */
export function policySettings(): string[] {
  return pathsOf(policyProfileSchema, '');
}

/** The value at a path; `undefined` when the profile says nothing there. */
export function settingOf(profile: PolicyProfile, path: string): unknown {
  return path.split('.').reduce<unknown>((value, key) => (isRecord(value) ? value[key] : undefined), profile);
}

function pathsOf(schema: z.ZodObject, prefix: string): string[] {
  return Object.entries(schema.shape).flatMap(([key, inner]) => {
    const path = prefix + key;
    if (path === 'name' || path === 'version') return [];
    if (path === 'commands') return commandNames().map((command) => `commands.${command}`);
    // Of the schemas here only objects have a shape.
    return 'shape' in inner ? pathsOf(inner as z.ZodObject, `${path}.`) : [path];
  });
}

function commandNames(): string[] {
  return [...new Set(allPolicies().flatMap((profile) => Object.keys(profile.commands)))];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
