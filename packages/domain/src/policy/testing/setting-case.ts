import { policyFor } from '../policies.ts';
import type { PolicyProfile } from '../profile.ts';

/** A history that two profiles decide differently which differ in one setting only. */
export type SettingCase = {
  /** The profile that is changed; default `direct-mosa-2020`. */
  readonly profile?: string;
  /** The other value of the setting. */
  readonly to: unknown;
  /** Runs the history under the profile of this name; answers what was decided, as JSON. */
  readonly told: (profile: string) => unknown;
};

/** Runs a history with one setting of a published profile changed, and puts the setting back. */
export function withSetting<T>(profile: string, path: string, value: unknown, run: () => T): T {
  const keys = path.split('.');
  const last = keys.pop() ?? '';
  const holder = keys.reduce<unknown>((part, key) => recordOf(part)[key], published(profile));
  const record = recordOf(holder);
  const before = record[last];
  record[last] = value;
  try {
    return run();
  } finally {
    record[last] = before;
  }
}

function published(name: string): PolicyProfile {
  const profile = policyFor(name);
  if (profile === undefined) throw new RangeError(`no policy profile ${name}`);
  return profile;
}

function recordOf(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null) throw new TypeError('a setting lies inside an object');
  // Checked on the line above; profiles are plain data.
  return value as Record<string, unknown>;
}
