import {
  attemptsStream,
  commandIdStream,
  noticesStream,
  paymentStream,
  personStream,
  productKeyStream,
  seatStream,
  subscriptionStream,
  tenantStream,
  trialStream,
} from '@perennial/domain';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { prefixesOf, within } from './streams.ts';

const scopes = suite('the streams that evidence is about');

const ofSubscription = [
  subscriptionStream('acme', 's-1'),
  seatStream('acme', 's-1', 'p-1'),
  commandIdStream('acme', 's-1', '00'),
  attemptsStream('acme', 's-1'),
  noticesStream('acme', 's-1'),
];
const ofTenant = [
  ...ofSubscription,
  subscriptionStream('acme', 's-10'),
  tenantStream('acme'),
  personStream('acme', 'p-1'),
  trialStream('acme', 's-1'),
];
const others = [
  subscriptionStream('acme2', 's-1'),
  tenantStream('acme2'),
  subscriptionStream('acme_s-1', 'x'),
  paymentStream('acme', 's-1'),
  productKeyStream('acme'),
  'log',
  'clock',
];
const all = [...ofTenant, ...others];

scopes('a tenant has every stream that begins with its name, and no other', () => {
  assert.equal(all.filter(within({ tenant: 'acme' })), ofTenant);
});

scopes('a subscription has its own streams, seats below it, and no other', () => {
  assert.equal(all.filter(within({ tenant: 'acme', subscriptionId: 's-1' })), ofSubscription);
});

scopes('what is read by prefix holds all that belongs to the scope', () => {
  for (const scope of [{ tenant: 'acme' }, { tenant: 'acme', subscriptionId: 's-1' }]) {
    const prefixes = prefixesOf(scope);
    for (const stream of all.filter(within(scope))) {
      assert.ok(
        prefixes.some((prefix) => stream.startsWith(prefix)),
        stream,
      );
    }
  }
});

scopes.run();
