import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { findCardNumber, isMasked, maskCardNumbers } from './card-number.ts';

const test = suite('card numbers');
const visa = '4111111111111111';

test('a card number is found in any string, with spaces or dashes, at any depth', () => {
  assert.is(findCardNumber({ paymentMethod: { token: visa } }), '$.paymentMethod.token');
  assert.is(findCardNumber(['x', { note: 'paid with 4111 1111-1111 1111, thanks' }]), '$[1].note');
  assert.is(findCardNumber('4222222222222'), '$', '13 digits');
  assert.is(findCardNumber('378282246310005'), '$', '15 digits');
  assert.is(findCardNumber('6304000000000000000'), '$', '19 digits');
  assert.is(findCardNumber(`card ${visa} 123`), '$', 'the security code behind it does not hide it');
  assert.is(findCardNumber({ [visa]: true }), '$ (the name of a field)');
});

test('what only looks like one is left alone', () => {
  for (const text of [
    `pi_${visa}`,
    `x${visa}`,
    `${visa}abc`,
    `é${visa}`,
    '4111111111111112',
    '411111111111',
    '1648320015000',
    '41111111111111111111111',
    '4111/1111/1111/1111',
    '2027-06-01T00:00:00.000Z',
    '123e4567-e89b-12d3-a456-426614174000',
  ]) {
    assert.is(findCardNumber(text), undefined, text);
    assert.is(maskCardNumbers(text), text);
  }
});

test('masking leaves the last four digits and the shape', () => {
  assert.equal(maskCardNumbers({ a: [`no. 4111 1111 1111 1111!`, visa, 4111111111111111, 42, null, true] }), {
    a: ['no. **** **** **** 1111!', '************1111', '************1111', 42, null, true],
  });
  assert.equal(maskCardNumbers({ [visa]: 1 }), { '************1111': 1 });
  assert.equal(maskCardNumbers(`${visa} and 5500-0000-0000-0004`), '************1111 and ****-****-****-0004');
  assert.ok(isMasked('x ****-****-****-0004') && !isMasked('in_123 0004') && !isMasked('**** 0004'));
});

test('what was masked holds no card number any more', () => {
  const masked = maskCardNumbers([visa, '5500 0000 0000 0004 4111-1111-1111-1111', '378282246310005']);
  assert.is(findCardNumber(masked), undefined);
});

test('nesting without end is cut off instead of ending the process', () => {
  let deep: unknown = visa;
  for (let level = 0; level < 50_000; level += 1) deep = [deep];
  assert.match(findCardNumber(deep) ?? '', /^\$\[0\]/);
  assert.ok(JSON.stringify(maskCardNumbers(deep)).includes('nested too deeply'));
});

test.run();
