import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { waitingSince } from './waiting.ts';

const test = suite('payments that found no subscription (domain.md 6.6)');

test('somebody has to look after an hour, and nothing more is expected after thirty days', () => {
  const received = '2027-06-01T10:00:00.000Z';
  const attention = (now: string): string => waitingSince(received, now).attention;
  assert.is(attention('2027-06-01T10:59:59.999Z'), 'none');
  assert.is(attention('2027-06-01T11:00:00.000Z'), 'alert');
  assert.is(attention('2027-07-01T09:59:59.999Z'), 'alert');
  assert.is(attention('2027-07-01T10:00:00.000Z'), 'given_up');
});

test.run();
