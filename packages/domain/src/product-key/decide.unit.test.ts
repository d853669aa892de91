import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import * as fc from 'fast-check';
import { decideProductKey, type ProductKeyContext, type ProductKeyInput } from './decide.ts';
import { productKeyEventSchemas, type KeyOrder, type ProductKeyEvent } from './events.ts';
import { evolveProductKey, initialProductKey, productKeyStatus, type ProductKeyState } from './state.ts';

const test = suite('a product key');

const keyId = 'ab'.repeat(32);
const t0 = '2027-01-01T00:00:00.000Z';
const later = '2027-06-01T00:00:00.000Z';
const ids = ['11111111-1111-4111-8111-111111111111', '22222222-2222-4222-8222-222222222222'] as const;

type IssueInput = Extract<ProductKeyInput, { kind: 'issue' }>;
const issue = (more: Partial<IssueInput['issue']> = {}, sold = true): IssueInput => ({
  kind: 'issue',
  sold,
  issue: { keyId, last5: 'ACDEF', planId: 'SPE_E3', seats: 5, term: 'P1Y', commandHash: 'h0', ...more },
});
const order = (more: Partial<KeyOrder> = {}): KeyOrder => ({
  tenant: 'acme',
  subscriptionId: 's1',
  mode: 'new',
  commandId: 'c1',
  commandHash: 'h1',
  actor: { type: 'user', id: 'alice' },
  roles: ['billing-admin'],
  correlationId: 'r1',
  ...more,
});
const reserve = (more: Partial<KeyOrder> = {}, reservationId: string = ids[0]): ProductKeyInput => ({
  kind: 'reserve',
  reservationId,
  order: order(more),
});
const redeem: ProductKeyInput = { kind: 'redeem', reservationId: ids[0] };
const release: ProductKeyInput = { kind: 'release', reservationId: ids[0], reasonCodes: ['KEY_PLAN_MISMATCH'] };

/** A key under test: every event is checked against its schema and folded as it would be read back. */
class Subject {
  state: ProductKeyState = initialProductKey;
  readonly log: ProductKeyEvent[] = [];
  now = t0;

  give(input: ProductKeyInput, context: Partial<ProductKeyContext> = {}): ReturnType<typeof decideProductKey> {
    const decision = decideProductKey(this.state, input, { now: this.now, ...context });
    const events = decision.kind === 'accepted' || decision.kind === 'refused' ? decision.events : [];
    for (const event of events) {
      const stored = JSON.parse(JSON.stringify(event)) as ProductKeyEvent;
      assert.equal(productKeyEventSchemas[event.type].parse(stored.data), stored.data);
      this.log.push(stored);
      this.state = evolveProductKey(this.state, stored);
    }
    return decision;
  }

  codes(input: ProductKeyInput, context: Partial<ProductKeyContext> = {}): readonly string[] {
    const decision = this.give(input, context);
    return decision.kind === 'refused' ? decision.reasonCodes : [decision.kind];
  }

  get types(): string[] {
    return this.log.map(({ type }) => type);
  }

  get status(): string {
    return this.state === null ? 'unknown' : productKeyStatus(this.state, this.now);
  }
}

function given(...inputs: ProductKeyInput[]): Subject {
  const subject = new Subject();
  for (const input of inputs) assert.is(subject.give(input).kind, 'accepted');
  return subject;
}

test('issued and sold at once, reserved, redeemed', () => {
  const subject = given(issue());
  assert.is(subject.status, 'sold');
  assert.is(subject.give(reserve()).kind, 'accepted');
  assert.is(subject.status, 'reserved');
  assert.is(subject.give(redeem).kind, 'accepted');
  assert.is(subject.status, 'redeemed');
  assert.equal(subject.types, ['KeyIssued', 'KeySold', 'KeyReserved', 'KeyRedeemed']);
});

test('a key that was never issued is not found', () => {
  for (const input of [reserve(), redeem, release, { kind: 'tick' } as const, { kind: 'sell' } as const]) {
    assert.equal(new Subject().codes(input), ['KEY_NOT_FOUND']);
  }
});

