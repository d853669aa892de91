import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { allPolicies, profileId } from '../policy/index.ts';
import { availableActions } from './actions.ts';
import { subscriptionCommandSchemas, type SubscriptionCommand, type SubscriptionCommandName } from './commands.ts';
import { decide } from './decide.ts';
import type { DecisionContext } from './decision.ts';
import { channels } from './events.ts';
import { subscriptionStatuses } from './lifecycle.ts';
import { pagedEntries } from './paged-map.ts';
import { stateAnswers } from './state-answers.ts';
import { furtherValidBodies, prepareFurther } from './testing/further-commands.ts';
import { histories, replay } from './testing/histories.ts';
import { card, inState } from './testing/states.ts';
import { propertyRuns } from './testing/property-runs.ts';
import { Subject, at, fact } from './testing/subject.ts';

const test = suite('guards and available actions (domain.md 6.4)');

const action = (subject: Subject, command: string) => {
  const found = availableActions(subject.state, subject.context()).find((each) => each.command === command);
  if (found === undefined) throw new Error(`${command} is not listed`);
  return found;
};

test('every missing role has its own code', () => {
  const subject = inState.active();
  subject.roles = ['license-admin'];
  assert.equal(subject.codes('cancel-now'), ['NOT_BILLING_ADMIN']);
  subject.roles = ['billing-admin'];
  assert.equal(subject.codes('assign-license', { personId: 'a' }), ['NOT_LICENSE_ADMIN']);
  assert.equal(subject.codes('disable', { reason: 'fraud' }), ['ROLE_MISSING']);
  subject.roles = [];
  assert.equal(subject.codes('activate'), ['ALREADY_ACTIVE', 'NOT_BILLING_ADMIN']);
});

test('14: three reasons at once, in their order', () => {
  const subject = inState.disabled({ channel: 'reseller' });
  subject.accept('disable', { reason: 'fraud' });
  subject.roles = ['license-admin'];
  const { reasonCodes, remedies, available } = action(subject, 'reactivate');
  assert.is(available, false);
  assert.equal([...reasonCodes].sort(), ['DISABLED_BY_PROVIDER', 'NOT_BILLING_ADMIN', 'NOT_REACTIVATABLE_BY_CHANNEL']);
  assert.ok(['support', 'partner', 'upgrade_role'].every((kind) => remedies.some((each) => each.kind === kind)));
  assert.ok(remedies.every(({ until, text }) => until === subject.header.stateEndsAt && text.en && text.nl));
});

test('cancelling now: the seat limit and an attached domain', () => {
  const many = inState.active({ seats: 26 });
  many.facts = { tenant: { domainAttached: true } };
  assert.equal(many.codes('cancel-now'), ['CANCEL_SEAT_LIMIT', 'DOMAIN_ATTACHED']);
  const few = inState.active({ seats: 25 });
  few.accept('cancel-now');
});

test('reactivating: every guard on what is known and given', () => {
  const codes = (body: unknown, facts: Subject['facts'] = {}): readonly string[] => {
    const subject = inState.expired();
    subject.facts = facts;
    return subject.codes('reactivate', body);
  };
  assert.equal(codes({}), ['PAYMENT_METHOD_REQUIRED']);
  assert.equal(codes({ paymentMethod: { ...card, expires: '2027-05' } }), ['PAYMENT_METHOD_EXPIRED']);
  assert.equal(codes({ paymentMethod: { ...card, expires: '2027-06' } }), ['accepted']);
  assert.equal(codes({ paymentMethod: card }, { tenant: { country: 'BE' } }), ['PAYMENT_METHOD_COUNTRY_MISMATCH']);
  assert.equal(codes({ paymentMethod: { ...card, owner: 'p1' } }, { actorId: 'p2' }), ['PAYMENT_METHOD_NOT_OWNED']);
  assert.equal(codes({ paymentMethod: card }, { tenant: { creditCheck: 'pending' } }), ['CREDIT_CHECK_PENDING']);
  const plan = { planId: 'business', apps: [], endOfSale: at('2027-01-01') };
  assert.equal(codes({ paymentMethod: card }, { plan }), ['OFFER_END_OF_SALE']);
  assert.equal(codes({ paymentMethod: card, requireInTerm: true }), ['REACTIVATION_NOT_IN_TERM']);
  assert.equal(codes({ requireInTerm: true }, { tenant: { creditCheck: 'pending' }, plan }), [
    'OFFER_END_OF_SALE',
    'CREDIT_CHECK_PENDING',
    'PAYMENT_METHOD_REQUIRED',
    'REACTIVATION_NOT_IN_TERM',
  ]);
});

test('reactivating: what its history rules out', () => {
  const trial = inState.active({ trial: true });
  trial.tick('2026-07-05');
  assert.equal(trial.codes('reactivate', { paymentMethod: card }), ['TRIAL_NOT_REACTIVATABLE']);
  const neverStarted = inState.pending();
  neverStarted.accept('disable', { reason: 'admin' });
  assert.equal(neverStarted.codes('reactivate', { paymentMethod: card }), ['NOT_YET_ACTIVATED']);
  const late = inState.disabled();
  late.now = at('2028-01-01');
  assert.equal(late.codes('reactivate', { paymentMethod: card }), ['RETENTION_ELAPSED']);
  assert.equal(late.codes('disable', { reason: 'fraud' }), ['ALREADY_DELETED']);
});

