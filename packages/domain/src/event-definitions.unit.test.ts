import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { eventDefinitions } from './event-definitions.ts';

const test = suite('event definitions');

test('no two events share a name, and names are past-tense words', () => {
  const types = eventDefinitions.map((definition) => definition.type);
  assert.is(new Set(types).size, types.length);
  assert.ok(types.every((type) => /^[A-Z][A-Za-z]+$/.test(type)));
  for (const type of ['SubscriptionCreated', 'PaymentFactParked', 'ClockAdvanced', 'CommandRefused']) {
    assert.ok(types.includes(type), type);
  }
});

test('every definition refuses data that is no object', () => {
  for (const { type, schema } of eventDefinitions) assert.not.ok(schema.safeParse('nonsense').success, type);
});

test.run();
