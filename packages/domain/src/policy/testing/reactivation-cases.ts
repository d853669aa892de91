import { accessOf } from '../../subscription/access.ts';
import { card, inState } from '../../subscription/testing/states.ts';
import { Subject, at, fact } from '../../subscription/testing/subject.ts';
import type { SettingCase } from './setting-case.ts';

const kinds = ['card', 'bank', 'invoice', 'boleto'] as const;

/** Until when a reactivation by this kind of payment method must be settled. */
function confirmBy(profile: string, kind: (typeof kinds)[number]): string | undefined {
  const subject = inState.expired({ profile });
  subject.accept('reactivate', { paymentMethod: { ...card, kind } });
  return subject.header.reactivation?.confirmBy;
}

/** Reactivated by Boleto two days before the data would be gone; it is never paid. */
function failed(profile: string): string | null {
  const subject = Subject.active({ profile, price: { minor: 1000, currency: 'EUR' } });
  subject.now = at('2026-06-01T01:00');
  subject.pay(fact('settled', subject.now, { id: 'first', amount: { minor: 3000, currency: 'EUR' } }));
  subject.accept('cancel-now');
  subject.now = at('2026-08-28');
  subject.accept('reactivate', { paymentMethod: { ...card, kind: 'boleto' } });
  subject.tick('2026-09-27');
  return subject.header.stateEndsAt;
}

const key = { keyId: 'ab'.repeat(32), last5: 'ACDEF', planId: 'business', seats: 3, term: 'P1Y', mode: 'extend' };

/** For every setting of reactivation a history in which it decides, by the path of the setting. */
export const reactivationCases: Readonly<Record<string, SettingCase>> = {
  ...Object.fromEntries(
    kinds.flatMap((kind): [string, SettingCase][] => [
      [`reactivationConfirm.${kind}.duration`, { to: 'P3D', told: (profile) => confirmBy(profile, kind) }],
      [
        `reactivationConfirm.${kind}.workingDays`,
        { to: kind === 'card' || kind === 'boleto', told: (profile) => confirmBy(profile, kind) },
      ],
    ]),
  ),
  minAfterFailedReactivation: { to: 'P20D', told: failed },
  dataPurgeAtLatest: { to: 'P119D', told: failed },
  'reactivation.access': {
    to: 'on_confirmation',
    told: (profile) => {
      const subject = inState.reactivated({ profile });
      return accessOf(subject.header, subject.now).service;
    },
  },
  'reactivation.keepsSubscription': {
    to: false,
    told: (profile) => inState.reactivated({ profile }).header.status,
  },
  'reactivation.byProductKey': {
    to: false,
    told: (profile) => inState.expired({ profile, channel: 'volume' }).codes('redeem-key', key),
  },
  'reactivation.expiredTermStart': {
    to: 'reactivation',
    told: (profile) => inState.reactivated({ profile }).header.reactivation?.newTermEnd,
  },
  'reactivation.fromStates': {
    to: ['disabled', 'cancelled'],
    told: (profile) => inState.expired({ profile }).codes('reactivate', { paymentMethod: card }),
  },
  'reactivation.allowedDisableReasons': {
    to: ['nonpayment'],
    told: (profile) => inState.disabled({ profile }).codes('reactivate', { paymentMethod: card }),
  },
  'reactivation.blockedChannels': {
    to: ['direct'],
    told: (profile) => inState.expired({ profile }).codes('reactivate', { paymentMethod: card }),
  },
};
