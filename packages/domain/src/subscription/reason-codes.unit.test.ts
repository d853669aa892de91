import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { reasonCodes, type ReasonCode } from '../messages/index.ts';
import { decidePayment } from '../payment/decide.ts';
import { settledFact } from '../payment/facts.fixture.ts';
import { evolvePayment, initialPayment } from '../payment/state.ts';
import {
  decideProductKey,
  evolveProductKey,
  initialProductKey,
  readKey,
  type KeyOrder,
  type ProductKeyContext,
  type ProductKeyInput,
  type ProductKeyState,
} from '../product-key/index.ts';
import { SeatSubject } from '../seat/testing/seat-subject.ts';
import type { SubscriptionCommandName } from './commands.ts';
import type { DecisionContext } from './decision.ts';
import { productKey } from './testing/further-commands.ts';
import { card, inState } from './testing/states.ts';
import { Subject, at, fact } from './testing/subject.ts';

const test = suite('every reason code is reached (domain.md 6.4, 2.2)');

/** Codes that only what surrounds a decision can give: which test reaches each is in messages/references.unit.test.ts. */
type ElsewhereCode =
  | 'KEY_ALREADY_ENTERED'
  | 'KEY_SERVICE_UNAVAILABLE'
  | 'RATE_LIMITED'
  | 'PAYMENT_NOT_FOUND'
  | 'VERSION_CONFLICT';

const plan = (more: object): Partial<DecisionContext> => ({ plan: { planId: 'business', apps: [], ...more } });

/** What a command on a subscription is refused for. */
function ask(
  subject: Subject,
  name: SubscriptionCommandName,
  body: unknown = {},
  { roles = ['global-admin'], ...facts }: Partial<DecisionContext> = {},
): readonly string[] {
  subject.roles = roles;
  subject.facts = facts;
  return subject.codes(name, body);
}

const trial = (to: string): Subject => {
  const subject = inState.active({ trial: true });
  subject.tick(to);
  return subject;
};
const assigned = (): Subject => {
  const subject = inState.active({ seats: 1 });
  subject.accept('assign-license', { personId: 'alice' });
  return subject;
};
const prepaid = (): Subject => {
  const subject = Subject.created({ recurringBilling: false });
  subject.accept('redeem-key', { ...productKey, mode: 'new' });
  return subject;
};
const scheduled = { planId: 'business', seats: 1, term: 'P1M' } as const;
const extend = { ...productKey, mode: 'extend' } as const;
const expiredCard = { ...card, expires: '2020-01' };
const pc = { kind: 'computer', deviceId: 'f' } as const;

/** Declined for good, and asked for again with the same card. */
function declined(): readonly string[] {
  const subject = inState.expired();
  subject.accept('reactivate', { paymentMethod: card });
  subject.tick('2027-06-05T01:00');
  subject.pay(fact('failed', '2027-06-05T01:00', { id: 'again', nextAttemptAt: null }));
  return subject.codes('reactivate');
}

/** Owed for a charge that failed, when a key is to bring it back. */
function owing(): Subject {
  const subject = inState.active({ price: { minor: 1000, currency: 'EUR' }, seats: 1 });
  subject.tick('2026-06-02');
  subject.pay(fact('settled', '2026-06-02', { id: 'first' }));
  subject.accept('add-seats', { count: 1 });
  subject.accept('disable', { reason: 'admin' });
  return subject;
}

const issued = { ...productKey, commandHash: 'h' };
const order: KeyOrder = {
  tenant: 'acme',
  subscriptionId: 's1',
  mode: 'new',
  commandId: 'c1',
  commandHash: 'h',
  actor: { type: 'user', id: 'alice' },
  roles: ['global-admin'],
  correlationId: 'r',
};