test('a card that was declined for good is tried again only when its details are given again', () => {
  const failed = (): Subject => {
    const subject = inState.expired();
    subject.accept('reactivate', { paymentMethod: card });
    subject.tick('2027-06-05T01:00');
    subject.pay(fact('failed', '2027-06-05T01:00', { id: 'again', nextAttemptAt: null }));
    assert.is(subject.header.status, 'expired');
    return subject;
  };
  assert.equal(failed().codes('reactivate'), ['PAYMENT_METHOD_DECLINED']);
  assert.equal(action(failed(), 'reactivate').needs, ['paymentMethod']);
  assert.equal(failed().codes('reactivate', { paymentMethod: card }), ['accepted']);
  const replaced = failed();
  replaced.tick('2027-06-05T02:00');
  replaced.accept('replace-payment-method', { paymentMethod: { ...card, token: 'tok_2' } });
  assert.equal(replaced.codes('reactivate'), ['accepted']);
  const paid = failed();
  paid.accept('reactivate', { paymentMethod: card });
  paid.tick('2027-06-05T03:00');
  paid.pay(fact('settled', '2027-06-05T03:00', { id: 'third' }));
  paid.tick('2028-06-05');
  assert.equal([paid.header.status, paid.codes('reactivate')], ['expired', ['accepted']]);
});

test('seats: the last one, twice the same person, nobody', () => {
  const subject = inState.active({ seats: 1 });
  assert.equal(subject.codes('unassign-license', { personId: 'a' }), ['NOT_ASSIGNED']);
  subject.accept('assign-license', { personId: 'a' });
  assert.equal(subject.codes('assign-license', { personId: 'b' }), ['NO_FREE_SEAT']);
  assert.equal(subject.codes('assign-license', { personId: 'a' }), ['ALREADY_ASSIGNED', 'NO_FREE_SEAT']);
  assert.equal(subject.codes('unassign-license', { personId: 'b' }), ['NOT_ASSIGNED']);
});

test('creating: an unknown profile, an offer that is no longer sold', () => {
  const body = { planId: 'p', seats: 1, term: 'P1M' };
  const subject = new Subject();
  assert.equal(subject.codes('create', { ...body, profile: 'nobody-2020' }), ['PROFILE_UNKNOWN']);
  subject.facts = { plan: { planId: 'p', apps: [], endOfSale: at('2020-01-01') } };
  assert.equal(subject.codes('create', body), ['OFFER_END_OF_SALE']);
});

test('an input that is yet to be given is a need, not a reason', () => {
  const expired = inState.expired();
  assert.equal(action(expired, 'reactivate'), {
    command: 'reactivate',
    available: true,
    reasonCodes: [],
    needs: ['paymentMethod'],
    remedies: [],
    effectPreview: { newState: 'reactivated', newTermEnd: at('2028-06-01') },
  });
  const priced = inState.expired({ price: { minor: 100, currency: 'EUR' } });
  assert.equal(action(priced, 'reactivate').effectPreview?.amount, { minor: 300, currency: 'EUR' });
  const stored = inState.expired();
  stored.accept('add-payment-method', { paymentMethod: card });
  assert.equal(action(stored, 'reactivate').needs, []);
  assert.equal(action(inState.active(), 'assign-license').needs, ['userId']);
  assert.equal(action(inState.active(), 'unassign-license').reasonCodes, ['NOT_ASSIGNED']);
});

test('the preview is what the command does', () => {
  assert.is(action(inState.active(), 'cancel-now').effectPreview?.newState, 'cancelled');
  assert.is(action(inState.cancelled(), 'reactivate').effectPreview?.newState, 'active');
  assert.is(action(inState.pending(), 'cancel-now').effectPreview?.newState, 'deleted');
  assert.equal(action(inState.expired(), 'delete-now').effectPreview, { newState: 'deleted' }, 'its term is gone too');
  assert.equal(action(inState.active({ profile: 'direct-mca-2024' }), 'cancel-now').effectPreview, {
    newState: 'cancelled',
    newTermEnd: at('2027-06-01'),
  });
});

test('what does not exist has no actions', () => {
  assert.equal(availableActions(new Subject().state, new Subject().context()), []);
});

test('a payment that settles the way back needs no payment method', () => {
  const subject = inState.expired({ recurringBilling: false, price: { minor: 100, currency: 'EUR' } });
  subject.now = at('2027-06-10');
  subject.pay(fact('settled', '2027-06-10', { amount: { minor: 300, currency: 'EUR' } }));
  assert.equal(action(subject, 'reactivate').needs, []);
  subject.accept('reactivate');
  assert.equal(
    [subject.header.status, subject.header.credit, subject.header.termEnd],
    ['active', null, at('2028-06-01')],
  );
});

