import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { decodeEventMessage, readEventMessageHead } from './decode.ts';
import { encodeEventMessage, encodeUndecodableMessage } from './encode.ts';
import { EventMessageError, type EventMessage, type MessageEvent } from './message.ts';

const test = suite('event message');
const origin = { logId: '0190a0b0-0000-7000-8000-000000000001', subject: 'acme/sub-1', dataVersion: 2 };

/** What a consumer sees of a published message. */
function received(message: EventMessage) {
  const headers = new Map([...Object.entries(message.headers), ['Nats-Msg-Id', message.messageId]]);
  return { headers: { get: (name: string) => headers.get(name) ?? '' }, data: message.body };
}

const anyText = fc.string({ unit: 'binary', maxLength: 40 });
const json = fc.jsonValue({ maxDepth: 3 }).map((value): unknown => JSON.parse(JSON.stringify(value)));
const anyEvent: fc.Arbitrary<MessageEvent> = fc.record(
  {
    stream: fc.stringMatching(/^[a-z]{1,10}-[A-Za-z0-9=_]{1,20}$/),
    revision: fc.nat(),
    position: fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
    id: fc.uuid(),
    type: fc.stringMatching(/^[A-Z][A-Za-z]{1,20}$/),
    data: json,
    metadata: fc.record(
      {
        schemaVersion: fc.integer({ min: 1, max: 9 }),
        effectiveAt: fc.constant('2027-06-01T00:00:00.000Z'),
        recordedAt: fc.constant('2027-06-02T00:00:00.000Z'),
        actor: fc.record(
          {
            type: fc.constantFrom('user', 'partner', 'support', 'provider', 'system', 'anonymous'),
            id: anyText,
            roles: fc.array(anyText, { maxLength: 3 }),
          },
          { noNullPrototype: true },
        ),
        commandId: anyText,
        $correlationId: anyText,
        $causationId: anyText,
        tenant: anyText,
        policy: anyText,
        catalogue: anyText,
        tzdata: anyText,
        reason: anyText,
        commandHash: anyText,
        prevHash: anyText,
        hash: anyText,
        traceparent: anyText,
      },
      {
        noNullPrototype: true,
        requiredKeys: [
          'schemaVersion',
          'effectiveAt',
          'recordedAt',
          'actor',
          'commandId',
          '$correlationId',
          '$causationId',
          'prevHash',
          'hash',
        ],
      },
    ),
  },
  { noNullPrototype: true },
);

test('a consumer rebuilds the recorded event exactly', () => {
  fc.assert(
    fc.property(anyEvent, (event) => {
      const decoded = decodeEventMessage(received(encodeEventMessage(event, origin)));
      assert.equal(decoded, { kind: 'event', ...origin, event });
    }),
  );
});

test('the body is a CloudEvent with the attributes of the contract', () => {
  const [event] = fc.sample(anyEvent, { numRuns: 1, seed: 7 });
  assert.ok(event);
  const body: Record<string, unknown> = JSON.parse(Buffer.from(encodeEventMessage(event, origin).body).toString());
  assert.is(body['specversion'], '1.0');
  assert.is(body['time'], event.metadata.effectiveAt);
  assert.is(body['recordedtime'], event.metadata.recordedAt);
  assert.is(body['subject'], 'acme/sub-1');
  assert.is(body['partitionkey'], 'acme/sub-1');
  assert.is(body['sequence'], String(event.revision).padStart(20, '0'));
  assert.ok(Object.keys(body).every((name) => /^[a-z0-9_]+$/.test(name)));
});

test('an undecodable event keeps its place and its bytes', () => {
  const event = {
    stream: 'subscription-acme_s',
    revision: 3,
    position: 99n,
    id: 'e3',
    type: 'FromTheFuture',
    rawData: Uint8Array.of(0, 255, 1),
    rawMetadata: Uint8Array.of(7),
    error: new Error('no schema\nfor it'),
  };
  const decoded = decodeEventMessage(received(encodeUndecodableMessage(event, origin)));
  assert.is(decoded.kind, 'undecodable');
  if (decoded.kind !== 'undecodable') return;
  assert.equal([...decoded.event.rawData], [0, 255, 1]);
  assert.equal([...decoded.event.rawMetadata], [7]);
  assert.is(decoded.event.error.message, 'no schema for it');
  assert.is(decoded.event.revision, 3);
});

test('a message that the relay did not publish is refused', () => {
  const stranger = { headers: { get: () => '' }, data: Buffer.from('{}') };
  assert.throws(
    () => readEventMessageHead(stranger),
    (error: unknown) => error instanceof EventMessageError,
  );
  const [event] = fc.sample(anyEvent, { numRuns: 1, seed: 7 });
  assert.ok(event);
  const damaged = { ...received(encodeEventMessage(event, origin)), data: Buffer.from('not json') };
  assert.throws(
    () => decodeEventMessage(damaged),
    (error: unknown) => error instanceof EventMessageError,
  );
});

test.run();
