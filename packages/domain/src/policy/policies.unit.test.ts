import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { addDuration } from '../calendar/index.ts';
import { isReasonCode } from '../messages/index.ts';
import { subscriptionCommandSchemas } from '../subscription/commands.ts';
import { Subject, at } from '../subscription/testing/subject.ts';
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

test('the seven profiles are there, volume licensing in the versions of both its years (domain.md 1.11)', () => {
  assert.equal(policyNames(), [
    'direct-mosa-2020',
    'direct-mca-2024',
    'enterprise-multiyear',
    'vl-enterprise',
    'open-value',
    'csp-nce',
    'marketplace-saas',
  ]);
  assert.is(policyFor('vl-enterprise@1')?.disabledRetention, 'P30D');
  assert.is(policyFor('vl-enterprise')?.disabledRetention, 'P60D');
  assert.equal(policyFor('vl-enterprise')?.version, 2);
});

test('every command of a subscription is opened by some role, in every profile', () => {
  for (const policy of allPolicies()) {
    for (const command of Object.keys(subscriptionCommandSchemas)) {
      assert.ok(policy.commands[command], `${command} has no group in ${profileId(policy)}`);
      assert.is(roleRefusal(policy, { command, roles: ['global-admin'], channel: 'direct' }), null, command);
    }
  }
});

test('what must hold between the durations of a profile does', () => {
  const from = '2027-01-01T00:00:00.000Z';
  const after = (...durations: readonly string[]): string =>
    durations.reduce((at, duration) => addDuration(at, duration, 'UTC'), from);
  for (const policy of allPolicies()) {
    const id = profileId(policy);
    assert.ok(after(policy.cancelledRetention) <= after(policy.dataPurgeAtLatest), id);
    assert.ok(after(policy.minAfterFailedReactivation) <= after(policy.cancelledRetention), id);
    assert.ok(after(policy.acceleratedDunningWindow) <= after(policy.dunningWindow), id);
    assert.ok(
      policy.retryPlan.every((retry) => after(retry) < after(policy.dunningWindow)),
      id,
    );
    assert.ok(after(policy.trialExtensionWindow) <= after(policy.trialLength), id);
    // Whatever waits for payment before it is cancelled must still be there then.
    if (policy.suspendedForPayment !== null) {
      assert.ok(after(policy.suspendedForPayment, policy.cancelledRetention) <= after(policy.disabledRetention), id);
    }
  }
});

/** Days from the end of the term to disabling, and from there to deletion (`domain.md 1.2`, `domain.md 6.6`). */
const lines: Readonly<Record<string, readonly [number, number]>> = {
  'direct-mosa-2020@1': [30, 90],
  'direct-mca-2024@1': [30, 90],
  'enterprise-multiyear@1': [90, 90],
  'vl-enterprise@1': [90, 30],
  'vl-enterprise@2': [90, 60],
  'open-value@1': [30, 90],
  'csp-nce@1': [30, 90],
  'marketplace-saas@1': [0, 37],
};

for (const policy of allPolicies()) {
  const id = profileId(policy);
  test(`${id}: a term that nobody renews runs down the line of its channel`, () => {
    const [grace, retention] = lines[id] ?? [];
    if (grace === undefined || retention === undefined) throw new Error(`${id} has no line here`);
    const subject = Subject.active({ profile: id });
    const expiry = Date.parse('2027-06-01');
    const dayAfter = (days: number): string => new Date(expiry + days * 86_400_000).toISOString();
    subject.tick('2028-06-01');
    assert.equal(
      subject.log
        .filter(({ effectiveAt }) => effectiveAt >= dayAfter(0))
        .map(({ type, effectiveAt }) => [type, effectiveAt]),
      [
        ['SubscriptionExpired', dayAfter(0)],
        ['SubscriptionDisabled', dayAfter(grace)],
        // `domain.md 1.2`, marketplace: suspended, thirty days for payment, then unsubscribed.
        ...(policy.suspendedForPayment === null ? [] : [['SubscriptionCancelled', dayAfter(30)]]),
        ['SubscriptionDeleted', dayAfter(grace + retention)],
      ],
    );
    assert.is(subject.log[0]?.type === 'SubscriptionCreated' && subject.log[0].data.profile, id);
  });
}

test('creating with an unknown profile or version is refused, and names what to do', () => {
  for (const profile of ['nobody-2020', 'direct-mosa-2020@99', 'constructor', '']) {
    const decision = new Subject().command('create', { planId: 'business', seats: 1, term: 'P1Y', profile });
    assert.equal(decision.kind === 'refused' && decision.reasonCodes, ['PROFILE_UNKNOWN'], profile);
    assert.ok(decision.kind === 'refused' && decision.remedies.length > 0);
  }
});

test('a subscription keeps the version that decided it when a newer one is there', () => {
  const older = Subject.active({ profile: 'vl-enterprise@1' });
  const newer = Subject.active({ profile: 'vl-enterprise' });
  for (const subject of [older, newer]) subject.tick('2027-09-01');
  assert.equal([older.header.policy, newer.header.policy], ['vl-enterprise@1', 'vl-enterprise@2']);
  assert.equal([older.header.stateEndsAt, newer.header.stateEndsAt], [at('2027-09-29'), at('2027-10-29')]);
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
