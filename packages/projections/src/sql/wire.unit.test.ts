import { serialize } from 'pg-protocol';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { boundMessage, rowsOfAnswer } from './wire.ts';

const test = suite('messages to and from the database');

/** The messages of a buffer: a letter, the length of the rest, the rest. */
function lettersOf(buffer: Uint8Array): string {
  const view = new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  let letters = '';
  for (let at = 0; at < buffer.length; at += 1 + view.getUint32(at + 1))
    letters += String.fromCharCode(view.getUint8(at));
  return letters;
}

test('a statement is parsed when it is first used and only bound afterwards', () => {
  const first = boundMessage('select $1', ['x'], { statement: 's', isPrepared: false });
  assert.is(lettersOf(first), 'CPBDES');
  assert.is(lettersOf(boundMessage('select $1', ['x'], { statement: 's', isPrepared: true })), 'BDES');
});

test('texts in an array keep commas, braces, quotes, backslashes and the word null', () => {
  const message = boundMessage('', [['a,b', '{}', 'say "no"', 'c:\\d', 'null', '']], {
    statement: '',
    isPrepared: true,
  });
  const expected = String.raw`{"a,b","{}","say \"no\"","c:\\d","null",""}`;
  const bind = serialize.bind({ statement: '', values: [expected] });
  assert.is(Buffer.from(message).subarray(0, bind.length).toString(), bind.toString());
});

test('numbers, booleans and null are bound as the database writes them', () => {
  const message = boundMessage('', [7, true, null], { statement: '', isPrepared: true });
  const bind = serialize.bind({ statement: '', values: ['7', 'true', null] });
  assert.is(Buffer.from(message).subarray(0, bind.length).toString(), bind.toString());
});

test('the rows of the last statement count, with the types of their columns', () => {
  const fields = [
    { name: 'n', dataTypeID: 20 },
    { name: 'ok', dataTypeID: 16 },
    { name: 'body', dataTypeID: 3802 },
  ];
  const answer = [
    { name: 'rowDescription', fields: [{ name: 'other', dataTypeID: 25 }] },
    { name: 'dataRow', fields: ['first'] },
    { name: 'commandComplete' },
    { name: 'rowDescription', fields },
    { name: 'dataRow', fields: ['9007199254740991', 't', '{"a":1}'] },
    { name: 'dataRow', fields: ['1', null, null] },
    { name: 'commandComplete' },
    { name: 'readyForQuery' },
  ];
  assert.equal(rowsOfAnswer(answer), [
    { n: Number.MAX_SAFE_INTEGER, ok: true, body: { a: 1 } },
    { n: 1, ok: null, body: null },
  ]);
  assert.equal(rowsOfAnswer([...answer, { name: 'commandComplete' }]), []);
});

test.run();
