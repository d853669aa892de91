import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { anyInstantSchema, instantSchema } from './instant.ts';

const instants = suite('instants');

const storedInstant = fc
  .date({ min: new Date('0001-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true })
  .map((date) => date.toISOString());

instants('the stored form is taken as it is', () => {
  fc.assert(
    fc.property(storedInstant, (text) => {
      assert.is(instantSchema.parse(text), text);
      assert.is(anyInstantSchema.parse(text), text);
    }),
  );
});

instants('every other form becomes the stored one', () => {
  assert.is(anyInstantSchema.parse('2027-06-01T02:00:00+02:00'), '2027-06-01T00:00:00.000Z');
  assert.is(anyInstantSchema.parse('2027-06-01T00:00:00Z'), '2027-06-01T00:00:00.000Z');
  assert.is(anyInstantSchema.parse('2027-06-01T00:00:00.123456Z'), '2027-06-01T00:00:00.123Z');
});

instants('what is no instant is refused', () => {
  for (const text of [
    '2027-02-29T00:00:00.000Z',
    '2027-06-01T24:00:00.000Z',
    '2027-06-01T00:00:60.000Z',
    '2027-06-01',
    '2027-06-01T00:00:00.000',
  ]) {
    assert.not(anyInstantSchema.safeParse(text).success, text);
  }
});

instants.run();
