import { createHash } from 'node:crypto';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { allPolicies, profileId } from './policies.ts';
import type { PolicyProfile } from './profile.ts';
import { policySettings, settingOf } from './settings.ts';

const test = suite('published policy profiles are frozen');

/**
 * Every setting, in the editions in which they came to be: a new setting opens a new edition at the end, in which each
 * published profile says what it meant before there was a setting. Lines that are here are never edited.
 */
const editions = [
  `
  acceleratedDunningWindow appOfflineTolerance assignWhileExpired cancelNeedsDomainRemoved cancelSeatLimit
  cancelSeatLimitCounts cancellationCredit cancellationWindow cancellationWindowByCountry
  cancellationWindowFromEachRenewal cancelledRetention chargebackDisable commands.activate
  commands.activate-device commands.add-note commands.add-payment-method commands.add-seats
  commands.assign-license commands.cancel-at-term-end commands.cancel-now commands.change-plan
  commands.convert-trial commands.correct-fact commands.create commands.deactivate-device commands.delete-now
  commands.disable commands.export-data commands.extend-trial commands.link-payment commands.move-license
  commands.pause commands.pay-balance commands.reactivate commands.redeem-key commands.remove-seats
  commands.replace-payment-method commands.resume commands.set-apps-for-assignment
  commands.set-recurring-billing commands.support-reactivate commands.suspend commands.unassign-license
  commands.undo-scheduled-cancel commands.update-payment-method dataPurgeAtLatest deletableBeforeRetentionEnds
  devicesPerKindMax disabledRetention dunningNotices dunningWindow expiredAccess expiredGrace firstPaymentWindow
  fullRefundOfCurrentTerm latePayment.autoDisableReasons
  latePayment.inDisabled latePayment.inGrace minAfterFailedReactivation noticesBeforeDeadline prepaidCap
  providerOwnsPlanAndSeats reactivation.access reactivation.allowedDisableReasons reactivation.blockedChannels
  reactivation.expiredTermStart reactivation.fromStates reactivation.keepsSubscription
  reactivationConfirm.bank.duration reactivationConfirm.bank.workingDays reactivationConfirm.boleto.duration
  reactivationConfirm.boleto.workingDays reactivationConfirm.card.duration reactivationConfirm.card.workingDays
  reactivationConfirm.invoice.duration reactivationConfirm.invoice.workingDays remoteSignOutLag retryPlan roles
  rolesByChannel seatConflict seatReductionWindow suspendedForPayment trialEnd trialExtension
  trialExtensionCountMax trialExtensionWindow trialGrace trialLength
 `,
  `
  creditCheck.duration creditCheck.workingDays deletionNeedsConfirmation dunningAfterFinalFailure heldAtTermEnd
  holds.pause.blocksAccess holds.pause.blocksBilling holds.pause.blocksChanges holds.pause.movesTermEnd
  holds.suspend.blocksAccess holds.suspend.blocksBilling holds.suspend.blocksChanges holds.suspend.movesTermEnd
  providerSuspension reactivation.byProductKey seatConflictLapse seatConflictStorage
  seatReductionNeedsRecurringBilling seatReductionWindowFromEachRenewal seatsBelowAssigned.atRenewal
  seatsBelowAssigned.now`,
].map((text) => text.trim().split(/\s+/));

/** Digests of what each published profile says, one for each edition. Lines that are here are never edited. */
const published: Readonly<Record<string, readonly string[]>> = {
  'direct-mosa-2020@1': ['69bf3c2816a647e4', 'bc959c1f4264981a'],
  'direct-mca-2024@1': ['c9e419566ff0c5d2', 'db8eb6dbc279dec6'],
  'enterprise-multiyear@1': ['c51a637a53bd4530', 'bc959c1f4264981a'],
  'vl-enterprise@1': ['6c94e1a0e1d8c53c', '6d5fbe7e56e5bce5'],
  'vl-enterprise@2': ['b8793c8e7e58cb41', '6d5fbe7e56e5bce5'],
  'open-value@1': ['72c5a9ff2fdfc9ff', 'bc959c1f4264981a'],
  'csp-nce@1': ['240db9d619e58b38', '950c67d114942b30'],
  'marketplace-saas@1': ['4f8b795260d9025f', '9b09a442ed0822b8'],
};

test('a published profile says what it said when it was published: change it by a new version', () => {
  const now = Object.fromEntries(allPolicies().map((profile) => [profileId(profile), editions.map(digestOf(profile))]));
  assert.equal(now, published);
});

test('every setting belongs to one edition, so that none can be changed unseen', () => {
  assert.equal(editions.flat().sort(), policySettings().sort());
});

test('another value in any setting is another digest', () => {
  const [profile] = allPolicies();
  if (!profile) throw new Error('there is no profile');
  const before = editions.map(digestOf(profile));
  const cases: [Partial<PolicyProfile>, number][] = [
    [{ expiredGrace: 'P31D' }, 0],
    [{ reactivation: { ...profile.reactivation, fromStates: ['expired'] } }, 0],
    [{ commands: { ...profile.commands, disable: ['billing'] } }, 0],
    [{ roles: { ...profile.roles, intern: ['billing'] } }, 0],
    [{ holds: { ...profile.holds, pause: profile.holds.suspend } }, 1],
  ];
  for (const [change, edition] of cases) {
    const after = editions.map(digestOf({ ...profile, ...change }));
    assert.is.not(after[edition], before[edition], JSON.stringify(change));
    assert.is(after[1 - edition], before[1 - edition]);
  }
});

function digestOf(profile: PolicyProfile): (settings: readonly string[]) => string {
  return (settings) => {
    const values = settings.map((path) => [path, sorted(settingOf(profile, path)) ?? null]);
    return createHash('sha256').update(JSON.stringify(values)).digest('hex').slice(0, 16);
  };
}

/** The same content, with keys in one order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key])]),
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

test.run();