/** What redeeming a key is refused for, by another order than the one that `before` may have given. */
function redeem(
  issue: object,
  {
    context = {},
    before = [],
    sold = true,
  }: { context?: Partial<ProductKeyContext>; before?: readonly ProductKeyInput[]; sold?: boolean } = {},
): readonly string[] {
  let state: ProductKeyState = initialProductKey;
  const give = (input: ProductKeyInput) => {
    const decision = decideProductKey(state, input, { now: '2027-01-01T00:00:00.000Z', ...context });
    for (const event of decision.kind === 'accepted' ? decision.events : []) state = evolveProductKey(state, event);
    return decision;
  };
  give({ kind: 'issue', issue: { ...issued, ...issue }, sold });
  for (const input of before) give(input);
  const asked = give({ kind: 'reserve', reservationId: crypto.randomUUID(), order: { ...order, commandId: 'c2' } });
  return asked.kind === 'refused' ? asked.reasonCodes : [asked.kind];
}

const reservationId = '00000000-0000-4000-8000-000000000000';

/** For every code what produces it: the answer has to contain it. */
const produced: { readonly [C in Exclude<ReasonCode, ElsewhereCode>]: () => readonly string[] } = {
  NOT_FOUND: () => new Subject().codes('activate'),
  PROFILE_UNKNOWN: () => new Subject().codes('create', { ...scheduled, profile: 'nobody' }),
  NOT_YET_ACTIVATED: () => ask(inState.pending(), 'reactivate'),
  ALREADY_ACTIVE: () => ask(inState.active(), 'reactivate'),
  ALREADY_CANCELLED: () => ask(inState.cancelled(), 'cancel-now'),
  ALREADY_DELETED: () => ask(inState.deleted(), 'activate'),
  ALREADY_EXPIRED: () => ask(inState.expired(), 'cancel-now'),
  ALREADY_DISABLED: () => ask(inState.disabled(), 'cancel-now'),
  REACTIVATE_FIRST: () => ask(inState.expired(), 'add-seats', { count: 1 }),
  REACTIVATION_IN_PROGRESS: () => ask(inState.reactivated(), 'reactivate'),
  REACTIVATION_NOT_IN_TERM: () => ask(inState.expired(), 'reactivate', { paymentMethod: card, requireInTerm: true }),
  NOTHING_SCHEDULED: () => ask(inState.active(), 'undo-scheduled-cancel'),
  ENDED_USE_REACTIVATE: () => ask(inState.expired(), 'undo-scheduled-cancel'),
  CANCEL_WINDOW_CLOSED: () => {
    const subject = inState.active({ profile: 'direct-mca-2024' });
    subject.tick('2026-07-01');
    return ask(subject, 'cancel-now');
  },
  CANCEL_SEAT_LIMIT: () => ask(inState.active({ seats: 26 }), 'cancel-now'),
  DOMAIN_ATTACHED: () => ask(inState.active(), 'cancel-now', {}, { tenant: { domainAttached: true } }),
  NOT_REACTIVATABLE_BY_CHANNEL: () => ask(inState.expired({ channel: 'reseller' }), 'reactivate'),
  DISABLED_BY_PROVIDER: () => {
    const subject = inState.active();
    subject.accept('disable', { reason: 'fraud' });
    return ask(subject, 'reactivate');
  },
  RETENTION_ELAPSED: () => {
    const subject = inState.disabled();
    subject.now = at('2029-01-01');
    return ask(subject, 'reactivate');
  },
  TRIAL_NOT_REACTIVATABLE: () => ask(trial('2026-07-05'), 'reactivate'),
  TRIAL_ALREADY_USED: () => ask(new Subject(), 'create', { ...scheduled, trial: true }, { trialUsed: true }),
  TRIAL_EXTENSION_USED: () => {
    const subject = trial('2026-06-20');
    subject.accept('extend-trial');
    subject.tick('2026-07-20');
    return ask(subject, 'extend-trial');
  },
  TRIAL_EXTENSION_TOO_EARLY: () => ask(trial('2026-06-02'), 'extend-trial'),
  NOT_A_TRIAL: () => ask(inState.active(), 'extend-trial'),
  REACTIVATED_AS_NEW: () => ask(inState.reactivated({ profile: 'direct-mca-2024' }), 'reactivate'),
  MANAGED_BY_PROVIDER: () =>
    ask(
      inState.active({ profile: 'marketplace-saas', channel: 'marketplace' }),
      'add-seats',
      { count: 1 },
      { roles: ['billing-admin'] },
    ),
  SUSPENDED: () => {
    const subject = inState.active();
    subject.accept('suspend');
    return ask(subject, 'add-seats', { count: 1 });
  },
  NOT_PAUSED: () => ask(inState.active(), 'resume', { hold: 'pause' }),
  NOT_DELETABLE_YET: () => ask(inState.active(), 'delete-now'),
  CONFIRMATION_REQUIRED: () => ask(inState.expired(), 'delete-now'),
  OFFER_END_OF_SALE: () => ask(inState.active(), 'add-seats', { count: 1 }, plan({ endOfSale: at('2020-01-01') })),
  CREDIT_CHECK_PENDING: () => ask(inState.active(), 'add-seats', { count: 1 }, { tenant: { creditCheck: 'pending' } }),
  PAYMENT_METHOD_REQUIRED: () => ask(inState.expired(), 'reactivate'),
  SECURITY_CODE_REQUIRED: () => {
    const subject = inState.active();
    subject.accept('add-payment-method', { paymentMethod: card });
    return ask(subject, 'update-payment-method', { securityCodeConfirmed: false });
  },
  PAYMENT_METHOD_COUNTRY_MISMATCH: () =>
    ask(inState.active(), 'add-payment-method', { paymentMethod: card }, { tenant: { country: 'BE' } }),
  PAYMENT_METHOD_EXPIRED: () => ask(inState.active(), 'add-payment-method', { paymentMethod: expiredCard }),
  PAYMENT_METHOD_DECLINED: declined,
  PAYMENT_METHOD_NOT_OWNED: () =>
    ask(inState.active(), 'add-payment-method', { paymentMethod: { ...card, owner: 'a' } }, { actorId: 'b' }),
  OUTSTANDING_BALANCE: () => ask(owing(), 'redeem-key', { ...extend, seats: 2 }),
  PAYMENT_ALREADY_MATCHED: () => {
    const parked = decidePayment(
      initialPayment,
      { kind: 'receive', fact: settledFact(), reason: 'UNKNOWN_SUBSCRIPTION' },
      at('2027-06-01T10:01'),
    );
    const events = parked.kind === 'accepted' ? parked.events : [];
    let state = events.reduce(evolvePayment, initialPayment);
    const match = (subscriptionId: string) =>
      decidePayment(
        state,
        { kind: 'match', subscription: { tenant: 'acme', subscriptionId }, by: 'operator' },
        at('2027-06-02'),
      );
    const first = match('s1');
    state = (first.kind === 'accepted' ? first.events : []).reduce(evolvePayment, state);
    const second = match('s2');
    return second.kind === 'refused' ? second.reasonCodes : [second.kind];
  },
  RECURRING_BILLING_OFF: () =>
    ask(inState.active({ recurringBilling: false }), 'remove-seats', { count: 1, when: 'renewal' }),
  PREPAID_SEATS_ONLY_AT_RENEWAL: () => ask(prepaid(), 'remove-seats', { count: 1 }),
  PREPAID_NEEDS_KEY_OR_CARD: () => {
    const subject = prepaid();
    subject.tick('2027-06-05');
    return ask(subject, 'reactivate');
  },
  NOT_BILLING_ADMIN: () => ask(inState.active(), 'cancel-now', {}, { roles: ['license-admin'] }),
  NOT_LICENSE_ADMIN: () => ask(inState.active(), 'assign-license', { personId: 'a' }, { roles: ['billing-admin'] }),
  ROLE_MISSING: () => ask(inState.active(), 'disable', { reason: 'fraud' }, { roles: ['billing-admin'] }),
  LICENSE_ASSIGNMENT_FROZEN: () => ask(inState.disabled(), 'assign-license', { personId: 'a' }),
  NO_FREE_SEAT: () => ask(assigned(), 'assign-license', { personId: 'bob' }),
  SERVICE_CONFLICT: () =>
    ask(
      inState.active(),
      'assign-license',
      { personId: 'a' },
      {
        ...plan({ services: [{ appId: 'archive', requires: ['mail'] }] }),
        person: { personId: 'a', services: [] },
      },
    ),
  USAGE_LOCATION_PROHIBITED: () =>
    ask(
      inState.active(),
      'assign-license',
      { personId: 'a' },
      {
        ...plan({ services: [], prohibitedIn: ['XX'] }),
        person: { personId: 'a', services: [], usageLocation: 'XX' },
      },
    ),
  ALREADY_ASSIGNED: () => ask(assigned(), 'assign-license', { personId: 'alice' }),
  NOT_ASSIGNED: () => ask(inState.active(), 'unassign-license', { personId: 'bob' }),
  SEATS_BELOW_ASSIGNED: () => {
    const subject = inState.active({ seats: 2 });
    for (const personId of ['a', 'b']) subject.accept('assign-license', { personId });
    return ask(subject, 'remove-seats', { count: 1 });
  },
  LAST_SEAT: () => ask(inState.active({ seats: 1 }), 'remove-seats', { count: 1 }),
  SEATS_EXCEED_OFFER_MAX: () => ask(inState.active(), 'add-seats', { count: 1 }, plan({ maxSeats: 3 })),
  SEAT_WINDOW_CLOSED: () => {
    const subject = inState.active({ profile: 'direct-mca-2024' });
    subject.tick('2026-07-01');
    return ask(subject, 'remove-seats', { count: 1 });
  },
  DEVICE_LIMIT_REACHED: () => {
    const seat = SeatSubject.held();
    for (const id of ['a', 'b', 'c', 'd', 'e']) seat.signIn(id);
    return seat.codes('activate-device', { ...pc, signOutOldest: false });
  },
  WRONG_ACCOUNT: () => SeatSubject.held().codes('activate-device', { ...pc, signedInAs: 'bob' }),
  KEY_MALFORMED: () => [readKey('nonsense').kind === 'malformed' ? 'KEY_MALFORMED' : 'read'],
  KEY_NOT_FOUND: () => {
    const asked = decideProductKey(
      initialProductKey,
      { kind: 'reserve', reservationId, order },
      { now: at('2027-01-01') },
    );
    return asked.kind === 'refused' ? asked.reasonCodes : [];
  },
  KEY_WRONG_PRODUCT_FAMILY: () => redeem({ family: 'consumer' }),
  KEY_EXPIRED: () => redeem({ expiresAt: at('2026-12-31') }),
  KEY_BLOCKED: () => redeem({}, { before: [{ kind: 'block' }] }),
  KEY_NOT_ACTIVATED_BY_SELLER: () => redeem({}, { sold: false }),
  KEY_ALREADY_REDEEMED: () =>
    redeem(
      {},
      {
        before: [
          { kind: 'reserve', reservationId, order },
          { kind: 'redeem', reservationId },
        ],
      },
    ),
  REGION_NOT_ALLOWED: () => redeem({ countries: ['NL'] }, { context: { country: 'DE' } }),
  OFFER_UNAVAILABLE: () => redeem({}, { context: { plan: { endOfSale: at('2026-01-01') } } }),
  KEY_SEATS_EXCEED_OFFER_MAX: () => redeem({}, { context: { plan: { maxSeats: 2 } } }),
  KEY_PLAN_MISMATCH: () => ask(inState.active(), 'redeem-key', { ...extend, planId: 'other' }),
  EXTENSION_CAP_REACHED: () => ask(inState.active(), 'redeem-key', { ...extend, seats: 30 }),
  COMMAND_ID_REUSED: () => {
    const subject = inState.active();
    subject.accept('set-recurring-billing', { on: false }, 'once');
    const again = subject.command('set-recurring-billing', { on: true }, 'once');
    return again.kind === 'refused' ? again.reasonCodes : [again.kind];
  },
};

for (const [code, produce] of Object.entries(produced)) {
  test(code, () => {
    const codes = produce();
    assert.ok(codes.includes(code), `${code} is not among ${codes.join(', ')}`);
  });
}

test('no code is without a row', () => {
  const elsewhere: Readonly<Record<ElsewhereCode, true>> = {
    KEY_ALREADY_ENTERED: true,
    KEY_SERVICE_UNAVAILABLE: true,
    RATE_LIMITED: true,
    PAYMENT_NOT_FOUND: true,
    VERSION_CONFLICT: true,
  };
  assert.equal([...Object.keys(produced), ...Object.keys(elsewhere)].sort(), [...reasonCodes].sort());
});

test.run();
