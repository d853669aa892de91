import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import * as fc from 'fast-check';
import { keyAlphabet, keyLength, keyPayloadLength, readKey, readLast5, writeKey } from './format.ts';

const test = suite('format of product keys');

const payloads = fc.array(fc.integer({ min: 0, max: keyAlphabet.length - 1 }), {
  minLength: keyPayloadLength,
  maxLength: keyPayloadLength,
});
const keys = payloads.map(writeKey);
const place = fc.integer({ min: 0, max: keyLength - 1 });

/** Index of a place in the grouped spelling. */
const at = (index: number): number => index + Math.floor(index / 5);

function replaced(key: string, changes: readonly (readonly [place: number, character: string])[]): string {
  const characters = Array.from(key);
  for (const [index, character] of changes) characters[at(index)] = character;
  return characters.join('');
}

test('a key is five groups of five characters that nobody confuses', () => {
  fc.assert(
    fc.property(keys, (key) => {
      assert.match(key, /^([34679ACDEFGHJKMNPRTVWXY]{5}-){4}[34679ACDEFGHJKMNPRTVWXY]{5}$/);
      assert.not.match(key, /[0OQ1IL2Z5S8BU]/);
    }),
  );
});

test('what is written is read back, with its last five characters', () => {
  fc.assert(fc.property(keys, (key) => assert.equal(readKey(key), { kind: 'key', key, last5: key.slice(-5) })));
});

test('different payloads are different keys', () => {
  fc.assert(fc.property(payloads, payloads, (a, b) => assert.is(writeKey(a) === writeKey(b), a.join() === b.join())));
});

test('every single wrong character is noticed', () => {
  fc.assert(
    fc.property(keys, (key) => {
      for (let index = 0; index < keyLength; index += 1) {
        for (const character of keyAlphabet) {
          const wrong = replaced(key, [[index, character]]);
          assert.is(readKey(wrong).kind, wrong === key ? 'key' : 'malformed', wrong);
        }
      }
    }),
    { numRuns: 20 },
  );
});

test('every exchange of two characters is noticed, adjacent or not', () => {
  fc.assert(
    fc.property(keys, (key) => {
      for (let first = 0; first < keyLength; first += 1) {
        for (let second = first + 1; second < keyLength; second += 1) {
          const wrong = replaced(key, [
            [first, key[at(second)] ?? ''],
            [second, key[at(first)] ?? ''],
          ]);
          assert.is(readKey(wrong).kind, wrong === key ? 'key' : 'malformed', `${wrong} ${first} ${second}`);
        }
      }
    }),
    { numRuns: 50 },
  );
});

test('two wrong characters are noticed, but for one pair of places', () => {
  const character = fc.constantFrom(...Array.from(keyAlphabet));
  fc.assert(
    fc.property(keys, place, place, character, character, (key, first, second, a, b) => {
      const wrong = replaced(key, [
        [first, a],
        [second, b],
      ]);
      const isBlindSpot = Math.min(first, second) === 0 && Math.max(first, second) === keyPayloadLength;
      if (wrong !== key && !isBlindSpot) assert.is(readKey(wrong).kind, 'malformed', wrong);
    }),
    { numRuns: 2_000 },
  );
});

test('a character too few, too many or at the wrong end is noticed', () => {
  fc.assert(
    fc.property(keys, place, fc.constantFrom(...Array.from(keyAlphabet)), (key, index, character) => {
      const plain = key.replaceAll('-', '');
      for (const wrong of [plain.slice(1), plain.slice(0, -1), plain + character, character + plain]) {
        assert.is(readKey(wrong).kind, 'malformed', wrong);
      }
      assert.is(readKey(plain.slice(0, index) + plain.slice(index + 1)).kind, 'malformed');
    }),
  );
});

test('case, spaces and every kind of dash make no difference', () => {
  const separators = fc.array(
    fc.constantFrom('', ' ', '-', '–', '—', '‐', '‑', '−', '_', '\u00a0', '\u200b', '\t', '\n', ' - ', '﹣', 'ー'),
    { minLength: 26, maxLength: 26 },
  );
  fc.assert(
    fc.property(keys, separators, fc.boolean(), (key, between, isLower) => {
      const characters = Array.from(key.replaceAll('-', ''));
      const typed = characters.map((character, index) => `${between[index] ?? ''}${character}`).join('');
      assert.equal(readKey((isLower ? typed.toLowerCase() : typed) + (between[25] ?? '')), readKey(key));
    }),
  );
});

test('full-width characters are read as plain ones', () => {
  const key = writeKey(Array.from({ length: keyPayloadLength }, (_, index) => index));
  const wide = Array.from(key)
    .map((character) => String.fromCodePoint((character.codePointAt(0) ?? 0) + 0xfee0))
    .join('');
  assert.equal(readKey(wide), readKey(key));
});

test('what is no key at all is malformed, whatever its length', () => {
  for (const text of ['', '-----', 'x', '0'.repeat(25), 'O'.repeat(25), 'é'.repeat(25), 'A'.repeat(100_000)]) {
    assert.is(readKey(text).kind, 'malformed', text.slice(0, 30));
  }
  fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => void readKey(text)));
});

test('a payload that is none is refused', () => {
  assert.throws(() => writeKey([1, 2, 3]), RangeError);
  assert.throws(() => writeKey(Array.from({ length: keyPayloadLength }, () => 23)), RangeError);
  assert.throws(() => writeKey(Array.from({ length: keyPayloadLength }, () => 0.5)), RangeError);
});

test('the last five characters are read like the key', () => {
  assert.is(readLast5(' acd-ef '), 'ACDEF');
  for (const text of ['ACDE', 'ACDEFG', 'ACDE0', '']) assert.is(readLast5(text), undefined, text);
});

test.run();
