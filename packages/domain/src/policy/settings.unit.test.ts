import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { policyFor } from './policies.ts';
import { policySettings, settingOf } from './settings.ts';
import { commandCase, roleCases } from './testing/command-cases.ts';
import { settingCases } from './testing/setting-cases.ts';
import { withSetting, type SettingCase } from './testing/setting-case.ts';

const test = suite('every setting of a policy profile decides something');

function caseOf(path: string): SettingCase | undefined {
  return path.startsWith('commands.')
    ? commandCase(path.slice('commands.'.length))
    : { ...settingCases, ...roleCases }[path];
}

for (const path of policySettings()) {
  test(path, () => {
    const found = caseOf(path);
    if (found === undefined)
      throw new Error(`${path} has no row in policy/testing/setting-cases.ts: what does it decide?`);
    const { profile = 'direct-mosa-2020', to, told } = found;
    const policy = policyFor(profile);
    assert.ok(policy);
    assert.not.equal(settingOf(policy, path), to, 'the row changes the setting');
    const asPublished = JSON.stringify(told(profile));
    const changed = withSetting(profile, path, to, () => JSON.stringify(told(profile)));
    assert.is.not(changed, asPublished, 'another value, the same decision');
    assert.is(JSON.stringify(told(profile)), asPublished, 'the row leaves the profile as it was');
  });
}

test('no row is about a setting that is gone', () => {
  const known = new Set(policySettings());
  for (const path of Object.keys(settingCases)) assert.ok(known.has(path), path);
});

test.run();
