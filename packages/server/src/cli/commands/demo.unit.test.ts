import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { serveForCli, type ServedCli } from '../testing/console.ts';

const test = suite('perennial demo on a running server');
const env = { STRIPE_WEBHOOK_SECRET: 'whsec_test' };
let cli: ServedCli;

test.before(async () => {
  const advanceTo = () => Promise.reject(new Error('the system clock cannot be moved'));
  cli = await serveForCli({ clock: { now: () => '2027-01-01T00:00:00.000Z', virtual: false, advanceTo } });
});
test.after(() => cli.server.close());

test('a server that follows the system clock cannot be played on', async () => {
  const { code, err } = await cli.run(['demo', '--nats', 'nats://127.0.0.1:1'], { env });
  assert.is(code, 1);
  assert.match(err, /^CLOCK_NOT_VIRTUAL: .*PERENNIAL_CLOCK/m);
});

test('the secret of the webhook has to be known', async () => {
  const { code, err } = await cli.run(['demo', '--nats', 'nats://127.0.0.1:1']);
  assert.is(code, 1);
  assert.match(err, /^DEMO_NEEDS_STRIPE_SECRET: /m);
});

test('so has the broker, where no data directory tells it', async () => {
  const { code, err } = await cli.run(['demo'], { env });
  assert.is(code, 1);
  assert.match(err, /^DEMO_NEEDS_BROKER: .*\n.*--nats/m);
});

test.run();
