import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { meaningOf } from './remedies.ts';
import type { ReasonCode } from './reason-codes.ts';

const test = suite('codes that only what surrounds a decision can give');

/** Each with the test that reaches it: its file, and its name. */
const references: readonly (readonly [ReasonCode, string, string])[] = [
  [
    'KEY_ALREADY_ENTERED',
    'packages/handlers/src/product-keys/redeem-several.unit.test.ts',
    'one key that cannot be redeemed refuses the whole order, which says of each why, and does nothing',
  ],
  [
    'KEY_SERVICE_UNAVAILABLE',
    'packages/handlers/src/product-keys/issue-keys.unit.test.ts',
    'a secret that is gone makes keys unavailable, never unknown',
  ],
  [
    'RATE_LIMITED',
    'packages/handlers/src/product-keys/guess-limit.unit.test.ts',
    'guessing is slowed down, for the guesser only and only for a while',
  ],
  [
    'PAYMENT_NOT_FOUND',
    'packages/handlers/src/payments/link-payment.unit.test.ts',
    'a payment that nobody knows, and a caller who may not',
  ],
  [
    'VERSION_CONFLICT',
    'packages/server/src/http/routes/commands.unit.test.ts',
    'a version conflict says which version there is',
  ],
];

for (const [code, path, name] of references) {
  test(`${code}: ${name}`, () => {
    const text = readFileSync(new URL(`../../../../${path}`, import.meta.url), 'utf8');
    const from = text.indexOf(`test('${name}'`);
    assert.ok(from >= 0, `${path} has no test of that name`);
    const body = text.slice(from, text.indexOf('\n});', from));
    assert.match(body, code);
    assert.ok(meaningOf(code).en.length > 0);
  });
}

test.run();
