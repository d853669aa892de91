import type { CommandGroup, PolicyProfile } from './profile.ts';

const billing: CommandGroup[] = ['billing'];
const license: CommandGroup[] = ['license'];
const support: CommandGroup[] = ['support'];

/**
 * Who may do what (`contract.md`, Roles; `domain.md 1.8`: whoever buys may not assign). Support's commands are closed to
 * customers' billing administrators; a hold is released by the side that placed it.
 */
export const authority2020: Pick<PolicyProfile, 'roles' | 'rolesByChannel' | 'commands'> = {
  roles: {
    'global-admin': ['billing', 'license', 'support', 'partner', 'audit'],
    'billing-admin': ['billing'],
    'license-admin': ['license'],
    'user-admin': ['license'],
    support: ['support'],
    partner: [],
    auditor: ['audit'],
  },
  rolesByChannel: {
    reseller: { partner: ['billing', 'partner'] },
    volume: { partner: ['billing', 'partner'] },
    marketplace: { partner: ['billing', 'partner'] },
    'partner-benefit': { partner: ['billing', 'partner'] },
  },
  commands: {
    create: billing,
    activate: billing,
    reactivate: billing,
    'cancel-now': billing,
    'cancel-at-term-end': billing,
    'undo-scheduled-cancel': billing,
    'set-recurring-billing': billing,
    pause: billing,
    'change-plan': billing,
    'add-seats': billing,
    'remove-seats': billing,
    'add-payment-method': billing,
    'replace-payment-method': billing,
    'update-payment-method': billing,
    'pay-balance': billing,
    'extend-trial': billing,
    'convert-trial': billing,
    'redeem-key': billing,
    'delete-now': billing,
    'export-data': ['billing', 'audit'],
    'assign-license': license,
    'unassign-license': license,
    'move-license': license,
    'set-apps-for-assignment': license,
    'activate-device': license,
    'deactivate-device': license,
    'support-reactivate': support,
    disable: support,
    suspend: ['support', 'partner'],
    resume: ['billing', 'support', 'partner'],
    'link-payment': support,
    'correct-fact': support,
    'add-note': support,
  },
};
