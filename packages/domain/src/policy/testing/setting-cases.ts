/**
 * For every setting of a policy profile a history in which it decides: what another value of this setting alone leads to is
 * something else. Who may give which command is in command-cases.ts.
 *
 * @module
 */
import type { PlanUnit } from '../../catalogue/catalogue.ts';
import { deviceRows } from '../../entitlement/index.ts';
import { noticesAhead } from '../../notice/noticed-deadlines.ts';
import { accessOf } from '../../subscription/access.ts';
import { SeatSubject } from '../../seat/testing/seat-subject.ts';
import { pagedGet } from '../../subscription/paged-map.ts';
import { card, inState } from '../../subscription/testing/states.ts';
import { Subject, at, fact } from '../../subscription/testing/subject.ts';
import { reactivationCases } from './reactivation-cases.ts';
import type { SettingCase } from './setting-case.ts';

const mca = 'direct-mca-2024';
const price = { minor: 1000, currency: 'EUR' } as const;

type Body = Parameters<typeof Subject.active>[0];

/** The first term, three seats of 10 EUR, is paid an hour after its start. */
export function paid(profile: string, body: Body = {}): Subject {
  const subject = Subject.active({ profile, price, ...body });
  subject.now = at('2026-06-01T01:00');
  subject.pay(fact('settled', subject.now, { id: 'first', amount: { minor: 3000, currency: 'EUR' } }));
  return subject;
}

function active(profile: string, now: string, body: Body = {}): Subject {
  const subject = Subject.active({ profile, ...body });
  subject.tick(now);
  return subject;
}

function pastDue(profile: string, more: Parameters<typeof fact>[2] = {}): Subject {
  const subject = active(profile, '2027-05-01');
  subject.pay(fact('failed', '2027-05-01', { id: 'renewal', ...more }));
  return subject;
}

function trial(profile: string, now: string): Subject {
  const subject = Subject.active({ profile, trial: true });
  subject.accept('add-payment-method', { paymentMethod: card });
  subject.tick(now);
  return subject;
}

function held(kind: 'pause' | 'suspend', profile: string): Subject {
  const subject = active(profile, '2026-07-01');
  subject.accept(kind);
  return subject;
}

/** Two of three seats are assigned; two are taken away. */
function conflict(profile: string, when: 'now' | 'renewal', plan: { readonly unit?: PlanUnit } = {}): Subject {
  const subject = new Subject();
  subject.facts = { plan: { planId: 'business', apps: [], ...plan } };
  subject.accept('create', { planId: 'business', seats: 3, term: 'P1Y', profile });
  subject.accept('activate');
  for (const personId of ['alice', 'bob']) subject.accept('assign-license', { personId });
  subject.now = at('2026-06-02');
  subject.command('remove-seats', { count: 2, when });
  subject.pay(
    fact('settled', '2026-06-02', { id: 'ahead', servicePeriod: { start: at('2027-06-01'), end: at('2028-06-01') } }),
  );
  subject.tick('2027-06-02');
  return subject;
}

function status({ header }: Subject): string {
  return header.status;
}

function holdCases(kind: 'pause' | 'suspend', to: boolean): Record<string, SettingCase> {
  return {
    [`holds.${kind}.blocksAccess`]: {
      to: false,
      told: (profile) => {
        const subject = held(kind, profile);
        return accessOf(subject.header, subject.now).service;
      },
    },
    [`holds.${kind}.blocksChanges`]: {
      to: false,
      told: (profile) => held(kind, profile).codes('add-seats', { count: 1 }),
    },
    [`holds.${kind}.blocksBilling`]: {
      to,
      told: (profile) => {
        const subject = held(kind, profile);
        subject.pay(fact('failed', subject.now, { id: 'meanwhile' }));
        return subject.header.pastDue;
      },
    },
    [`holds.${kind}.movesTermEnd`]: {
      to,
      told: (profile) => {
        const subject = held(kind, profile);
        subject.now = at('2026-07-11');
        subject.accept('resume', { hold: kind });
        return subject.header.termEnd;
      },
    },
  };
}