/** Ways to ask that are valid wherever any is, the usual one first. */
function validBodies(name: SubscriptionCommandName, subject: Subject): unknown[] {
  if (name === 'assign-license') return ['nobody', 'alice'].map((personId) => ({ personId }));
  if (name === 'unassign-license') {
    return [...pagedEntries(subject.state.seats), ['nobody']].map(([personId]) => ({ personId }));
  }
  if (name === 'move-license') {
    const to = { subscriptionId: 's2', revision: 0, assignedAt: subject.now };
    const held = [...pagedEntries(subject.state.seats)].map(([personId, { heldSince }]) => ({
      personId,
      heldSince,
      to,
    }));
    return [...held, { personId: 'nobody', heldSince: 0, to }];
  }
  const further = furtherValidBodies(name, subject);
  if (further !== null) return further;
  if (name === 'set-recurring-billing') return [{ on: !subject.header.recurringBilling }, { on: true }, { on: false }];
  if (name === 'disable') return [{ reason: 'legal' }];
  return ['reactivate', 'add-payment-method', 'replace-payment-method'].includes(name)
    ? [{ paymentMethod: card }]
    : [{}];
}

/** Subscriptions of every profile and channel, seen by callers of every kind while this and that is known of them. */
const asked = fc.record({
  history: histories,
  created: fc.record({
    seats: fc.constantFrom(1, 2, 26),
    profile: fc.constantFrom('direct-mosa-2020', 'direct-mosa-2020', ...allPolicies().map(profileId)),
    channel: fc.constantFrom('direct', 'direct', ...channels),
  }),
  roles: fc.subarray(['billing-admin', 'license-admin', 'support', 'partner', 'auditor', 'global-admin'], {
    minLength: 1,
  }),
  tenant: fc.record({
    country: fc.constantFrom(undefined, 'NL'),
    domainAttached: fc.constantFrom(undefined, true),
    creditCheck: fc.constantFrom(undefined, 'passed', 'pending'),
  }),
  plan: fc.constantFrom(
    undefined,
    { planId: 'business', apps: [], maxSeats: 2, family: 'business' },
    { planId: 'business', apps: [], endOfSale: at('2027-05-01') },
  ),
});

/** Asks for every command what the list says of it, and holds the two against each other; answers what was accepted. */
function compare(subject: Subject, context: DecisionContext): readonly string[] {
  return availableActions(subject.state, context).map((listed) => {
    // Listed are names of commands.
    const name = listed.command as SubscriptionCommandName;
    const answers = validBodies(name, subject).map((body) => {
      const command = { name, body: subscriptionCommandSchemas[name].parse(body) } as SubscriptionCommand;
      return decide(subject.state, { kind: 'command', command, commandId: 'asked', commandHash: '' }, context);
    });
    const accepted = answers.some(({ kind }) => kind !== 'refused');
    const about = `${name} while ${subject.header.status} at ${subject.now}`;
    const found = `listed with ${listed.reasonCodes.join() || 'no reason'}, answered ${JSON.stringify(answers)}`;
    assert.is(listed.available, accepted, `${about}: ${found}`);
    if (!accepted) {
      const codes = answers.map((answer) => (answer.kind === 'refused' ? answer.reasonCodes.join() : answer.kind));
      // Whoever is asked for may have lost the seat by a deadline that is due: somebody is like everybody.
      const isOfSomebody = name === 'unassign-license' || name === 'move-license';
      const usual = isOfSomebody ? codes : codes.slice(0, 1);
      assert.ok(
        usual.includes(listed.reasonCodes.join()),
        `${about}: ${listed.reasonCodes.join()} ≠ ${usual.join(' or ')}`,
      );
      assert.ok(listed.remedies.length > 0 && listed.effectPreview === null, about);
    }
    return `${name} ${accepted ? 'accepted' : 'refused'}`;
  });
}

test('available ⇔ some valid input is accepted, and otherwise the codes are those of the usual one, in its order', () => {
  fc.assert(
    fc.property(asked, ({ history, created, roles, tenant, plan }) => {
      const known = { roles, tenant, ...(plan === undefined ? {} : { plan }) };
      replay(history, (subject) => compare(subject, { ...subject.context(), ...known }), created);
    }),
    propertyRuns(150),
  );
});

test('the same in every state, where every command is accepted somewhere and refused somewhere', () => {
  const seen = new Set<string>();
  for (const command of Object.keys(stateAnswers)) {
    for (const status of subscriptionStatuses) {
      const subject = prepareFurther(command, status) ?? inState[status]();
      if (command === 'undo-scheduled-cancel') subject.command('cancel-at-term-end');
      if (command === 'unassign-license') subject.command('assign-license', { personId: 'alice' });
      for (const roles of [['global-admin'], []]) {
        for (const answer of compare(subject, { ...subject.context(), roles })) seen.add(answer);
      }
    }
  }
  const all = Object.keys(stateAnswers).flatMap((name) => [`${name} accepted`, `${name} refused`]);
  assert.equal([...seen].sort(), all.sort());
});

test.run();
