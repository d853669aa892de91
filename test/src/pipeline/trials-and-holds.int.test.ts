/**
 * Trials (scenario 31) and holds that combine (scenario 32), through the outside doors only.
 */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { startPerennial, type Answer, type Json, type Perennial } from './perennial.ts';

const test = suite('trials and holds through the whole pipeline');
let perennial: Perennial;

test.before(async () => {
  perennial = await startPerennial({ env: { PERENNIAL_CLOCK: '2027-01-01T00:00:00Z' } });
});

test.after(async () => {
  await perennial?.close();
});

const as = (roles: string) => ({ 'Perennial-Actor': 'user:someone', 'Perennial-Roles': roles });

function create(tenant: string, id: string, more: Json = {}): Promise<Answer> {
  const purchase = { subscriptionId: id, planId: 'SPE_E3', seats: 2, term: 'P1Y' };
  return perennial.post(`/tenants/${tenant}/subscriptions`, { ...purchase, ...more });
}

function command(ref: string, name: string, body: Json = {}, roles?: string): Promise<Answer> {
  const [tenant, id] = ref.split('/');
  const path = `/tenants/${tenant}/subscriptions/${id}/commands/${name}`;
  return perennial.post(path, body, roles === undefined ? {} : as(roles));
}

async function accepted(answer: Promise<Answer>): Promise<Json> {
  const { status, body } = await answer;
  assert.is(status, 200, JSON.stringify(body));
  return body;
}

async function refusedWith(answer: Promise<Answer>): Promise<string[]> {
  const { status, body } = await answer;
  assert.is(status, 409, JSON.stringify(body));
  return body.reasonCodes;
}

const advanceTo = (instant: string) => accepted(perennial.post('/clock', { advanceTo: instant }));

/** As it is now, or once the read models have come to a position. */
async function show(ref: string, position = '0'): Promise<Json> {
  const [tenant, id] = ref.split('/');
  return accepted(perennial.get(`/tenants/${tenant}/subscriptions/${id}?minPosition=${position}`));
}

test('31: one trial per tenant and offer, also when two ask at once', async () => {
  const answers = await Promise.all(['race-1', 'race-2'].map((id) => create('farm', id, { trial: true })));
  assert.equal(answers.map(({ status }) => status).sort(), [200, 409]);
  const loser = answers.find(({ status }) => status === 409);
  assert.equal(loser?.body.reasonCodes, ['TRIAL_ALREADY_USED']);
  assert.ok(loser?.body.remedies.length > 0);
  assert.is((await create('farm', 'other-offer', { trial: true, planId: 'O365_BUSINESS_PREMIUM' })).status, 200);
  assert.is((await create('farm', 'bought')).status, 200, 'buying is no trial');
});

test('31: extended in its last fifteen days, once; told before it ends; then thirty days of grace, and deleted', async () => {
  await accepted(create('acme', 'trial', { trial: true, term: 'P1M' }));
  const activated = await accepted(command('acme/trial', 'activate'));
  assert.is((await show('acme/trial', activated.position)).termEnd, '2027-02-01T00:00:00.000Z');
  await advanceTo('2027-01-16T23:59:59.999Z');
  assert.equal(await refusedWith(command('acme/trial', 'extend-trial')), ['TRIAL_EXTENSION_TOO_EARLY']);
  await advanceTo('2027-01-17T00:00:00.000Z');
  await accepted(command('acme/trial', 'extend-trial'));
  await advanceTo('2027-02-25T00:00:00.000Z');
  assert.is((await show('acme/trial')).termEnd, '2027-03-03T00:00:00.000Z');
  assert.equal(await refusedWith(command('acme/trial', 'extend-trial')), ['TRIAL_EXTENSION_USED']);
  const { notices } = await accepted(perennial.get('/tenants/acme/subscriptions/trial/notices?status=queued'));
  assert.equal(
    notices.map(({ kind, deadline }: Json) => [kind, deadline.at]),
    [['trial_ending', '2027-03-03T00:00:00.000Z']],
  );
  await advanceTo('2027-03-03T00:00:00.000Z');
  assert.is((await show('acme/trial')).status, 'expired');
  await advanceTo('2027-04-02T00:00:00.000Z');
  assert.is((await show('acme/trial')).status, 'deleted', 'never disabled');
});

test('32: suspended by the partner and paused by the customer: access returns only when both are gone', async () => {
  await accepted(create('acme', 'held', { channel: 'reseller' }));
  await accepted(command('acme/held', 'activate'));
  const { position } = await accepted(command('acme/held', 'assign-license', { userId: 'alice' }));
  const access = async (minPosition: string): Promise<string> => {
    const { apps } = await accepted(perennial.get(`/tenants/acme/users/alice/apps?minPosition=${minPosition}`));
    return [
      ...new Set<string>(apps.filter(({ kind }: Json) => kind !== 'desktop').map((app: Json) => app.access)),
    ].join();
  };
  assert.is(await access(position), 'full');
  const { termEnd } = await show('acme/held', position);

  await accepted(command('acme/held', 'suspend', {}, 'partner'));
  await accepted(command('acme/held', 'pause', {}, 'billing-admin'));
  await advanceTo('2027-04-12T00:00:00.000Z');
  const resumed = await accepted(command('acme/held', 'resume', { hold: 'suspend' }, 'partner'));
  assert.is(await access(resumed.position), 'none', 'the pause is still there');
  await advanceTo('2027-04-22T00:00:00.000Z');
  const back = await accepted(command('acme/held', 'resume', { hold: 'pause' }, 'billing-admin'));
  assert.is(await access(back.position), 'full');
  assert.is(
    (await show('acme/held', back.position)).termEnd,
    new Date(Date.parse(termEnd) + 20 * 86_400_000).toISOString(),
    'the pause gave its twenty days back',
  );
});

test('32: a suspension gives no time back, and each side releases its own hold', async () => {
  await accepted(create('acme', 'suspended', { channel: 'reseller' }));
  const activated = await accepted(command('acme/suspended', 'activate'));
  const { termEnd } = await show('acme/suspended', activated.position);
  await accepted(command('acme/suspended', 'suspend', {}, 'partner'));
  assert.ok((await command('acme/suspended', 'resume', { hold: 'suspend' }, 'billing-admin')).status >= 400);
  await advanceTo('2027-05-22T00:00:00.000Z');
  const { position } = await accepted(command('acme/suspended', 'resume', { hold: 'suspend' }, 'partner'));
  const after = await show('acme/suspended', position);
  assert.equal([after.termEnd, after.holds], [termEnd, []]);
});

test.run();
