import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { NO_METADATA, parseMetadata, readableRange, SOFT_DELETE_JSON, undeleteJson } from './stream-metadata.ts';

const test = suite('stream metadata');
const parse = (json: string) => parseMetadata(Buffer.from(json));

test('what is no JSON object counts as no metadata', () => {
  for (const json of ['', 'nonsense', '[]', '3', 'null', '"text"']) assert.equal(parse(json), NO_METADATA);
});

test('a value that is no integer is ignored, alone', () => {
  assert.equal(parse('{"$maxCount":"3","$maxAge":1.5,"$tb":4}'), { softDeleted: false, truncateBefore: 4 });
});

test('only truncation at the end of all revisions is a deletion', () => {
  assert.is(parse(SOFT_DELETE_JSON).softDeleted, true);
  assert.is(parse(`{"$tb":${Number.MAX_SAFE_INTEGER}}`).softDeleted, false);
});

test('the readable range is the narrowest of all bounds', () => {
  const range = (json: string) => readableRange(parse(json), 9, 10_000);
  assert.equal(range('{}'), { first: 0, createdAfterMs: -Infinity });
  assert.equal(range('{"$maxCount":3}').first, 7);
  assert.equal(range('{"$maxCount":3,"$tb":8}').first, 8);
  assert.equal(range('{"$maxCount":30}').first, 0);
  assert.equal(range('{"$maxAge":4}').createdAfterMs, 6000);
});

test('reviving keeps every other key', () => {
  assert.equal(JSON.parse(undeleteJson(Buffer.from('{"$tb":1,"own":{"deep":[1]}}'), 5)), {
    $tb: 5,
    own: { deep: [1] },
  });
  assert.equal(JSON.parse(undeleteJson(undefined, 5)), { $tb: 5 });
});

test.run();
