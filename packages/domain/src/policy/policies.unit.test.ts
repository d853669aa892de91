import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isReasonCode } from '../messages/index.ts';
import { subscriptionCommandSchemas } from '../subscription/commands.ts';
import { roleRefusal } from './authority.ts';
import { allPolicies, policyFor, policyNames, profileId } from './policies.ts';
import { policyProfileSchema } from './profile.ts';

const test = suite('policy profiles');
const mosa = policyFor('direct-mosa-2020');
if (!mosa) throw new Error('the default profile is missing');

test('every profile fits the schema and is found by its id', () => {
  for (const profile of allPolicies()) {
    assert.equal(policyProfileSchema.parse(profile), profile);
    assert.is(policyFor(profileId(profile)), profile);
  }
});

test('a bare name means the newest version; an unknown one is no profile', () => {
  assert.is(mosa, policyFor('direct-mosa-2020@1'));
  assert.is(policyFor('direct-mosa-2020@99'), undefined);
  assert.is(policyFor('constructor'), undefined);
  assert.ok(policyNames().includes('direct-mosa-2020'));
});

test('every command of a subscription is opened by some role', () => {
  for (const command of Object.keys(subscriptionCommandSchemas)) {
    assert.ok(mosa.commands[command], `${command} has no group`);
    assert.is(roleRefusal(mosa, { command, roles: ['global-admin'], channel: 'direct' }), null, command);
  }
});

test('whoever buys may not assign, and the other way round', () => {
  const ask = (command: string, role: string): string | null =>
    roleRefusal(mosa, { command, roles: [role], channel: 'direct' });
  assert.is(ask('reactivate', 'billing-admin'), null);
  assert.is(ask('assign-license', 'billing-admin'), 'NOT_LICENSE_ADMIN');
  assert.is(ask('assign-license', 'user-admin'), null);
  assert.is(ask('reactivate', 'license-admin'), 'NOT_BILLING_ADMIN');
  assert.is(ask('disable', 'billing-admin'), 'ROLE_MISSING');
  assert.is(ask('support-reactivate', 'support'), null);
  assert.is(ask('no-such-command', 'global-admin'), 'ROLE_MISSING');
  assert.is(ask('reactivate', 'constructor'), 'NOT_BILLING_ADMIN');
  assert.ok(['NOT_BILLING_ADMIN', 'NOT_LICENSE_ADMIN', 'ROLE_MISSING'].every(isReasonCode));
});

test('a partner acts only on what its channel sold', () => {
  const ask = (command: string, channel: 'direct' | 'reseller'): string | null =>
    roleRefusal(mosa, { command, roles: ['partner'], channel });
  assert.is(ask('suspend', 'reseller'), null);
  assert.is(ask('cancel-now', 'reseller'), null);
  assert.is(ask('cancel-now', 'direct'), 'NOT_BILLING_ADMIN');
  assert.is(ask('suspend', 'direct'), 'ROLE_MISSING');
});

test.run();