test('issuing twice issues once; with other content the command id is reused', () => {
  const subject = given(issue());
  assert.equal(subject.codes(issue()), ['nothing']);
  assert.equal(subject.codes(issue({ commandHash: 'other' })), ['COMMAND_ID_REUSED']);
});

test('not activated at the till, it opens nothing; sold, it does', () => {
  const subject = given(issue({}, false));
  assert.is(subject.status, 'issued');
  assert.equal(subject.codes(reserve()), ['KEY_NOT_ACTIVATED_BY_SELLER']);
  assert.equal(subject.codes({ kind: 'sell', seller: 'shop-1' }), ['accepted']);
  assert.equal(subject.codes({ kind: 'sell' }), ['nothing']);
  assert.equal(subject.codes(reserve()), ['accepted']);
});

test('the same command again is the same reservation, also when it is redeemed', () => {
  const subject = given(issue(), reserve());
  const again = subject.give(reserve({}, ids[1]));
  assert.is(again.kind === 'repeated' && again.reservation.reservationId, ids[0]);
  subject.give(redeem);
  subject.now = later;
  const after = subject.give(reserve({}, ids[1]));
  assert.is(after.kind === 'repeated' && after.reservation.reservationId, ids[0]);
  assert.equal(subject.codes(reserve({ commandHash: 'other' })), ['COMMAND_ID_REUSED']);
});

test('while another order is under way its reservation is named, to be finished first', () => {
  const subject = given(issue(), reserve());
  const other = subject.give(reserve({ tenant: 'globex' }, ids[1]));
  assert.is(other.kind === 'reserved' && other.reservation.order.tenant, 'acme');
  const blocked = subject.give({ kind: 'block' });
  assert.is(blocked.kind, 'reserved');
});

test('redeemed is redeemed: by you, by your organisation, or by another', () => {
  const subject = given(issue(), reserve(), redeem);
  const by = (more: Partial<KeyOrder>): unknown => {
    const decision = subject.give(reserve({ commandId: 'c2', ...more }, ids[1]));
    assert.equal(decision.kind === 'refused' && decision.reasonCodes, ['KEY_ALREADY_REDEEMED']);
    return decision.kind === 'refused' ? decision.redeemedBy : undefined;
  };
  assert.is(by({}), 'you');
  assert.is(by({ actor: { type: 'user', id: 'bob' } }), 'your_organisation');
  assert.is(by({ tenant: 'globex' }), 'another');
  // The same command id of another tenant is another command.
  assert.is(by({ tenant: 'globex', commandId: 'c1' }), 'another');
});

test('a released key is as good as before, for anybody', () => {
  const subject = given(issue(), reserve(), release);
  assert.is(subject.status, 'sold');
  assert.is(subject.give(reserve({ tenant: 'globex' }, ids[1])).kind, 'accepted');
  assert.equal(subject.codes(redeem), ['nothing'], 'another has it by now');
  assert.equal(subject.codes(release), ['nothing']);
  assert.is(subject.status, 'reserved');
});

test('an order that two processes drove on, released by the one and done by the other, is redeemed', () => {
  const subject = given(issue(), reserve(), release, redeem);
  assert.is(subject.status, 'redeemed');
  assert.is(subject.state?.redemption?.order.tenant, 'acme');
});

test('blocked, it opens nothing; redeemed, it cannot be blocked', () => {
  const subject = given(issue(), { kind: 'block', reason: 'stolen' });
  assert.is(subject.log.at(-1)?.reason, 'stolen');
  assert.equal(subject.codes({ kind: 'block' }), ['nothing']);
  assert.equal(subject.codes(reserve()), ['KEY_BLOCKED']);
  assert.equal(given(issue({}, false), { kind: 'block' }).codes({ kind: 'sell' }), ['KEY_BLOCKED']);
  assert.equal(given(issue(), reserve(), redeem).codes({ kind: 'block' }), ['KEY_ALREADY_REDEEMED']);
});

