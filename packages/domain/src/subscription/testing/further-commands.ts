/**
 * The commands on seats, holds and trials, and those of support and operators, for the tests that cover every command.
 *
 * @module
 */
import { redeemModes } from '../../product-key/events.ts';
import type { SubscriptionCommandName } from '../commands.ts';
import type { SubscriptionStatus } from '../header.ts';
import type { MachineEvent } from '../situation.ts';
import { card, inState } from './states.ts';
import { Subject, fact } from './subject.ts';

const started = ['NOT_YET_ACTIVATED', '→active', '→expired', '→disabled', '→cancelled', '→reactivated'] as const;
const everywhere = ['→pending', '→active', '→expired', '→disabled', '→cancelled', '→reactivated'] as const;
const first = ['REACTIVATE_FIRST', 'REACTIVATE_FIRST', 'REACTIVATE_FIRST'] as const;
const gone = 'ALREADY_DELETED';
type Row = readonly [string, string, string, string, string, string, string];

/** Copied from `domain.md 6.2`; columns: pending, active, expired, disabled, cancelled, reactivated, deleted. */
export const furtherMatrix: Readonly<Record<string, Row>> = {
  'add-seats': ['NOT_YET_ACTIVATED', '→active', ...first, '→reactivated', gone],
  'remove-seats': ['NOT_YET_ACTIVATED', '→active', ...first, 'REACTIVATION_IN_PROGRESS', gone],
  'change-plan': ['NOT_YET_ACTIVATED', '→active', ...first, 'REACTIVATION_IN_PROGRESS', gone],
  'redeem-key': ['NOT_YET_ACTIVATED', '→active', '→active', '→active', '→active', '→active', gone],
  pause: [
    'NOT_YET_ACTIVATED',
    '→active',
    'ALREADY_EXPIRED',
    'ALREADY_DISABLED',
    'ALREADY_CANCELLED',
    '→reactivated',
    gone,
  ],
  suspend: [
    'NOT_YET_ACTIVATED',
    '→active',
    'ALREADY_EXPIRED',
    'ALREADY_DISABLED',
    'ALREADY_CANCELLED',
    '→reactivated',
    gone,
  ],
  resume: ['NOT_PAUSED', '→active', 'NOT_PAUSED', 'NOT_PAUSED', 'NOT_PAUSED', '→reactivated', gone],
  'extend-trial': [
    'NOT_YET_ACTIVATED',
    '→active',
    'TRIAL_NOT_REACTIVATABLE',
    'TRIAL_NOT_REACTIVATABLE',
    'TRIAL_NOT_REACTIVATABLE',
    'NOT_A_TRIAL',
    gone,
  ],
  'convert-trial': [
    'NOT_YET_ACTIVATED',
    '→active',
    '→active',
    'REACTIVATE_FIRST',
    'REACTIVATE_FIRST',
    'NOT_A_TRIAL',
    gone,
  ],
  'support-reactivate': [
    'NOT_YET_ACTIVATED',
    'ALREADY_ACTIVE',
    // The waiver confirms in the same append.
    '→active',
    '→active',
    '→active',
    'REACTIVATION_IN_PROGRESS',
    gone,
  ],
  'pay-balance': [...started, gone],
  'export-data': [...started, gone],
  'delete-now': ['→deleted', 'NOT_DELETABLE_YET', '→deleted', '→deleted', '→deleted', 'NOT_DELETABLE_YET', gone],
  'link-payment': [...everywhere, '→deleted'],
  'add-note': [...everywhere, '→deleted'],
  'correct-fact': [...everywhere, '→deleted'],
  'update-payment-method': [...everywhere, gone],
};

const eventId = '00000000-0000-4000-8000-000000000000';

/** A key of the subscriptions under test. */
export const productKey = {
  keyId: 'ab'.repeat(32),
  last5: 'ACDEF',
  planId: 'business',
  seats: 3,
  term: 'P1Y',
} as const;

