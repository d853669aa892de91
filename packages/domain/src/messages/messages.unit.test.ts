import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { intakeOutcomes, reasonCodes, reasonMessages } from './reason-codes.ts';
import { meaningOf, remediesFor } from './remedies.ts';

const test = suite('messages');

/** The codes of `domain.md 6.4` and `domain.md 2.2`, written down here once more so that none can be lost. */
const specified = `NOT_FOUND NOT_YET_ACTIVATED ALREADY_ACTIVE ALREADY_CANCELLED ALREADY_DELETED ALREADY_EXPIRED
  ALREADY_DISABLED REACTIVATE_FIRST REACTIVATION_IN_PROGRESS NOTHING_SCHEDULED ENDED_USE_REACTIVATE CANCEL_WINDOW_CLOSED
  CANCEL_SEAT_LIMIT DOMAIN_ATTACHED NOT_REACTIVATABLE_BY_CHANNEL DISABLED_BY_PROVIDER RETENTION_ELAPSED
  TRIAL_NOT_REACTIVATABLE TRIAL_ALREADY_USED TRIAL_EXTENSION_USED TRIAL_EXTENSION_TOO_EARLY NOT_A_TRIAL OFFER_END_OF_SALE
  CREDIT_CHECK_PENDING PAYMENT_METHOD_REQUIRED PAYMENT_METHOD_COUNTRY_MISMATCH PAYMENT_METHOD_EXPIRED
  PAYMENT_METHOD_DECLINED PAYMENT_METHOD_NOT_OWNED OUTSTANDING_BALANCE NOT_BILLING_ADMIN
  NOT_LICENSE_ADMIN LICENSE_ASSIGNMENT_FROZEN NO_FREE_SEAT SERVICE_CONFLICT USAGE_LOCATION_PROHIBITED ALREADY_ASSIGNED
  NOT_ASSIGNED SEATS_BELOW_ASSIGNED SEAT_WINDOW_CLOSED RECURRING_BILLING_OFF PREPAID_SEATS_ONLY_AT_RENEWAL
  PREPAID_NEEDS_KEY_OR_CARD SUSPENDED NOT_PAUSED NOT_DELETABLE_YET CONFIRMATION_REQUIRED VERSION_CONFLICT
  COMMAND_ID_REUSED REACTIVATION_NOT_IN_TERM REGION_NOT_ALLOWED OFFER_UNAVAILABLE EXTENSION_CAP_REACHED
  DEVICE_LIMIT_REACHED WRONG_ACCOUNT ROLE_MISSING KEY_WRONG_PRODUCT_FAMILY KEY_MALFORMED KEY_NOT_FOUND
  KEY_ALREADY_ENTERED KEY_EXPIRED KEY_ALREADY_REDEEMED KEY_SERVICE_UNAVAILABLE RATE_LIMITED KEY_SEATS_EXCEED_OFFER_MAX
  KEY_PLAN_MISMATCH KEY_BLOCKED KEY_NOT_ACTIVATED_BY_SELLER PAYMENT_ALREADY_MATCHED
  LAST_SEAT PAYMENT_NOT_FOUND SEATS_EXCEED_OFFER_MAX SECURITY_CODE_REQUIRED PROFILE_UNKNOWN MANAGED_BY_PROVIDER REACTIVATED_AS_NEW`.split(
  /\s+/,
);

test('every specified code is there, and no other', () => {
  assert.equal([...reasonCodes].sort(), specified.sort());
});

test('every code has a meaning and at least one remedy, in two languages that differ', () => {
  for (const code of reasonCodes) {
    const texts = [meaningOf(code), ...remediesFor([code]).map((remedy) => remedy.text)];
    assert.ok(texts.length >= 2, code);
    for (const { en, nl } of texts) {
      assert.ok(en.length > 10 && nl.length > 10 && en !== nl, code);
      assert.not.match(`${en}${nl}`, /[{}|]|undefined| {2}/);
    }
  }
});

test('both languages of a text name the same placeholders', () => {
  const names = (text: string): string[] => [...text.matchAll(/\{(\w+)\|/g)].map((match) => match[1] ?? '').sort();
  for (const code of reasonCodes) {
    for (const { text } of reasonMessages[code].remedies) assert.equal(names(text.en), names(text.nl), code);
  }
});

test('a reactivation refused for three reasons gets Support, the partner and the administrator (scenario 14)', () => {
  const remedies = remediesFor(['DISABLED_BY_PROVIDER', 'NOT_REACTIVATABLE_BY_CHANNEL', 'NOT_BILLING_ADMIN'], {
    until: '2027-09-28T22:30:00.000Z',
    zone: 'Europe/Amsterdam',
  });
  assert.equal(
    remedies.map((remedy) => remedy.kind),
    ['support', 'partner', 'upgrade_role'],
  );
  assert.ok(remedies.every((remedy) => remedy.until === '2027-09-28T22:30:00.000Z'));
  assert.match(remedies[0]?.text.en ?? '', '29 September 2027');
  assert.match(remedies[0]?.text.nl ?? '', '29 september 2027');
});

test('numbers and dates fill the texts', () => {
  assert.match(remediesFor(['SEATS_BELOW_ASSIGNED'], { n: 50 })[0]?.text.en ?? '', 'Unassign 50 licences first');
  const closed = remediesFor(['CANCEL_WINDOW_CLOSED'], { date: '2028-01-10T09:00:00.000Z' })[0];
  assert.match(closed?.text.nl ?? '', '10 januari 2028');
});

test('a remedy that several codes share is given once', () => {
  assert.is(remediesFor(['REACTIVATE_FIRST', 'LICENSE_ASSIGNMENT_FROZEN']).length, 1);
});

test('outcomes of the intake are no reason codes', () => {
  const codes: readonly string[] = reasonCodes;
  assert.is(intakeOutcomes.length, 6);
  assert.not.ok(intakeOutcomes.some((outcome) => codes.includes(outcome)));
});

test.run();