test('its time is over at the very instant, and the event says since when', () => {
  const subject = given(issue({ expiresAt: later }));
  subject.now = '2027-05-31T23:59:59.999Z';
  assert.equal(subject.codes({ kind: 'tick' }), ['nothing']);
  assert.is(subject.status, 'sold');
  subject.now = later;
  assert.is(subject.status, 'expired', 'for reads before any event says so');
  subject.now = '2028-01-01T00:00:00.000Z';
  assert.equal(subject.codes(reserve()), ['KEY_EXPIRED']);
  assert.equal(
    subject.log.slice(2).map(({ type, effectiveAt }) => [type, effectiveAt]),
    [['KeyExpired', later]],
  );
  assert.equal(subject.codes(reserve()), ['KEY_EXPIRED']);
  assert.is(subject.log.length, 3, 'it expires once');
});

test('an order placed in time is finished, however late', () => {
  const subject = given(issue({ expiresAt: later }), reserve());
  subject.now = '2028-01-01T00:00:00.000Z';
  assert.equal(subject.codes({ kind: 'tick' }), ['nothing']);
  assert.equal(subject.codes(redeem), ['accepted']);
  assert.is(subject.status, 'redeemed');
});

test('everything that speaks against a redemption is said at once', () => {
  const subject = given(issue({ family: 'consumer', countries: ['NL', 'BE'], expiresAt: later, seats: 400 }, false), {
    kind: 'block',
  });
  subject.now = later;
  const decision = subject.give(reserve(), { country: 'DE', plan: { maxSeats: 300 } });
  assert.equal(decision.kind === 'refused' && [decision.reasonCodes, decision.maxSeats], [
    [
      'KEY_WRONG_PRODUCT_FAMILY',
      'KEY_EXPIRED',
      'REGION_NOT_ALLOWED',
      'KEY_SEATS_EXCEED_OFFER_MAX',
      'KEY_BLOCKED',
      'KEY_NOT_ACTIVATED_BY_SELLER',
    ],
    300,
  ]);
});

test('what is not known passes', () => {
  const subject = given(issue({ countries: ['NL'], seats: 400 }));
  assert.is(subject.give(reserve(), {}).kind, 'accepted');
});

test('an offer is as large as it may be', () => {
  assert.is(given(issue({ seats: 300 })).give(reserve(), { plan: { maxSeats: 300 } }).kind, 'accepted');
  assert.equal(given(issue({ seats: 301 })).codes(reserve(), { plan: { maxSeats: 300 } }), [
    'KEY_SEATS_EXCEED_OFFER_MAX',
  ]);
});

test('whatever happens to it, a key is redeemed at most once, and by the order that holds it', () => {
  const tenants = fc.constantFrom('acme', 'globex', 'initech');
  const inputs = fc.oneof(
    fc
      .record({ tenant: tenants, commandId: fc.constantFrom('c1', 'c2'), id: fc.constantFrom(...ids) })
      .map((by) => reserve({ tenant: by.tenant, commandId: by.commandId }, by.id)),
    fc.constantFrom(...ids).map((reservationId): ProductKeyInput => ({ kind: 'redeem', reservationId })),
    fc.constantFrom(...ids).map((reservationId): ProductKeyInput => ({ ...release, reservationId })),
    fc.constantFrom<ProductKeyInput>({ kind: 'block' }, { kind: 'sell' }, { kind: 'tick' }, issue()),
  );
  fc.assert(
    fc.property(fc.array(inputs, { maxLength: 30 }), fc.boolean(), (history, sold) => {
      const subject = given(issue({ expiresAt: later }, sold));
      history.forEach((input, index) => {
        if (index === 20) subject.now = later;
        subject.give(input);
      });
      const redemptions = subject.log.filter(({ type }) => type === 'KeyRedeemed');
      assert.ok(redemptions.length <= 1);
      const claims = subject.log.filter(({ type }) => type === 'KeyReserved' || type === 'KeyReleased');
      claims.forEach(({ type }, index) => assert.is(type, index % 2 === 0 ? 'KeyReserved' : 'KeyReleased'));
      if (redemptions.length === 1) assert.ok(subject.state?.redemption, 'the order behind it is known');
      if (redemptions.length === 1) assert.is(subject.log.at(-1)?.type, 'KeyRedeemed', 'nothing comes after it');
    }),
    { numRuns: 500 },
  );
});

test.run();