/** Bodies that every guard accepts. */
export const furtherBodies: Readonly<Record<string, unknown>> = {
  'redeem-key': { ...productKey, mode: 'extend' },
  'add-seats': { count: 2 },
  'remove-seats': { count: 1 },
  'change-plan': { planId: 'enterprise' },
  resume: { hold: 'pause' },
  'convert-trial': { paymentMethod: card },
  'support-reactivate': { reason: 'agreed', ticket: 'T-1' },
  'delete-now': { confirm: 's1' },
  'update-payment-method': { expires: '2090-01', securityCodeConfirmed: true },
  'link-payment': { paymentId: 'stripe/in_1' },
  'add-note': { text: 'called' },
  'correct-fact': { eventId, reason: 'wrong customer' },
};

/** Subjects for the cells that an ordinary subscription does not reach; `null`: the ordinary one will do. */
export function prepareFurther(command: string, status: SubscriptionStatus): Subject | null {
  const isTrialCommand = command === 'extend-trial' || command === 'convert-trial';
  if (isTrialCommand && status !== 'reactivated' && status !== 'deleted') return trialIn(command, status);
  if (!['resume', 'pay-balance', 'update-payment-method'].includes(command)) return null;
  const subject = inState[status]();
  if (command === 'resume' && (status === 'active' || status === 'reactivated')) subject.accept('pause');
  if (command === 'update-payment-method' && status !== 'deleted') {
    subject.accept('replace-payment-method', { paymentMethod: card });
  }
  if (command === 'pay-balance') owe(subject);
  return subject;
}

function trialIn(command: string, status: SubscriptionStatus): Subject {
  if (status === 'pending') return Subject.created({ trial: true });
  const trial = Subject.active({ trial: true });
  trial.tick(command === 'extend-trial' ? '2026-06-20' : '2026-06-10');
  if (status === 'expired') trial.tick('2026-07-02');
  if (status === 'disabled') trial.accept('disable', { reason: 'admin' });
  if (status === 'cancelled') trial.accept('cancel-now');
  return trial;
}

/** In every state something that is owed. */
function owe(subject: Subject): void {
  const { status } = subject.header;
  if (status === 'disabled') subject.accept('disable', { reason: 'nonpayment' });
  if (status === 'active') subject.pay(fact('failed', subject.now, { id: 'owed' }));
  if (status === 'expired' || status === 'cancelled') {
    const owing = Subject.active({ seats: 2, price: { minor: 1000, currency: 'EUR' } });
    owing.pay(fact('settled', '2026-06-01', { id: 'first', amount: { minor: 2000, currency: 'EUR' } }));
    owing.tick('2026-08-01');
    owing.accept('add-seats', { count: 1 });
    if (status === 'cancelled') owing.accept('cancel-now');
    else owing.tick('2027-06-05');
    subject.state = owing.state;
    subject.log.splice(0, subject.log.length, ...owing.log);
    subject.now = owing.now;
  }
}

/** Inputs that are valid wherever any is; `null` for other commands. */
export function furtherValidBodies(name: SubscriptionCommandName, { header, view }: Subject): unknown[] | null {
  if (name === 'resume') {
    const held = header.holds.map(({ kind }) => ({ hold: kind }));
    return [...held, { hold: 'pause' }, { hold: 'suspend' }];
  }
  if (name === 'add-seats') return [{ count: 1 }];
  if (name === 'remove-seats') return [{ count: 1 }, { count: 1, when: 'renewal' }];
  if (name === 'redeem-key') {
    return ['extend' as const, ...redeemModes].map((mode) => ({
      ...productKey,
      planId: view.planId,
      seats: 1,
      term: 'P1M',
      mode,
    }));
  }
  if (name === 'delete-now') return [{ confirm: header.subscriptionId }];
  return name in furtherMatrix ? [furtherBodies[name] ?? {}] : null;
}

