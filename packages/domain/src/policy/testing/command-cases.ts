import { SeatSubject } from '../../seat/testing/seat-subject.ts';
import { seatCommandSchemas, type SeatCommandName } from '../../seat/commands.ts';
import { subscriptionCommandSchemas, type SubscriptionCommandName } from '../../subscription/commands.ts';
import { furtherBodies } from '../../subscription/testing/further-commands.ts';
import { card, inState } from '../../subscription/testing/states.ts';
import { Subject } from '../../subscription/testing/subject.ts';
import { roleRefusal } from '../authority.ts';
import { policyFor } from '../policies.ts';
import type { SettingCase } from './setting-case.ts';

/** All that are not everything, and none that only reads. */
const roles = ['billing-admin', 'license-admin', 'support', 'partner'] as const;

const bodies: Readonly<Record<string, unknown>> = {
  ...furtherBodies,
  create: { planId: 'business', seats: 1, term: 'P1Y', channel: 'reseller' },
  'set-recurring-billing': { on: false },
  disable: { reason: 'admin' },
  'add-payment-method': { paymentMethod: card },
  'replace-payment-method': { paymentMethod: card },
  'assign-license': { personId: 'alice' },
  'unassign-license': { personId: 'alice' },
  'move-license': {
    personId: 'alice',
    heldSince: 0,
    to: { subscriptionId: 's2', revision: 0, assignedAt: '2026-06-01T00:00:00.000Z' },
  },
};

/** Who may give a command: whoever may, may no longer. */
export function commandCase(command: string): SettingCase {
  return { to: ['audit'], told: (profile) => answer(command, profile) };
}

function answer(command: string, profile: string): unknown {
  if (command in subscriptionCommandSchemas) {
    const subject = command === 'create' ? new Subject() : inState.active({ channel: 'reseller', profile });
    subject.roles = roles;
    // Checked on the line above.
    return subject.codes(command as SubscriptionCommandName, bodies[command] ?? {});
  }
  if (command in seatCommandSchemas) {
    const seat = SeatSubject.held();
    seat.roles = roles;
    // As above.
    return seat.codes(command as SeatCommandName, { deviceId: 'd', kind: 'computer', appsOff: [] });
  }
  const policy = policyFor(profile);
  return policy && roleRefusal(policy, { command, roles, channel: 'reseller' });
}

/** What a role opens, everywhere and on what its channel sold. */
export const roleCases: Readonly<Record<string, SettingCase>> = {
  roles: {
    to: { 'global-admin': ['billing'], 'billing-admin': [] },
    told: (profile) => asked(profile, 'billing-admin'),
  },
  rolesByChannel: { to: {}, told: (profile) => asked(profile, 'partner') },
};

function asked(profile: string, role: string): readonly string[] {
  const subject = inState.active({ channel: 'reseller', profile });
  subject.roles = [role];
  return subject.codes('cancel-at-term-end');
}