const lifecycleCases: Readonly<Record<string, SettingCase>> = {
  firstPaymentWindow: {
    to: 'P30D',
    told: (profile) => {
      const subject = Subject.created({ profile });
      subject.tick('2026-06-03');
      return status(subject);
    },
  },
  trialLength: { to: 'P2M', told: (profile) => trial(profile, '2026-06-02').header.termEnd },
  trialExtension: {
    to: 'P10D',
    told: (profile) => {
      const subject = trial(profile, '2026-06-20');
      subject.accept('extend-trial');
      return subject.header.termEnd;
    },
  },
  trialExtensionCountMax: {
    to: 2,
    told: (profile) => {
      const subject = trial(profile, '2026-06-20');
      subject.accept('extend-trial');
      subject.tick('2026-07-25');
      return subject.codes('extend-trial');
    },
  },
  trialExtensionWindow: { to: 'P5D', told: (profile) => trial(profile, '2026-06-20').codes('extend-trial') },
  trialGrace: { to: 'P1D', told: (profile) => status(trial(profile, '2026-07-05')) },
  trialEnd: { to: 'convert_with_payment_method', told: (profile) => status(trial(profile, '2026-07-05')) },
  cancellationWindow: { to: 'P7D', told: (profile) => active(profile, '2026-07-01').codes('cancel-now') },
  cancellationWindowByCountry: {
    profile: mca,
    to: { CL: 'P10D' },
    told: (profile) => {
      const subject = active(profile, '2026-06-09');
      subject.facts = { tenant: { country: 'CL' } };
      return subject.codes('cancel-now');
    },
  },
  cancellationWindowFromEachRenewal: {
    profile: mca,
    to: false,
    told: (profile) => {
      const subject = active(profile, '2027-05-30');
      subject.pay(fact('settled', subject.now, { id: 'renewal' }));
      subject.tick('2027-06-03');
      return subject.codes('cancel-now');
    },
  },
  cancelSeatLimit: { to: 2, told: (profile) => active(profile, '2026-07-01').codes('cancel-now') },
  cancelSeatLimitCounts: {
    to: 'assigned',
    told: (profile) => active(profile, '2026-07-01', { seats: 26 }).codes('cancel-now'),
  },
  cancellationCredit: {
    to: 'none',
    told: (profile) => {
      const subject = paid(profile);
      subject.tick('2026-09-01');
      subject.accept('cancel-now');
      return subject.header.cancelCredit;
    },
  },
  cancelNeedsDomainRemoved: {
    to: false,
    told: (profile) => {
      const subject = active(profile, '2026-07-01');
      subject.facts = { tenant: { domainAttached: true } };
      return subject.codes('cancel-now');
    },
  },
  dunningWindow: {
    to: 'P5D',
    told: (profile) => {
      const subject = pastDue(profile);
      subject.tick('2027-05-10');
      return status(subject);
    },
  },
  acceleratedDunningWindow: {
    profile: mca,
    to: 'P5D',
    told: (profile) => pastDue(profile, { nextAttemptAt: null }).header.pastDue?.dunningEndsAt,
  },
  dunningAfterFinalFailure: {
    to: 'accelerated',
    told: (profile) => pastDue(profile, { decline: 'hard' }).header.pastDue?.dunningEndsAt,
  },
  retryPlan: { to: ['P1D'], told: (profile) => pastDue(profile).header.pastDue?.nextAttemptAt },
  chargebackDisable: {
    to: 'P5D',
    told: (profile) => {
      const subject = paid(profile);
      subject.tick('2026-07-01');
      subject.pay(fact('dispute_opened', '2026-07-01', { id: 'dispute' }));
      subject.tick('2026-07-03');
      return status(subject);
    },
  },
  expiredGrace: { to: 'P1D', told: (profile) => status(inState.expired({ profile })) },
  disabledRetention: { to: 'P1D', told: (profile) => inState.disabled({ profile }).view.deadline },
  cancelledRetention: { to: 'P1D', told: (profile) => inState.cancelled({ profile }).view.deadline },
  suspendedForPayment: { to: 'P10D', told: (profile) => inState.disabled({ profile }).view.deadline },
  expiredAccess: {
    to: 'none',
    told: (profile) => {
      const subject = inState.expired({ profile });
      return accessOf(subject.header, subject.now).service;
    },
  },
  assignWhileExpired: {
    to: false,
    told: (profile) => inState.expired({ profile }).codes('assign-license', { personId: 'a' }),
  },
  deletableBeforeRetentionEnds: {
    to: false,
    told: (profile) => inState.expired({ profile }).codes('delete-now', { confirm: 's1' }),
  },
  deletionNeedsConfirmation: { to: false, told: (profile) => inState.expired({ profile }).codes('delete-now') },
  heldAtTermEnd: {
    to: 'disabled',
    told: (profile) => {
      const subject = held('suspend', profile);
      subject.tick('2027-06-02');
      return status(subject);
    },
  },
  providerSuspension: { to: 'disable', told: (profile) => status(held('suspend', profile)) },
  ...holdCases('pause', false),
  ...holdCases('suspend', true),
};