/** Commands of random histories. */
export const furtherCommands: readonly (readonly [SubscriptionCommandName, unknown?])[] = [
  ['redeem-key', { ...productKey, planId: 'business', seats: 1, term: 'P1M', mode: 'extend' }],
  ['redeem-key', { ...productKey, planId: 'business', seats: 2, term: 'P1Y', mode: 'extend' }],
  ['redeem-key', { ...productKey, planId: 'business', seats: 1, term: 'P1Y', mode: 'add-seats' }],
  ['redeem-key', { ...productKey, planId: 'business', seats: 1, term: 'P1M', mode: 'extend', fewerSeats: true }],
  ['redeem-key', { ...productKey, planId: 'business', seats: 1, term: 'P1M', mode: 'new' }],
  ['add-seats', { count: 1 }],
  ['add-seats', { count: 2 }],
  ['remove-seats', { count: 1 }],
  ['remove-seats', { count: 1, when: 'renewal' }],
  ['change-plan', { planId: 'enterprise' }],
  ['change-plan', { planId: 'business', price: { minor: 1500, currency: 'EUR' } }],
  ['change-plan', { planId: 'enterprise', when: 'renewal' }],
  ['change-plan', { planId: 'basic', price: { minor: 500, currency: 'EUR' }, when: 'renewal' }],
  ['pause'],
  ['pause', { until: '2027-04-05T00:00:00Z' }],
  ['suspend'],
  ['suspend', { until: '2027-03-20T00:00:00Z' }],
  ['resume', { hold: 'pause' }],
  ['resume', { hold: 'suspend' }],
  ['extend-trial'],
  ['convert-trial', { paymentMethod: card }],
  ['support-reactivate', { reason: 'agreed', ticket: 'T-1' }],
  ['pay-balance'],
  ['update-payment-method', { expires: '2090-01', securityCodeConfirmed: true }],
  ['export-data'],
  ['add-note', { text: 'called' }],
  ['correct-fact', { eventId, reason: 'wrong' }],
];

/** Machine events of the same commands. */
export const furtherEvents: readonly MachineEvent[] = [
  { type: 'redeem-key', body: { ...productKey, mode: 'new' } },
  { type: 'redeem-key', body: { ...productKey, mode: 'extend' } },
  { type: 'redeem-key', body: { ...productKey, mode: 'extend', seats: 2 } },
  { type: 'redeem-key', body: { ...productKey, mode: 'extend', seats: 2, fewerSeats: true } },
  { type: 'redeem-key', body: { ...productKey, mode: 'add-seats' } },
  { type: 'add-seats', body: { count: 2 } },
  { type: 'remove-seats', body: { count: 1, when: 'now' } },
  { type: 'remove-seats', body: { count: 1, when: 'renewal' } },
  { type: 'change-plan', body: { planId: 'enterprise', price: { minor: 5, currency: 'EUR' }, when: 'now' } },
  { type: 'change-plan', body: { planId: 'enterprise', when: 'renewal' } },
  { type: 'pause', body: {} },
  { type: 'suspend', body: { until: '2099-01-01T00:00:00.000Z' } },
  { type: 'resume', body: { hold: 'pause' } },
  { type: 'extend-trial', body: {} },
  { type: 'convert-trial', body: { paymentMethod: card } },
  { type: 'support-reactivate', body: { reason: 'agreed', ticket: 'T-1' } },
  { type: 'pay-balance', body: {} },
  { type: 'update-payment-method', body: { expires: '2090-01', securityCodeConfirmed: true } },
  { type: 'delete-now', body: { confirm: 's1' } },
  { type: 'export-data', body: {} },
  { type: 'link-payment', body: { paymentId: 'stripe/in_1' } },
  { type: 'add-note', body: { text: 'called' } },
  { type: 'correct-fact', body: { eventId, reason: 'wrong' } },
];
