import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { copyJson, copyText } from './copy.ts';

const test = suite('text for COPY');

test('values are spelt as COPY reads them', () => {
  assert.equal(
    [null, '', 'null', 12, -1, true, false].map((value) => copyText(value)),
    ['\\N', '', 'null', '12', '-1', 't', 'f'],
  );
});

test('what separates fields and lines is escaped, and what no database can hold is replaced', () => {
  assert.is(copyText('a\tb\nc\rd\\e'), 'a\\tb\\nc\\rd\\\\e');
  assert.is(copyText('\\N'), '\\\\N');
  assert.is(copyText('a\0b'), 'a\uFFFDb');
});

test('escapes of JSON survive', () => {
  assert.is(copyJson(JSON.stringify({ text: 'a"b\n\\' })), '{"text":"a\\\\"b\\\\n\\\\\\\\"}');
});

test.run();
