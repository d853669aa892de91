import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { storableText, toJsonb } from './jsonb.ts';

const test = suite('jsonb parameters');

test('ordinary values are plain JSON', () => {
  assert.is(toJsonb({ a: ['é', '😀', 1, null] }), '{"a":["é","😀",1,null]}');
});

test('what jsonb cannot hold is replaced, in keys and values, at any depth', () => {
  const value = { 'k\0': [{ text: 'a\0b' }], lone: '\uD800x' };
  assert.is(toJsonb(value), '{"k\uFFFD":[{"text":"a\uFFFDb"}],"lone":"\uFFFDx"}');
  assert.is(storableText('\0\uDC00😀'), '\uFFFD\uFFFD😀');
});

test('a text that only looks like an escape is left alone', () => {
  assert.is(toJsonb({ text: '\\u0000' }), '{"text":"\\\\u0000"}');
});

test.run();
