import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { PaymentReading } from '../reading.ts';
import { paymentFactFromCloudEvent, paymentFactsFromCloudEvents } from './fact.ts';

const test = suite('payment facts from CloudEvents');
const received = { receivedAt: '2027-06-01T10:00:01.000Z', rawRef: 'ab12' };
const data = {
  provider: 'acmepay',
  providerEventId: 'e-1',
  providerObjectId: 'p-1',
  subscriptionRef: 'acme/S1',
  occurredAt: '2027-06-01T12:00:00+02:00',
  amount: { minor: 1500, currency: 'EUR' },
};
const event = { specversion: '1.0', id: 'ce-1', source: '/billing', type: 'payment.settled', data };
const bytes = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const read = (changes: object): PaymentReading => paymentFactFromCloudEvent({ ...event, ...changes }, received);

function factOf(reading: PaymentReading | undefined): Record<string, unknown> {
  if (reading?.kind !== 'fact') throw new Error(`no fact: ${JSON.stringify(reading)}`);
  return reading.fact;
}

test('a structured event becomes a fact with instants in UTC and what the intake adds', () => {
  const [reading] = paymentFactsFromCloudEvents({ headers: {}, body: bytes(event) }, received);
  assert.equal(factOf(reading), {
    ...data,
    kind: 'settled',
    occurredAt: '2027-06-01T10:00:00.000Z',
    ...received,
  });
  assert.equal(reading?.kind === 'fact' && reading.delivery, { source: '/billing', id: 'ce-1' });
});

test('one bad event does not spoil the others of its batch', () => {
  const batch = [event, { ...event, data: { ...data, amount: undefined } }, 'nonsense', { ...event, id: 'ce-2' }];
  const headers = { 'Content-Type': 'application/cloudevents-batch+json' };
  const kinds = paymentFactsFromCloudEvents({ headers, body: bytes(batch) }, received).map((reading) => reading.kind);
  assert.equal(kinds, ['fact', 'unreadable', 'unreadable', 'fact']);
});

test('binary mode has its attributes in headers of any case, percent-encoded', () => {
  const headers = {
    'Ce-Specversion': '1.0',
    'ce-id': 'a%20b%25',
    'ce-source': 'urn:caf%C3%A9',
    'ce-type': 'payment.settled',
    'content-type': 'application/json',
  };
  const [reading] = paymentFactsFromCloudEvents({ headers, body: bytes(data) }, received);
  assert.is(factOf(reading).providerEventId, 'e-1');
  assert.equal(reading?.kind === 'fact' && reading.delivery, { source: 'urn:café', id: 'a b%' });
});

test('an event that says it is structured is read from its body, whatever its headers repeat', () => {
  const headers = { 'content-type': 'application/cloudevents+json', 'ce-specversion': '1.0', 'ce-id': 'another' };
  const [reading] = paymentFactsFromCloudEvents({ headers, body: bytes(event) }, received);
  assert.equal(reading?.kind === 'fact' && reading.delivery, { source: '/billing', id: 'ce-1' });
});

test('identifiers have at most 256 characters, versions 64', () => {
  const kindOf = (changes: object): string => read({ data: { ...data, ...changes } }).kind;
  assert.is(kindOf({ providerSequence: 'x'.repeat(256), apiVersion: 'v'.repeat(64) }), 'fact');
  assert.is(kindOf({ providerSequence: 'x'.repeat(257) }), 'unreadable');
  assert.is(kindOf({ apiVersion: 'v'.repeat(65) }), 'unreadable');
  assert.is(kindOf({ providerObjectId: 'x'.repeat(257) }), 'unreadable');
});

test('unknown fields are kept, card numbers in them masked; null is absence, but for the last attempt', () => {
  const fact = factOf(
    read({
      type: 'payment.failed',
      data: {
        ...data,
        invoiceRef: null,
        nextAttemptAt: null,
        note: 'card 4111 1111 1111 1111',
        extra: 1,
        kind: 'refunded',
        receivedAt: 'never',
      },
    }),
  );
  assert.equal(fact.extra, { note: 'card **** **** **** 1111', extra: 1 });
  assert.is(fact.nextAttemptAt, null);
  assert.is('invoiceRef' in fact, false);
  assert.is(fact.kind, 'failed', 'the type says the kind');
  assert.is(fact.receivedAt, received.receivedAt);
});

test('too many unknown fields are left to the raw message', () => {
  assert.is('extra' in factOf(read({ data: { ...data, blob: 'x'.repeat(20_000) } })), false);
});

test('data may come as base64', () => {
  const { data: _, ...rest } = event;
  const encoded = { ...rest, data_base64: btoa(JSON.stringify({ ...data, note: '4111111111111111' })) };
  assert.equal(factOf(paymentFactFromCloudEvent(encoded, received)).extra, { note: '************1111' });
});

test('every type of the contract is understood, any other is stored', () => {
  const names = `settled failed action_required voided refunded dispute_opened dispute_inquiry dispute_won dispute_lost
    method_updated`.split(/\s+/);
  for (const name of names) assert.is(factOf(read({ type: `payment.${name}` })).kind, name);
  const reading = read({ type: 'payment.celebrated', time: '2027-06-01T10:00:00Z', data: 'x' });
  assert.equal(reading.kind === 'stored' && reading.event, {
    provider: 'cloudevents',
    providerEventId: 'ce-1',
    providerObjectId: 'ce-1',
    type: 'payment.celebrated',
    occurredAt: '2027-06-01T10:00:00.000Z',
    ...received,
  });
});

test('what cannot be read says why', () => {
  const codeOf = (reading: PaymentReading | undefined): string =>
    reading?.kind === 'unreadable' ? reading.code : String(reading?.kind);
  const body = (content: Uint8Array): string =>
    codeOf(paymentFactsFromCloudEvents({ headers: {}, body: content }, received)[0]);
  assert.is(body(Uint8Array.of(0xff, 0xfe)), 'NOT_UTF8');
  assert.is(body(new TextEncoder().encode('{"a":')), 'NOT_JSON');
  assert.is(codeOf(read({ specversion: '0.3' })), 'NOT_A_CLOUDEVENT');
  assert.is(codeOf(read({ data: undefined })), 'INVALID_FACT');
  assert.is(codeOf(read({ data: { ...data, providerObjectId: '\ud83d' } })), 'ILL_FORMED_TEXT');
  const reading = read({ data: { ...data, amount: { minor: 1.5, currency: 'EUR' } } });
  assert.equal(reading.kind === 'unreadable' && reading.issues.map((issue) => issue.path), ['amount.minor']);
});

test('a fact that identifies itself by a card number is quarantined, not merged with others', () => {
  const reading = read({ data: { ...data, providerObjectId: '4111111111111111' } });
  assert.is(reading.kind === 'quarantine' && reading.reason, 'CARD_NUMBER_IN_IDENTIFIER');
  assert.not.ok(JSON.stringify(reading).includes('4111111111111111'));
});

test.run();