const moneyCases: Readonly<Record<string, SettingCase>> = {
  'latePayment.inGrace': {
    to: 'ask',
    told: (profile) => {
      const subject = inState.expired({ profile });
      subject.pay(fact('settled', subject.now, { id: 'late' }));
      return status(subject);
    },
  },
  'latePayment.inDisabled': { to: 'credit', told: lateInDisabled },
  'latePayment.autoDisableReasons': { to: ['nonpayment'], told: lateInDisabled },
  fullRefundOfCurrentTerm: {
    to: 'none',
    told: (profile) => {
      const subject = paid(profile);
      subject.tick('2026-07-01');
      subject.pay(fact('refunded', '2026-07-01', { id: 'first', cumulativeRefunded: 3000 }));
      return status(subject);
    },
  },
  prepaidCap: {
    to: 'P1Y',
    told: (profile) =>
      active(profile, '2026-07-01').codes('redeem-key', {
        mode: 'extend',
        keyId: 'ab'.repeat(32),
        last5: 'ACDEF',
        planId: 'business',
        seats: 3,
        term: 'P1Y',
      }),
  },
  'creditCheck.duration': { to: 'P5D', told: creditCheckTexts },
  'creditCheck.workingDays': { to: false, told: creditCheckTexts },
};

function lateInDisabled(profile: string): string {
  const subject = inState.disabled({ profile });
  subject.pay(fact('settled', subject.now, { id: 'late' }));
  return status(subject);
}

function creditCheckTexts(profile: string): unknown {
  const subject = inState.active({ profile });
  subject.facts = { tenant: { creditCheck: 'pending' } };
  const decision = subject.command('add-seats', { count: 1 });
  return decision.kind === 'refused' ? decision.remedies : decision.kind;
}

const seatCases: Readonly<Record<string, SettingCase>> = {
  seatConflict: { to: 'P10D', told: (profile) => conflict(profile, 'renewal').header.seatConflict },
  seatConflictStorage: {
    to: 'P10D',
    told: (profile) => conflict(profile, 'renewal', { unit: 'storage' }).header.seatConflict,
  },
  seatReductionWindow: {
    to: 'P7D',
    told: (profile) => active(profile, '2026-07-01').codes('remove-seats', { count: 1 }),
  },
  seatReductionWindowFromEachRenewal: {
    profile: mca,
    to: false,
    told: (profile) => {
      const subject = active(profile, '2027-05-30');
      subject.pay(fact('settled', subject.now, { id: 'renewal' }));
      subject.tick('2027-06-03');
      return subject.codes('remove-seats', { count: 1 });
    },
  },
  seatReductionNeedsRecurringBilling: {
    to: true,
    told: (profile) => active(profile, '2026-07-01', { recurringBilling: false }).codes('remove-seats', { count: 1 }),
  },
  'seatsBelowAssigned.now': { to: 'conflict', told: (profile) => conflict(profile, 'now').header.seatsPurchased },
  'seatsBelowAssigned.atRenewal': { to: 'refuse', told: (profile) => conflict(profile, 'renewal').header.seatConflict },
  seatConflictLapse: {
    to: 'keep',
    told: (profile) => {
      const subject = conflict(profile, 'renewal');
      subject.tick('2027-10-01');
      return subject.header.seatsAssigned;
    },
  },
  providerOwnsPlanAndSeats: {
    to: true,
    told: (profile) => {
      const subject = inState.active({ profile });
      subject.roles = ['billing-admin'];
      return subject.codes('add-seats', { count: 1 });
    },
  },
  devicesPerKindMax: { to: 1, told: () => signedIn().devices },
  remoteSignOutLag: {
    to: 'PT1H',
    told: () => {
      const seat = signedIn();
      seat.accept('deactivate-device', { deviceId: 'second' });
      return seat.log.map(({ data }) => data);
    },
  },
};

/** What is said to people: of their devices, and of what lies ahead. */
const saidCases: Readonly<Record<string, SettingCase>> = {
  appOfflineTolerance: {
    to: 'P1D',
    told: () => {
      const seat = signedIn();
      const { header, state } = seat.subscription;
      const held = pagedGet(state.seats, 'alice');
      return held && deviceRows([{ header, seat: held, devices: seat.inForce.devices, plan: null }], header.createdAt);
    },
  },
  noticesBeforeDeadline: { to: ['P2D'], told: (profile) => noticesAhead(inState.expired({ profile }).header) },
  dunningNotices: { to: ['P2D'], told: (profile) => noticesAhead(pastDue(profile).header) },
};

function signedIn(): SeatSubject {
  const seat = SeatSubject.held();
  for (const deviceId of ['first', 'second']) seat.signIn(deviceId);
  return seat;
}

/** By the path of the setting. */
export const settingCases: Readonly<Record<string, SettingCase>> = {
  ...lifecycleCases,
  ...moneyCases,
  ...seatCases,
  ...saidCases,
  ...reactivationCases,
};
